/**
 * An activation of one's own: mish, defined once as a WGSL expression, a JavaScript function and a gradient. It is fused into the
 * kernels of its network like Inkling's own. A check runs it on both backends, the training on one.
 *   node test/tools/run.js examples/own-op/main.ts
 */
import { add, adam, argMax, cast, createSession, defineOp, equal, heNormal, matmul, mul, placeholder } from 'inkling';
import { reduceMean, sigmoid, softmaxCrossEntropy, softplus, square, sub, tanh, variable, zeros } from 'inkling';
import { loadMnist } from 'inkling/data';
import 'inkling/node';

/** x · tanh(ln(1 + eˣ)), by Diganta Misra. */
const mish = defineOp({
  name: 'mish',
  expression: (x) => `${x} * tanh(max(${x}, 0) + log(1 + exp(-abs(${x}))))`,
  js: (x) => x * Math.tanh(Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))),
  gradient({ inputs: [x], gradient }) {
    const t = tanh(softplus(x));
    return [mul(gradient, add(t, mul(mul(x, sigmoid(x)), sub(1, square(t)))))];
  },
});

// The check: both backends give the same numbers.
const numbers = placeholder('numbers', [null]);
const feeds = { numbers: [-5, -1, 0, 0.5, 3, 20] };
for (const backend of ['cpu', 'auto'] as const) {
  const session = await createSession({ backend });
  const { data } = await session.run(mish(numbers), feeds);
  console.log('mish:', Array.from(data, (y) => y.toFixed(5)).join(', '));
  session.dispose();
}

const { train, test } = await loadMnist();
const x = placeholder('x', [null, 784]);
const labels = placeholder('labels', [null, 10]);
const hidden = mish(add(matmul(x, variable('W1', heNormal([784, 32]))), variable('b1', zeros([32]))));
const logits = add(matmul(hidden, variable('W2', heNormal([32, 10]))), variable('b2', zeros([10])));
const loss = reduceMean(softmaxCrossEntropy(logits, labels));
const step = adam(0.003).minimize(loss);
const accuracy = reduceMean(cast(equal(argMax(logits, 1), argMax(labels, 1)), 'float32'));

const session = await createSession();
const data = { x: train.images, labels: train.labels };
for await (const { step: done, values } of session.train(step, {
  steps: 300,
  batchSize: 100,
  data,
  fetch: { loss },
  every: 100,
}))
  console.log(`step ${done}: loss ${values.loss.toFixed(3)}`);
const result = await session.evaluate({ data: { x: test.images, labels: test.labels }, fetch: { accuracy } });
console.log(`test accuracy ${result.accuracy.toFixed(3)}`);
session.dispose();
