/** A typical script: trains a little on WebGPU, prints, and lets Node end. Run by node-process.gpu.test.ts. */
import { Dataset } from 'inkling/data';
import { createSession, gradientDescent, matmul, ones, placeholder, reduceSum, square, variable } from 'inkling/node';

const [, , ends] = process.argv;
const set = Dataset.from({
  features: Float32Array.from({ length: 600 }, (_, i) => i / 600),
  labels: new Array(60).fill(0),
});
const x = placeholder('x', [null, 10]);
const loss = reduceSum(square(matmul(x, variable('W', ones([10, 1])))));
const step = gradientDescent(0.001).minimize(loss);

const session = await createSession();
const options = { steps: 30, batchSize: 10, data: { x: set.images }, fetch: { loss } };
for await (const { step: at, values } of session.train(step, { ...options, every: 30 })) {
  console.log(session.backend, at, Number.isFinite(values.loss));
}
if (ends === 'in the middle') void session.train(step, { ...options, every: 10 }).next();
if (ends === 'disposed') session.dispose();
if (ends === 'exit') {
  void session.train(step, { ...options, every: 10 }).next();
  process.exit(3);
}
