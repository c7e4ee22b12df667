/**
 * Trains the network of mlp.ts and writes its weights:
 *   node test/tools/launch.js node test/tools/run.js test/data/digits/train.ts
 * Each epoch sees MNIST's training digits slightly turned, slanted and scaled anew, so that the network is right of 98.6 %.
 */
import { writeFileSync } from 'node:fs';
import { Dataset, loadMnist } from 'inkling/data';
import { createClassifier, dense, flatten, sequential } from 'inkling/layers';
import { adam, oneCycle } from 'inkling/node';
import { file, loadMlp, pack, UNITS } from './mlp.ts';
import { random } from './random.ts';

const EPOCHS = 12;
const BATCH = 200;

/** Digits turned by up to 8°, slanted by up to a tenth and scaled by up to 8 % about their middle, sampled bilinearly. */
function varied({ images, size, labels, classes }: Dataset, seed: number): Dataset {
  const next = random(seed);
  const within = (most: number): number => (2 * next() - 1) * most;
  const from = images.values;
  const features = new Uint8Array(from.length);
  for (let image = 0; image < size; image++) {
    const [angle, slant] = [within((8 * Math.PI) / 180), within(0.1)];
    const [wide, high] = [1 + within(0.08), 1 + within(0.08)];
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    for (let i = 0; i < 784; i++) {
      const [u, v] = [((i % 28) - 14) * wide, (Math.floor(i / 28) - 14) * high];
      const [x, y] = [14 + cos * u - sin * v + slant * v, 14 + sin * u + cos * v];
      const [left, top] = [Math.floor(x), Math.floor(y)];
      const at = (column: number, row: number): number =>
        column < 0 || column > 27 || row < 0 || row > 27 ? 0 : (from[image * 784 + row * 28 + column] ?? 0);
      const [right, down] = [x - left, y - top];
      const above = at(left, top) * (1 - right) + at(left + 1, top) * right;
      const below = at(left, top + 1) * (1 - right) + at(left + 1, top + 1) * right;
      features[image * 784 + i] = above * (1 - down) + below * down;
    }
  }
  return Dataset.from({ features, labels: Array.from(labels.values), shape: [28, 28, 1], classes });
}

const { train, test } = await loadMnist({ validation: 0 });
const hidden = UNITS.slice(1, -1).map((units) => dense({ units, activation: 'relu' }));
const layers = [flatten(), ...hidden, dense({ units: 10, activation: 'softmax' })];
const classifier = await createClassifier(sequential({ input: [28, 28, 1], classes: train.classes, layers }), {
  optimizer: adam(oneCycle(0.004, (EPOCHS * train.size) / BATCH), { beta1: 0.7, beta2: 0.9 }),
  seed: 1,
});
for (let epoch = 0; epoch < EPOCHS; epoch++) {
  const digits = epoch + 1 < EPOCHS ? varied(train, epoch) : train;
  for await (const { step, loss } of classifier.fit(digits, { epochs: 1, batchSize: BATCH, every: 150 })) {
    console.log(`step ${step}, loss ${loss.toFixed(4)}`);
  }
  console.log(`epoch ${epoch + 1}: accuracy ${(await classifier.evaluate(test)).accuracy}`);
}
const values = await Promise.all(
  classifier.variables.map(async (weight) => (await classifier.session.get(weight)).data as Float32Array),
);
const pairs = UNITS.slice(1).map((_, i) => ({
  kernel: values[2 * i] ?? new Float32Array(),
  bias: values[2 * i + 1] ?? new Float32Array(),
}));
writeFileSync(file, pack(pairs));
const guess = loadMlp();
const digit = (i: number): Float32Array =>
  Float32Array.from(test.images.values.subarray(784 * i, 784 * (i + 1)), (byte) => byte / 255);
const right = Array.from({ length: test.size }, (_, i) => guess(digit(i)) === test.label(i)).filter(Boolean).length;
console.log(`in bytes: ${right} of ${test.size}`);
classifier.dispose();
