/**
 * Sizes at the limits of dispatches: one graph at several batches, more workgroups than a dimension holds, none at all, and
 * too many.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { evaluate } from '../reference/evaluate.ts';
import {
  add,
  constant,
  DeviceError,
  gradients,
  matmul,
  mul,
  neg,
  placeholder,
  reduceMax,
  reduceMean,
  reduceSum,
  square,
  sub,
  tanh,
  type Tensor,
} from '../../src/index.ts';
import { openRig, type FedValue } from './device/rig.ts';
import { firstDifference } from './device/values.ts';
import { between } from '../ops/table.ts';
import { DEFAULT_LIMITS, planFor, TINY_LIMITS } from './planning.ts';

const rig = await openRig();
afterAll(() => {
  expect(rig.faults).toEqual([]);
  rig.dispose();
});

type Build = (a: Tensor, b: Tensor) => Tensor;

function filled(shape: readonly number[], element: (i: number) => number): FedValue {
  const length = shape.reduce((product, dim) => product * dim, 1);
  return { data: Float32Array.from({ length }, (_, i) => element(i)), shape };
}

describe('one graph, whose broadcasts and means hang by the batch', () => {
  const x: Tensor = placeholder('x', [null, 5]);
  const scale: Tensor = placeholder('scale', [null, 1]);
  const W: Tensor = placeholder('W', [5, 3]);
  const b: Tensor = placeholder('b', [1, 3]);
  const h: Tensor = tanh(add<Tensor, Tensor>(matmul(mul<Tensor, Tensor>(x, scale), W), b));
  const loss: Tensor = reduceMean(square(sub<Tensor, Tensor>(h, reduceMean(h, { axis: 0 }))));
  const inputs = [x, scale, W, b];
  const fetches = [loss, ...gradients(loss, inputs)];

  it.each([
    { batch: 1, scales: 1 },
    { batch: 3, scales: 3 },
    { batch: 3, scales: 1 },
    { batch: 100, scales: 100 },
    { batch: 100, scales: 1 },
    { batch: 1, scales: 7 },
  ])('at batch $batch, scaled by $scales', async ({ batch, scales }) => {
    const shapes = [
      [batch, 5],
      [scales, 1],
      [5, 3],
      [1, 3],
    ];
    const feeds = new Map(inputs.map((input, i) => [input, filled(shapes[i] ?? [], between(-1, 1, i / 10))]));
    const values = await rig.run(fetches, feeds);
    const expected = evaluate(fetches, feeds, { precision: 'float64' });
    expected.forEach(({ data }, i) => expect(firstDifference(values[i] ?? [], data, 1e-6)).toBeUndefined());
  });
});

describe('more workgroups than one dimension takes', () => {
  const ROWS = 2050;
  const COLUMNS = 2048;
  const tall = (i: number): number => (i % 7) - 3;
  const wide = (i: number): number => (i % 5) - 2;
  const row = (i: number): number => tall(Math.floor(i / COLUMNS));
  const column = (i: number): number => wide(i % COLUMNS);

  it.each<{ op: string; shapes: [number[], number[]]; build: Build; expected: (i: number) => number }>([
    {
      op: 'a map',
      shapes: [[ROWS, 1], [COLUMNS]],
      build: (a, b) => add(a, b),
      expected: (i) => row(i) + column(i),
    },
    {
      op: 'a reduction',
      shapes: [
        [ROWS, 1, 1],
        [COLUMNS, 1],
      ],
      build: (a, b) => reduceSum(mul(mul(a, b), constant([1, 2, 4])), { axis: 2 }),
      expected: (i) => 7 * row(i) * column(i),
    },
    {
      op: 'a product, with what rides on its rows',
      shapes: [
        [ROWS * COLUMNS, 1],
        [1, 2],
      ],
      build: (a, b) => reduceMax(matmul(a, b), { axis: 1 }),
      expected: (i) => Math.max(tall(i) * wide(0), tall(i) * wide(1)),
    },
  ])('of $op', async ({ shapes, build, expected }) => {
    const feeds = new Map(
      shapes.map((shape, i) => [placeholder(`input${i}`, shape) as Tensor, filled(shape, i === 0 ? tall : wide)]),
    );
    const [a, b] = [...feeds.keys()];
    if (a === undefined || b === undefined) throw new Error('There are two inputs.');
    const result = build(a, b);
    const types = new Map([...feeds].map(([{ name = '' }, { shape }]) => [name, { kind: 'array', shape } as const]));
    expect(planFor({ fetches: [result], feeds: types }).kernels[0]?.workgroups).toBeGreaterThan(65_535);
    const [values = []] = await rig.run([result], feeds, { adapterClass: 'gpu', limits: DEFAULT_LIMITS });
    expect(values.length).toBe(ROWS * COLUMNS);
    expect(values.findIndex((value: number, i: number) => value !== expected(i))).toBe(-1);
  });
});

it('a kernel of more workgroups than three dimensions hold is refused by name, with a remedy', () => {
  const x: Tensor = placeholder('x', [7 * 7 * 7 * 64 + 1]);
  const feeds = new Map([['x', { kind: 'array', shape: x.shape as number[] }]] as const);
  expect(() => planFor({ fetches: [neg(x)], feeds }, { limits: TINY_LIMITS })).toThrow(DeviceError);
  expect(() => planFor({ fetches: [neg(x)], feeds }, { limits: TINY_LIMITS })).toThrow(
    /maxComputeWorkgroupsPerDimension is 7.*evaluate/s,
  );
});
