/**
 * Data of your own, as numbers: images of squares and of circles, drawn here, train a small classifier.
 *   node test/tools/run.js examples/own-data/arrays.ts
 */
import { Dataset } from 'inkling/data';
import { createClassifier, dense, flatten, sequential } from 'inkling/layers';
import 'inkling/node';

const SIDE = 16;

/** One image of bytes, row-major: the outline of a square or a circle. */
function draw(isCircle: boolean, radius: number, x: number, y: number): Uint8Array {
  return Uint8Array.from({ length: SIDE * SIDE }, (_, i) => {
    const [dx, dy] = [Math.abs((i % SIDE) - x), Math.abs(Math.floor(i / SIDE) - y)];
    const distance = isCircle ? Math.hypot(dx, dy) : Math.max(dx, dy);
    return 255 * Math.max(0, 1 - Math.abs(distance - radius));
  });
}

/** One of any size, anywhere in the image. */
function drawAnyhow(isCircle: boolean): Uint8Array {
  const radius = 3 + 4 * Math.random();
  const anywhere = (): number => radius + (SIDE - 1 - 2 * radius) * Math.random();
  return draw(isCircle, radius, anywhere(), anywhere());
}

/** Bytes are read as value/255. Labels are indices into the classes' names. */
function shapes(name: string, size: number): Dataset {
  const labels = Array.from({ length: size }, (_, i) => i % 2);
  const features = labels.map((label) => drawAnyhow(label === 1));
  return Dataset.from({ name, features, labels, classes: ['square', 'circle'], shape: [SIDE, SIDE, 1] });
}

const [train, test] = [shapes('train', 2000), shapes('test', 500)];
const model = sequential({
  input: train.imageShape,
  classes: train.classes,
  layers: [flatten(), dense({ units: 32, activation: 'relu' }), dense({ units: 2, activation: 'softmax' })],
});

const classifier = await createClassifier(model, { optimizer: 'adam' });
for await (const { step, loss, validation } of classifier.fit(train, { epochs: 10, validation: test }))
  if (validation) console.log(`step ${step}: loss ${loss.toFixed(3)}, test accuracy ${validation.accuracy.toFixed(3)}`);

const [prediction] = await classifier.predict([draw(true, 5, 8, 8)]);
console.log(`The image of a circle is classified as: ${prediction?.label ?? ''}`);
classifier.dispose();
