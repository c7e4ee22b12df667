/**
 * The codelab's program on real MNIST in Node: word for word on WebGPU and on the CPU, and its loop as `train`, which
 * computes the same bits in slices of any size.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { loadMnist, type Mnist } from '../../src/data/index.ts';
import {
  add,
  argMax,
  cast,
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
import { createSession } from '../../src/node.ts';

let mnist: Mnist;

beforeAll(async () => {
  mnist = await loadMnist();
});

/** The same graph, trained by `train`. */
function program() {
  const x = placeholder('x', [null, 784]);
  const W = variable('W', zeros([784, 10]));
  const b = variable('b', zeros([10]));
  const y = softmax(add(matmul(x, W), b));
  const y_ = placeholder('y_', [null, 10]);
  const crossEntropy = neg(reduceSum(mul(y_, log(y))));
  const trainStep = gradientDescent(0.01).minimize(crossEntropy);
  const accuracy = reduceMean(cast(equal(argMax(y, 1), argMax(y_, 1)), 'float32'));
  return { W, b, crossEntropy, trainStep, accuracy };
}

interface Run {
  readonly steps: number;
  readonly seed?: number;
  readonly every?: number;
  readonly fetch?: boolean;
  /** Look at everything, and wait, when the run is at a report near this step. */
  readonly pauseAt?: number;
}

/** A run; the weights' bits, and the accuracy on the test set. */
async function train(backend: 'webgpu' | 'cpu', { steps, seed = 0, every, fetch = true, pauseAt }: Run) {
  const { W, b, crossEntropy, trainStep, accuracy } = program();
  const session = await createSession({ backend, seed });
  const data = { x: mnist.train.images, y_: mnist.train.labels };
  const evaluate = () =>
    session.evaluate({ data: { x: mnist.test.images, y_: mnist.test.labels }, fetch: { accuracy } });
  const options = { steps, batchSize: 100, data, ...(every === undefined ? {} : { every }) };
  let paused = false;
  for await (const { step } of session.train(trainStep, {
    ...options,
    ...(fetch ? { fetch: { crossEntropy } } : {}),
  })) {
    if (pauseAt === undefined || paused || step < pauseAt) continue;
    paused = true;
    await evaluate();
    await session.get(W);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(paused).toBe(pauseAt !== undefined);
  const bits = [W, b].map(async (variable) => new Uint32Array((await session.get(variable)).data.buffer));
  const result = { bits: await Promise.all(bits), accuracy: (await evaluate()).accuracy };
  session.dispose();
  return result;
}

describe.each(['webgpu', 'cpu'] as const)('train() on %s', { timeout: 120_000 }, (backend) => {
  it('reaches 0.91 to 0.93 in 1,000 steps', async () => {
    const { accuracy } = await train(backend, { steps: 1000, every: 500 });
    expect(accuracy).toBeGreaterThan(0.91);
    expect(accuracy).toBeLessThan(0.93);
  });

  it('makes the same bits of 200 steps however they are cut up, and others of another seed', async () => {
    const steps = 200;
    const first = await train(backend, { steps, every: 100 });
    expect(await train(backend, { steps, pauseAt: 80 })).toEqual(first);
    expect(await train(backend, { steps, every: 1, fetch: false })).toEqual(first);
    expect((await train(backend, { steps, seed: 1 })).bits).not.toEqual(first.bits);
  });
});

// Last, since it loads the modules anew: engines that load later would belong to the new ones.
describe('word for word', () => {
  beforeEach(() => {
    vi.resetModules();
    vi.spyOn(console, 'info').mockReturnValue();
  });
  afterAll(() => void vi.restoreAllMocks());

  /** What the program prints. */
  async function printed(): Promise<number> {
    const log = vi.spyOn(console, 'log').mockReturnValue();
    await import('./codelab.ts');
    return Number(log.mock.lastCall?.[0]);
  }

  it('on WebGPU', { timeout: 120_000 }, async () => {
    await import('../../src/node.ts');
    const accuracy = await printed();
    expect(accuracy).toBeGreaterThan(0.91);
    expect(accuracy).toBeLessThan(0.93);
    expect(console.info).not.toHaveBeenCalled();
  });

  it('on the CPU, where inkling/node is not imported, with one note', { timeout: 120_000 }, async () => {
    const accuracy = await printed();
    expect(accuracy).toBeGreaterThan(0.91);
    expect(accuracy).toBeLessThan(0.93);
    expect(console.info).toHaveBeenCalledOnce();
  });
});
