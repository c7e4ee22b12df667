/**
 * Training mode and inference on both backends: dropped elements, the statistics that normalise, and the steps that update
 * them.
 */
import { describe, expect, it } from 'vitest';
import {
  add,
  assign,
  batchNormalization,
  constant,
  dropout,
  GraphError,
  gradientDescent,
  group,
  matmul,
  mul,
  NumericsError,
  ones,
  placeholder,
  reduceMean,
  reduceSum,
  relu,
  softmaxCrossEntropy,
  square,
  sub,
  truncatedNormal,
  variable,
  zeros,
  type Tensor,
  type Value,
  type Variable,
} from '../../src/index.ts';
import { createSession } from '../../src/node.ts';
import type { Session } from '../../src/session/session.ts';
import { backends, CLASSES, collect, columns, FEATURES, keepDevice, smallSet } from './programs.ts';

keepDevice();
const set = smallSet();
const data = columns(set);
const training = { training: true };

/** A batch normalisation with variables of its own. */
function normalized(x: Tensor, name: string, options: { momentum?: number; epsilon?: number } = {}) {
  const channels = [x.shape.at(-1) ?? 1];
  const gamma = variable(`${name}/gamma`, ones(channels));
  const beta = variable(`${name}/beta`, zeros(channels));
  const movingMean = variable(`${name}/movingMean`, zeros(channels), { trainable: false });
  const movingVariance = variable(`${name}/movingVariance`, ones(channels), { trainable: false });
  const y = batchNormalization(x, { gamma, beta, movingMean, movingVariance, ...options });
  return { y, gamma, beta, movingMean, movingVariance };
}

const numbersOf = (value: Value): number[] => (typeof value === 'number' ? [value] : Array.from(value.data));
const valueOf = async (session: Session, of: Variable): Promise<number[]> => numbersOf(await session.get(of));

/** Expects numbers equal to 1e-5 of their size. */
function expectNear(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  expected.forEach((value, i) =>
    expect(Math.abs((actual[i] ?? NaN) - value)).toBeLessThan(1e-5 * (1 + Math.abs(value))),
  );
}

describe.each(backends)('dropout on %s', (backend) => {
  const x = placeholder('x', [null, 33]);
  const rows = Float32Array.from({ length: 5 * 33 }, (_, i) => i + 1);
  const dropped = dropout(x, 0.4);
  const W = variable('W', ones([33]));
  const step = gradientDescent(0.001).minimize(reduceSum(square(mul(dropped, W))));
  const drop = async (session: Session): Promise<number[]> =>
    numbersOf(await session.run(dropped, { x: rows }, training));

  it('leaves everything as it is outside of training', async () => {
    const session = await createSession({ backend });
    expect(numbersOf(await session.run(dropped, { x: rows }))).toEqual([...rows]);
    expect(numbersOf(await session.run(dropped, { x: rows }, { training: false }))).toEqual([...rows]);
    expect(session.plan(dropped, { x: rows }).graph).not.toContain('dropout');
    expect(session.plan(dropped, { x: rows }, training).graph).toContain('dropoutMask');
    expect(session.explain(dropped, { x: rows }, training)).toContain('dropoutMask');
    const images = placeholder('x', [null, FEATURES]);
    const evaluated = { data: { x: set.images }, batchSize: 25, fetch: { same: images, less: dropout(images, 0.5) } };
    const { same, less } = await session.evaluate(evaluated);
    expect(less).toEqual(same);
    expect(await session.evaluate({ ...evaluated, training: true })).not.toEqual({ same, less });
    session.dispose();
  });

  it('drops by the number of the step, independent of runs in between', async () => {
    const session = await createSession({ backend, seed: 9 });
    const first = await drop(session);
    expect(first.filter((value) => value === 0).length).toBeGreaterThan(30);
    expect(await drop(session)).toEqual(first);
    await session.run(assign(W, constant(new Float32Array(33))));
    expect(await drop(session)).toEqual(first);
    // What an operation trains on is what is fetched beside it.
    const [second] = await session.run([dropped, step], { x: rows });
    expect(numbersOf(second)).toEqual(first);
    const [third] = await session.run([dropped, step], { x: rows });
    expect(numbersOf(third)).not.toEqual(first);
    await session.reset();
    expect(await drop(session)).toEqual(first);
    session.dispose();
  });

  it('drops as the other backend does', async () => {
    const sessions = await Promise.all(backends.map((one) => createSession({ backend: one, seed: 123 })));
    for (let i = 0; i < 3; i++) {
      const masks = await Promise.all(sessions.map(drop));
      expect(masks[0]).toEqual(masks[1]);
      await Promise.all(sessions.map((session) => session.run(step, { x: rows })));
    }
    for (const session of sessions) session.dispose();
  });

  it('every step of a submit has its own number', async () => {
    const image = placeholder('x', [null, FEATURES]);
    const seen = variable('seen', zeros([7, FEATURES]), { trainable: false });
    const U = variable('U', zeros([FEATURES]));
    const mask = dropout(constant(new Float32Array(7 * FEATURES).fill(1), [7, FEATURES]), 0.5);
    const moves = gradientDescent(0).minimize(reduceSum(mul(add(image, mask), U)));
    const adds = group(moves, assign(seen, add(seen, mask)));
    const sums: number[][] = [];
    for (const stepsPerSubmit of [1, 16]) {
      const session = await createSession({ backend });
      await collect(session.train(adds, { steps: 16, batchSize: 7, data: { x: set.images }, stepsPerSubmit }));
      sums.push(await valueOf(session, seen));
      session.dispose();
    }
    expect(sums[0]).toEqual(sums[1]);
    // Each of 84 elements is kept in 8 of 16 steps, give or take; all alike would be 0 or 32.
    expect(new Set(sums[0]).size).toBeGreaterThan(4);
    expect(sums[0]?.every((sum) => sum > 0 && sum < 32)).toBe(true);
  });
});

describe.each(backends)('dropout by a rate that is fed on %s', (backend) => {
  const x = placeholder('x', [null, 33]);
  const keep = placeholder('keep', []);
  const dropped = dropout(x, sub(1, keep), { name: 'drop' });
  const W = variable('W', ones([33]));
  const step = gradientDescent(0.001).minimize(reduceSum(square(mul(dropped, W))));
  const rows = new Float32Array(5 * 33).fill(1);
  const drop = async (session: Session, share: number): Promise<number[]> =>
    numbersOf(await session.run(dropped, { x: rows, keep: share }, training));

  it('drops as the number does, in one plan for all shares', async () => {
    const session = await createSession({ backend, seed: 9 });
    const fed = { x: rows, keep: 0.5 };
    for (const share of [0.5, 0.75, 0.25, 1]) {
      const byNumber = dropout(x, 1 - share, { name: 'drop' });
      expectNear(await drop(session, share), numbersOf(await session.run(byNumber, { x: rows }, training)));
      expect(numbersOf(await session.run(dropped, { x: rows, keep: share }))).toEqual([...rows]);
    }
    expect(await drop(session, 0)).toEqual(new Array<number>(rows.length).fill(0));
    const byNumber = gradientDescent(0.001).minimize(reduceSum(square(mul(dropout(x, 0.5), W))));
    if (backend === 'webgpu')
      expect(session.plan(step, fed).dispatches).toBe(session.plan(byNumber, { x: rows }).dispatches);
    session.dispose();
  });

  it('stops a step with an invalid rate, before anything changes', async () => {
    const session = await createSession({ backend });
    await session.run(step, { x: rows, keep: 0.5 });
    const before = await valueOf(session, W);
    for (const share of [-0.5, 1.5])
      await expect(session.run(step, { x: rows, keep: share })).rejects.toBeInstanceOf(NumericsError);
    expect(await valueOf(session, W)).toEqual(before);
    session.dispose();
  });

  it('is held constant for a run', async () => {
    const image = placeholder('x', [null, FEATURES]);
    const V = variable('V', ones([FEATURES]));
    const drops = gradientDescent(0.01).minimize(reduceSum(square(mul(dropout(image, sub(1, keep)), V))));
    const session = await createSession({ backend });
    const after = async (share: number): Promise<number[]> => {
      await session.reset();
      await collect(session.train(drops, { steps: 3, batchSize: 7, data: { x: set.images }, feeds: { keep: share } }));
      return valueOf(session, V);
    };
    expect(await after(0)).toEqual(new Array<number>(FEATURES).fill(1));
    expect(await after(0.5)).not.toEqual(await after(1));
    session.dispose();
  });
});

describe.each(backends)('batch normalisation on %s', (backend) => {
  const x = placeholder('x', [null, 3, 2]);
  const W = variable('W', [2, -1]);
  const { y, movingMean, movingVariance } = normalized(mul(x, W), 'bn', { momentum: 0.9, epsilon: 0.01 });
  const loss: Tensor = reduceSum(square(y));
  const step = gradientDescent(0).minimize(loss);
  const batch = (k: number): number[][][] =>
    Array.from({ length: 4 + k }, (_, i) =>
      [0, 1, 2].map((j) => [0, 1].map((c) => Math.sin(7 * i + 3 * j + c + k) + k * c)),
    );

  /** What the layer is given: a batch times W. */
  const channelsOf = (k: number): number[][] =>
    [2, -1].map((weight, c) => batch(k).flatMap((rows) => rows.map((row) => (row[c] ?? 0) * weight)));
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  const variance = (values: readonly number[]): number => mean(values.map((value) => (value - mean(values)) ** 2));

  /** The layer's output, normalised by the statistics of each channel. */
  const normalOf = (k: number, means: readonly number[], variances: readonly number[]): number[] => {
    const channels = channelsOf(k).map((values, c) =>
      values.map((value) => (value - (means[c] ?? 0)) / Math.sqrt((variances[c] ?? 0) + 0.01)),
    );
    return (channels[0] ?? []).flatMap((value, i) => [value, channels[1]?.[i] ?? NaN]);
  };

  it('moves its running statistics with every step, and with nothing else', async () => {
    const session = await createSession({ backend });
    const running = { means: [0, 0], variances: [1, 1] };
    for (const k of [0, 1, 2]) {
      await session.run(step, { x: batch(k) });
      await session.run(loss, { x: batch(5) }, training);
      await session.run(loss, { x: batch(6) });
      running.means = channelsOf(k).map((values, c) => 0.9 * (running.means[c] ?? 0) + 0.1 * mean(values));
      running.variances = channelsOf(k).map((values, c) => 0.9 * (running.variances[c] ?? 0) + 0.1 * variance(values));
      expectNear(await valueOf(session, movingMean), running.means);
      expectNear(await valueOf(session, movingVariance), running.variances);
    }
    const outside = numbersOf(await session.run(y, { x: batch(3) }));
    expectNear(outside, normalOf(3, running.means, running.variances));
    const inTraining = numbersOf(await session.run(y, { x: batch(3) }, training));
    expectNear(inTraining, normalOf(3, channelsOf(3).map(mean), channelsOf(3).map(variance)));
    session.dispose();
  });

  it('of a single row: zeros in training, and finite slopes', async () => {
    const input = placeholder('x', [null, 2]);
    const layer = normalized(mul(input, W), 'one');
    const train = gradientDescent(0.1).minimize(reduceSum(layer.y));
    const session = await createSession({ backend });
    const [values] = await session.run([layer.y, train], { x: [[3, 4]] });
    expect(numbersOf(values)).toEqual([0, 0]);
    expectNear(await valueOf(session, layer.movingMean), [0.06, -0.04]);
    expectNear(await valueOf(session, layer.movingVariance), [0.99, 0.99]);
    expectNear(await valueOf(session, layer.beta), [-0.1, -0.1]);
    session.dispose();
  });

  it('is trained as on the other backend', async () => {
    const images = placeholder('x', [null, FEATURES]);
    const labels = placeholder('y_', [null, CLASSES]);
    const W1 = variable('W1', truncatedNormal([FEATURES, 9], { stddev: 0.3 }));
    const W2 = variable('W2', truncatedNormal([9, CLASSES], { stddev: 0.3 }));
    const hidden = dropout(relu(normalized(matmul(images, W1), 'hidden').y), 0.2);
    const entropy = reduceMean(softmaxCrossEntropy(matmul(hidden, W2), labels));
    const descend = gradientDescent(0.5).minimize(entropy);
    const [mine, other] = await Promise.all(
      [backend, backends.find((one) => one !== backend)].map(async (one) => {
        const session = await createSession({ backend: one, seed: 1 });
        const reports = await collect(
          session.train(descend, { steps: 30, batchSize: 20, data, every: 1, fetch: { loss: entropy } }),
        );
        session.dispose();
        return reports.map(({ values }) => values.loss);
      }),
    );
    expect(mine).toHaveLength(30);
    mine?.forEach((value, i) => expect(Math.abs(value / (other?.[i] ?? NaN) - 1)).toBeLessThan(1e-3));
    expect(mine?.at(-1)).toBeLessThan(0.6 * (mine?.[0] ?? 0));
  });
});

describe('two steps and one normalisation', () => {
  const x = placeholder('x', [null, 2]);
  const W = variable('W', [2, -1]);
  const { y, gamma, movingMean } = normalized(mul(x, W), 'shared');
  const loss = reduceSum(square(y));

  it('in a group the statistics move once', async () => {
    const both = group(
      gradientDescent(0.1).minimize(loss, { variables: [W] }),
      gradientDescent(0.2).minimize(loss, { variables: [gamma] }),
    );
    const session = await createSession({ backend: 'cpu' });
    await session.run(both, {
      x: [
        [1, 2],
        [3, 4],
      ],
    });
    expectNear(await valueOf(session, movingMean), [0.04, -0.03]);
    session.dispose();
  });

  it('used twice for one loss it is refused', () => {
    const { gamma: g, movingMean: m } = normalized(x, 'twice');
    const options = {
      gamma: g,
      beta: g,
      movingMean: m,
      movingVariance: variable('v', ones([2]), { trainable: false }),
    };
    const twice = batchNormalization(relu(batchNormalization(x, options)), options);
    const build = (): unknown => gradientDescent(0.1).minimize(reduceSum(twice));
    expect(build).toThrow(GraphError);
    expect(build).toThrow(/'twice\/movingMean' is set to two values; a run can set a variable once/);
  });
});
