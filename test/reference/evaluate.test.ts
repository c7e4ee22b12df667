/** The CPU's kernels against naive loops. */
import { join } from '../../src/graph/snippet.ts';
import { describe, expect, test } from 'vitest';
import { evaluate } from './evaluate.ts';
import { broadcastTo } from '../../src/graph/broadcast.ts';
import type { Op, ReduceKernel } from '../../src/graph/op.ts';
import { broadcastShapes, isConcrete, sizeOfShape, stridesOf } from '../../src/graph/shape.ts';
import { constant, placeholder, variable } from '../../src/graph/sources.ts';
import { createTensor, type Tensor } from '../../src/graph/tensor.ts';
import { add, expanded, index, matmul, numbers, reduce, reshape, square } from '../cpu/graphs.ts';

describe('matmul', () => {
  const sizes = [
    [1, 1, 1],
    [3, 7, 5],
    [17, 65, 13],
    [33, 2, 9],
    [1, 65, 13],
    [1, 0, 3],
    [2, 0, 3],
  ] as const;
  test.each(sizes.flatMap((size) => [0, 1, 2, 3].map((transposes) => ({ size, transposes }))))(
    '$size, transposes $transposes',
    ({ size: [m, k, n], transposes }) => {
      const [transposeA, transposeB] = [transposes % 2 === 1, transposes > 1];
      const a = numbers(transposeA ? [k, m] : [m, k], 1);
      const b = numbers(transposeB ? [n, k] : [k, n], 2);
      const expected = new Float64Array(m * n);
      for (let i = 0; i < m; i++) {
        for (let j = 0; j < n; j++) {
          for (let l = 0; l < k; l++) {
            const x = a.data[transposeA ? l * m + i : i * k + l] ?? NaN;
            expected[i * n + j] = (expected[i * n + j] ?? 0) + x * (b.data[transposeB ? j * k + l : l * n + j] ?? NaN);
          }
        }
      }
      const product = matmul(constant(a.data, a.shape), constant(b.data, b.shape), { transposeA, transposeB });
      const [result] = evaluate([product]);
      expect(result?.shape).toEqual([m, n]);
      expect(result?.data).toEqual(Float32Array.from(expected));
    },
  );
});

describe('map', () => {
  test.each([
    [[], []],
    [[3, 5], []],
    [[], [3, 5]],
    [[3, 5], [5]],
    [
      [3, 1],
      [3, 5],
    ],
    [
      [3, 1],
      [1, 5],
    ],
    [
      [2, 1, 4, 1],
      [3, 1, 5],
    ],
    [[0, 5], [5]],
  ])('broadcasts %j and %j', (left, right) => {
    const [a, b] = [numbers(left, 1), numbers(right, 2)];
    const shape = broadcastShapes(left, right);
    if (shape === undefined || !isConcrete(shape)) throw new Error('the case is wrong');
    const at = (of: typeof a, flat: number): number => {
      const coordinates = stridesOf(shape).map((stride, axis) => Math.floor(flat / stride) % (shape[axis] ?? 1));
      const own = coordinates.slice(shape.length - of.shape.length).map((c, axis) => (of.shape[axis] === 1 ? 0 : c));
      return of.data[own.reduce((sum, c, axis) => sum + c * (stridesOf(of.shape)[axis] ?? 0), 0)] ?? NaN;
    };
    const expected = Float32Array.from({ length: sizeOfShape(shape) }, (_, flat) => at(a, flat) + 2 * at(b, flat));
    const sum = (x: Tensor, y: Tensor, z: Tensor) => createTensor(sumOf, [x, y, z]);
    const [x, y] = [constant(a.data, a.shape), constant(b.data, b.shape)];
    expect(evaluate([sum(x, y, y), add(x, add(y, y)), createTensor(sumOf, [x, y, y, constant(0)])])).toEqual(
      new Array(3).fill({ data: expected, shape, dtype: 'float32' }),
    );
  });

  test('broadcasts a single operand', () => {
    const [result] = evaluate([broadcastTo(constant([[1], [2]]), [2, 2, 3])]);
    expect([...(result?.data ?? [])]).toEqual([1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2]);
  });
});

describe('reduce', () => {
  const shape = [2, 3, 4, 3];
  const x = numbers(shape, 3);
  const subsets = Array.from({ length: 16 }, (_, bits) => [0, 1, 2, 3].filter((axis) => bits & (1 << axis)));
  test.each(
    subsets.flatMap((axes) => (['sum', 'max', 'min', 'argMax'] as const).map((combine) => ({ axes, combine }))),
  )('$combine over $axes', ({ axes, combine }) => {
    const groups = new Map<string, number[]>();
    x.data.forEach((value, flat) => {
      const coordinates = stridesOf(shape).map((stride, axis) => Math.floor(flat / stride) % (shape[axis] ?? 1));
      const key = coordinates.filter((_, axis) => !axes.includes(axis)).join();
      groups.set(key, [...(groups.get(key) ?? []), value]);
    });
    const expected = [...groups.values()].map((values) => naive[combine](values));
    const [result] = evaluate([reduce(constant(x.data, shape), combine, axes)]);
    expect([...(result?.data ?? [])]).toEqual(expected.map(Math.fround));
    expect(result?.dtype).toBe(combine === 'argMax' ? 'int32' : 'float32');
  });

  test('of nothing', () => {
    const results = evaluate((['sum', 'max'] as const).map((combine) => reduce(constant([], [0, 2]), combine, [0])));
    expect(results.map(({ data }) => [...data])).toEqual([
      [0, 0],
      [-Infinity, -Infinity],
    ]);
  });
});

const naive: Record<ReduceKernel['combine'], (values: readonly number[]) => number> = {
  sum: (values) => values.reduce((sum, x) => sum + x, 0),
  max: (values) => Math.max(...values),
  min: (values) => Math.min(...values),
  argMax: (values) => values.indexOf(Math.max(...values)),
};

const sumOf: Op = {
  name: 'sumOf',
  infer: (inputs) => ({
    shape: inputs.reduce<readonly (number | null)[]>((shape, x) => broadcastShapes(shape, x.shape) ?? [], []),
    dtype: 'float32',
  }),
  kernel: {
    kind: 'map',
    wgsl: (args) => join(args, ' + '),
    js:
      () =>
      (...args) =>
        args.reduce((sum, x) => sum + x, 0),
  },
};

test('index kernels, views and expansions, one inside another', () => {
  const x = constant([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  const doubled = expanded([x], ([a]) => add(square(a), reshape(square(a), [2, 3])));
  const itself = expanded([x], ([a]) => a);
  const [flipped, fourfold, same] = evaluate([
    index(reshape(doubled, [6]), (i) => 5 - i),
    expanded([x], ([a]) =>
      add(
        expanded([a], ([b]) => square(b)),
        a,
      ),
    ),
    itself,
  ]);
  expect([...(flipped?.data ?? [])]).toEqual([72, 50, 32, 18, 8, 2]);
  expect([...(fourfold?.data ?? [])]).toEqual([2, 6, 12, 20, 30, 42]);
  expect([...(same?.data ?? [])]).toEqual([1, 2, 3, 4, 5, 6]);
});

test('an array that is used again is not one that is still needed', () => {
  const x = constant([1, 2]);
  const early = add(x, x);
  let chain = square(x);
  for (let i = 0; i < 5; i++) chain = add(square(expanded([chain], ([a]) => a)), reshape(early, [2]));
  const [last, first] = evaluate([chain, early], new Map(), { precision: 'float64' });
  let expected = [1, 4];
  for (let i = 0; i < 5; i++) expected = expected.map((value, k) => value * value + 2 * (k + 1));
  expect([...(last?.data ?? [])]).toEqual(expected);
  expect([...(first?.data ?? [])]).toEqual([2, 4]);
});

test('an op’s own CPU function begins with zeros', () => {
  const op: Op = {
    name: 'count',
    infer: ([x]) => ({ shape: x?.shape ?? [], dtype: 'int32' }),
    kernel: {
      kind: 'expand',
      expand: ([x]) => x ?? constant(0),
      cpu: ([x], out) => x?.data.forEach((value, i) => (out.data[i] = (out.data[i] ?? NaN) + value)),
    },
  };
  const [result] = evaluate([createTensor(op, [constant([1.5, 2])])]);
  expect(result?.data).toEqual(Int32Array.of(1, 2));
});

test('float64 has digits that float32 rounds, and sizes come from the feeds', () => {
  const x = placeholder('x', [null, 2]);
  const bias = variable('bias', [0.25, 0.5]);
  const y = add(x, bias);
  const feeds = new Map<Tensor, { data: number[]; shape: number[] }>([[x, { data: [1e-9, 0, 1, 2], shape: [2, 2] }]]);
  const [rounded] = evaluate([y], feeds);
  const [exact] = evaluate([y], feeds, { precision: 'float64' });
  expect(rounded).toEqual({ data: Float32Array.of(0.25, 0.5, 1.25, 2.5), shape: [2, 2], dtype: 'float32' });
  expect(exact).toEqual({ data: Float64Array.of(0.250000001, 0.5, 1.25, 2.5), shape: [2, 2], dtype: 'float32' });
  feeds.set(bias, { data: [1, 1], shape: [2] });
  expect([...(evaluate([y], feeds)[0]?.data ?? [])]).toEqual([1, 1, 2, 3].map(Math.fround));
});

test('a missing feed is named', () => {
  expect(() => evaluate([square(placeholder('x', [2]))])).toThrow("'x' [2] has no value");
});
