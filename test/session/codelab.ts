/** The codelab's program; tests run it word for word. */
import {
  add,
  argMax,
  cast,
  createSession,
  equal,
  gradientDescent,
  log,
  matmul,
  mul,
  neg,
  placeholder,
  reduceMean,
  reduceSum,
  softmax,
  variable,
  zeros,
} from 'inkling';
import { loadMnist } from 'inkling/data';

const { train, test } = await loadMnist();
const x = placeholder('x', [null, 784]);
const W = variable('W', zeros([784, 10]));
const b = variable('b', zeros([10]));
const y = softmax(add(matmul(x, W), b));
const y_ = placeholder('y_', [null, 10]);
const crossEntropy = neg(reduceSum(mul(y_, log(y)))); // the scheduler makes this stable and fused
const trainStep = gradientDescent(0.01).minimize(crossEntropy);

const session = await createSession();
for (let i = 0; i < 1000; i++) {
  const batch = train.nextBatch(100);
  await session.run(trainStep, { x: batch.images, y_: batch.labels });
}
const accuracy = reduceMean(cast(equal(argMax(y, 1), argMax(y_, 1)), 'float32'));
console.log(await session.run(accuracy, { x: test.images, y_: test.labels })); // about 0.92
