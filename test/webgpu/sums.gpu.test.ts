/**
 * Long sums are right to 1e-6 for any length and axes, on both backends, in every schedule and to the bit on every kind of
 * adapter; products of many terms have the error of a thousand.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { evaluate } from '../reference/evaluate.ts';
import { randomStream } from '../../src/graph/random.ts';
import {
  argMax,
  avgPool2d,
  batchNormalization,
  createSession,
  gradients,
  matmul,
  mul,
  placeholder,
  reduceMax,
  reduceMean,
  reduceMin,
  reduceSum,
  softmax,
  square,
  variable,
  zeros,
  type Tensor,
  type TypedArray,
} from '../../src/index.ts';
import '../../src/node.ts';
import { openRig, type FedValue } from './device/rig.ts';
import { ADAPTERS, planFor, TINY_LIMITS } from './planning.ts';

const rig = await openRig();
afterAll(() => {
  expect(rig.faults).toEqual([]);
  rig.dispose();
});

const random = randomStream(5, 'terms');
const terms = {
  ones: () => 1,
  tenths: () => 0.1,
  'random ones': (i: number) => random.uniform(i),
} as const;

function filled(shape: readonly number[], value: (i: number) => number) {
  return { data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => value(i)), shape };
}

/** The largest relative error of positive numbers. */
function errorOf(values: TypedArray | undefined, expected: ArrayLike<number>): number {
  expect(values).toHaveLength(expected.length);
  return Array.from(expected).reduce((most, right, i) => Math.max(most, Math.abs((values?.[i] ?? NaN) / right - 1)), 0);
}

describe.each<{ of: string; shape: number[]; build: (x: Tensor) => Tensor }>([
  { of: 'all of a vector', shape: [60_000], build: (x) => reduceSum(x) },
  { of: 'a vector of prime length', shape: [100_003], build: (x) => reduceMean(x) },
  { of: 'columns', shape: [131_072, 10], build: (x) => reduceSum(x, { axis: 0 }) },
  { of: 'rows', shape: [3, 70_000], build: (x) => reduceSum(x, { axis: 1 }) },
  { of: 'many rows', shape: [1100, 1500], build: (x) => reduceMean(x, { axis: 1 }) },
  { of: 'the first axis and the last', shape: [50, 60, 70], build: (x) => reduceSum(x, { axis: [0, 2] }) },
  { of: 'leading axes', shape: [20, 24, 24, 3], build: (x) => reduceMean(x, { axis: [0, 1, 2] }) },
  { of: 'axes apart', shape: [40, 3, 40, 2], build: (x) => reduceSum(x, { axis: [0, 2] }) },
  { of: 'all of several axes', shape: [7, 1031, 5], build: (x) => reduceMean(x) },
  { of: 'squares', shape: [30_000], build: (x) => reduceMean(square(x)) },
  { of: 'large windows', shape: [1, 70, 70, 2], build: (x) => avgPool2d(x, { size: 64, strides: 5 }) },
])('a sum of $of', ({ shape, build }) => {
  const x: Tensor = placeholder('x', shape);
  it.each(Object.entries(terms))('of %s', async (_, value) => {
    const feeds = new Map([[x, filled(shape, value)]]);
    const [expected] = evaluate([build(x)], feeds, { precision: 'float64' });
    for (const schedule of ['plain', 'auto', 'fused'] as const) {
      const [values] = await rig.run([build(x)], feeds, { schedule });
      expect(errorOf(values, expected?.data ?? []), schedule).toBeLessThan(1e-6);
    }
  });

  it('has the same bits on every kind of adapter, and within tiny limits', async () => {
    const feeds = new Map([[x, filled(shape, terms['random ones'])]]);
    const [values] = await rig.run([build(x)], feeds);
    for (const adapter of Object.values(ADAPTERS))
      expect(await rig.run([build(x)], feeds, { ...adapter, limits: TINY_LIMITS })).toEqual([values]);
  });
});

it.each(['cpu', 'webgpu'] as const)('twenty million terms: %s', async (backend) => {
  const session = await createSession({ backend });
  const x = placeholder('x', [null]);
  const data = new Float32Array(2e7).fill(1);
  expect(await session.run(reduceMean(x), { x: data })).toBe(1);
  const sum = await session.run(reduceSum(x), { x: data.fill(0.1) });
  expect(Math.abs(sum / (2e7 * Math.fround(0.1)) - 1)).toBeLessThan(1e-6);
  session.dispose();
});

it('sums that other ops make: gradients of broadcasts, softmax of long rows, statistics of a batch, a fold', async () => {
  const x: Tensor = placeholder('x', [30_000, 4]);
  const b: Tensor = placeholder('b', [4]);
  const row: Tensor = placeholder('row', [2, 50_000]);
  const moving = (name: string) => variable(name, zeros([4]), { trainable: false });
  const [mean, variance] = [moving('mean'), moving('variance')];
  const images: Tensor = placeholder('images', [1, 44, 44, 1]);
  const normal = batchNormalization(x, { gamma: b, beta: b, movingMean: mean, movingVariance: variance });
  const fetches = [
    ...gradients(reduceSum(mul<Tensor, Tensor>(x, b)), [b]),
    ...gradients(reduceSum(avgPool2d(images, { size: 40, strides: 1 })), [images]),
    softmax(row),
    reduceSum(square(normal), { axis: 0 }),
  ];
  const feeds = new Map<Tensor, FedValue>([
    [x, filled([30_000, 4], terms['random ones'])],
    [b, filled([4], terms.tenths)],
    [row, filled([2, 50_000], terms.tenths)],
    [images, filled([1, 44, 44, 1], terms.tenths)],
  ]);
  const expected = evaluate(fetches, feeds, { precision: 'float64', training: true });
  const values = await rig.run(fetches, feeds);
  expected.forEach(({ data }, i) => {
    expect(errorOf(values[i], data)).toBeLessThan(1e-6);
  });
});

it('infinities and NaN come through a long sum', async () => {
  const x: Tensor = placeholder('x', [5000]);
  for (const [special, sum] of [
    [[Infinity], Infinity],
    [[-Infinity, -Infinity], -Infinity],
    [[3e38, 3e38], Infinity],
    [[Infinity, -Infinity], NaN],
    [[NaN], NaN],
  ] as const) {
    const fed = filled([5000], (i) => special[i - 2000] ?? 1);
    expect(await rig.run([reduceSum(x)], new Map([[x, fed]]))).toEqual([Float32Array.of(sum)]);
  }
});

it('whole numbers and extremes of many, in runs that do not come out even', async () => {
  const shape = [100_003];
  const x: Tensor = placeholder('x', shape);
  const n: Tensor = placeholder('n', shape, 'int32');
  const feeds = new Map([
    [x, filled(shape, (i) => -1 - random.uniform(i))],
    [n, filled(shape, (i) => (i % 7) - 5)],
  ]);
  const fetches = [reduceMax(x), reduceMin(x), argMax(x, 0), reduceSum(n), reduceMax(n), reduceMin(n)];
  const expected = evaluate(fetches, feeds);
  const values = await rig.run(fetches, feeds);
  expect(values.map(([value]) => value)).toEqual(expected.map(({ data: [value] }) => value));
});

it('sums of up to 1024 terms are made in one piece, longer ones in parts by shapes alone', () => {
  const kernelsOf = (shape: readonly number[], adapterClass: 'gpu' | 'software') => {
    const x: Tensor = placeholder('x', shape);
    const feeds = new Map([['x', { kind: 'array', shape } as const]]);
    return planFor({ fetches: [reduceSum(x, { axis: 0 })], feeds }, { adapterClass }).kernels.map(({ name }) => name);
  };
  for (const adapterClass of ['gpu', 'software'] as const) {
    expect(kernelsOf([1024, 3], adapterClass)).toEqual(['reduce-sum [1024, 3]']);
    expect(kernelsOf([4096, 1024], adapterClass)).toEqual(['reduce-sum [4096, 1024]']);
    expect(kernelsOf([60_000], adapterClass)).toEqual(['reduce-sum [240, 250]', 'reduce-sum [250]']);
    expect(kernelsOf([2e7], adapterClass)).toEqual([
      'reduce-sum [1000, 20000]',
      'reduce-sum [125, 160]',
      'reduce-sum [160]',
    ]);
  }
});

it.each([
  [1, 100_003, 1],
  [3, 131_072, 5],
  [130, 5000, 130],
  [40, 2053, 7],
])('a product of [%i, %i] and %i columns is summed in runs, the same on every kind of adapter', async (M, K, N) => {
  const a: Tensor = placeholder('a', [M, K]);
  const b: Tensor = placeholder('b', [K, N]);
  const product = matmul(a, b);
  // The maximum rides on whole rows, which another kernel makes.
  const fetches = N > 5 ? [product] : [product, reduceMax(product, { axis: 1 })];
  for (const value of Object.values(terms)) {
    const feeds = new Map([
      [a, filled([M, K], value)],
      [b, filled([K, N], () => 1)],
    ]);
    const expected = evaluate(fetches, feeds, { precision: 'float64' });
    const values = await rig.run(fetches, feeds);
    expected.forEach(({ data }, i) => {
      expect(errorOf(values[i], data)).toBeLessThan(2e-5);
    });
    if (value !== terms['random ones']) continue;
    for (const adapter of Object.values(ADAPTERS)) expect(await rig.run(fetches, feeds, adapter)).toEqual(values);
  }
});
