/**
 * Data of your own, as rows of a table: flowers that are measured one by one. Their kinds are classified, and the length of the
 * petals is predicted from the other measures.
 *   node test/tools/run.js examples/own-data/table.ts
 */
import {
  add,
  createSession,
  gradientDescent,
  matmul,
  placeholder,
  reduceMean,
  square,
  sub,
  variable,
  zeros,
} from 'inkling';
import { Dataset } from 'inkling/data';
import { createClassifier, dense, sequential } from 'inkling/layers';
import 'inkling/node';

const kinds = { daisy: [2, 9, 1], poppy: [6, 3, 4], tulip: [9, 6, 8] } as const;

/** Rows may as well come from a stream, a database or a file, by an async generator. */
function* flowers(count: number) {
  for (let i = 0; i < count; i++) {
    for (const [label, sizes] of Object.entries(kinds)) {
      const growth = 0.7 + 0.6 * Math.random();
      yield { features: sizes.map((size) => growth * size + 0.5 * Math.random()), label };
    }
  }
}

// Each part has the same share of each kind. The test set is scaled by the statistics of the training set.
const all = await Dataset.fromIterable(flowers(200), { name: 'flowers' });
const [first, rest] = all.split(0.8, { stratify: true, seed: 1 });
const train = first.normalize();
const test = rest.normalize(train.statistics);

const layers = [dense({ units: 3, activation: 'softmax' })];
const model = sequential({ input: train.imageShape, classes: train.classes, layers });
const classifier = await createClassifier(model, { optimizer: { name: 'adam', learningRate: 0.02 } });
for await (const { step, validation } of classifier.fit(train, { epochs: 20, validation: test }))
  if (validation && step % 75 === 0) console.log(`step ${step}: test accuracy ${validation.accuracy.toFixed(3)}`);
classifier.dispose();

// A regression: the last measure is the target, the others are the features.
const lengths = Array.from({ length: train.size }, (_, i) => train.images.row(i).subarray(2));
const others = train.map((row) => row.subarray(0, 2), { shape: [2] });
const regression = Dataset.from({ features: others.images.values, shape: [2], targets: lengths });

const x = placeholder('x', [null, 2]);
const y = placeholder('y', [null, 1]);
const prediction = add(matmul(x, variable('W', zeros([2, 1]))), variable('b', zeros([1])));
const loss = reduceMean(square(sub(prediction, y)));
const session = await createSession();
const data = { x: regression.images, y: regression.labels };
const step = gradientDescent(0.1).minimize(loss);
const run = session.train(step, { steps: 300, batchSize: 32, data, fetch: { loss }, every: 100 });
for await (const { step, values } of run) console.log(`step ${step}: squared error ${values.loss.toFixed(3)}`);
session.dispose();
