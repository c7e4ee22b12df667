/**
 * The codelab's program, word for word, and the fast way to say its loop: on WebGPU and on the CPU, on real MNIST.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { loadMnist } from '../../src/data/index.ts';
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
} from '../../src/index.ts';
import '../../src/node.ts';

function codelab() {
  const x = placeholder('x', [null, 784]);
  const W = variable('W', zeros([784, 10]));
  const b = variable('b', zeros([10]));
  const y = softmax(add(matmul(x, W), b));
  const y_ = placeholder('y_', [null, 10]);
  const crossEntropy = neg(reduceSum(mul(y_, log(y))));
  const trainStep = gradientDescent(0.01).minimize(crossEntropy);
  const accuracy = reduceMean(cast(equal(argMax(y, 1), argMax(y_, 1)), 'float32'));
  return { x, W, b, y, y_, crossEntropy, trainStep, accuracy };
}

const { train, test } = await loadMnist();

describe.each(['webgpu', 'cpu'] as const)('the codelab on %s', (backend) => {
  it('trains 1,000 steps to between 0.91 and 0.93', { timeout: 120_000 }, async () => {
    const { crossEntropy, trainStep, accuracy } = codelab();
    const session = await createSession({ backend });
    console.log(
      session.explain(trainStep, {
        data: { x: train.images, y_: train.labels },
        batchSize: 100,
        fetch: { loss: crossEntropy },
      }),
    );
    const began = performance.now();
    for await (const { step, values, stepsPerSecond } of session.train(trainStep, {
      steps: 1000,
      batchSize: 100,
      data: { x: train.images, y_: train.labels },
      fetch: { loss: crossEntropy },
    }))
      console.log(step, values.loss, stepsPerSecond);
    console.log(performance.now() - began);
    const { accuracy: reached } = await session.evaluate({
      data: { x: test.images, y_: test.labels },
      fetch: { accuracy },
    });
    console.log(reached);
    expect(reached).toBeGreaterThan(0.91);
    expect(reached).toBeLessThan(0.93);
    expect(await session.run(accuracy, { x: test.images, y_: test.labels })).toBeCloseTo(reached, 6);
    session.dispose();
  });
});
