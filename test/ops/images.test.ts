/** Convolution and pooling against explicit loops, and their special cases: ties, windows outside the image. */
import { describe, expect, test } from 'vitest';
import { evaluate } from '../reference/evaluate.ts';
import { avgPool2d, constant, conv2d, gradients, maxPool2d, mul, reduceSum, type Tensor } from '../../src/index.ts';
import { between } from './table.ts';

type Sizes = readonly [number, number, number, number];

function tensor(shape: Sizes, phase = 0): { readonly tensor: Tensor; at(...index: Sizes): number } {
  const size = shape.reduce((product, n) => product * n, 1);
  const values = Float32Array.from({ length: size }, (_, i) => between(-1, 1, phase)(i));
  return {
    tensor: constant(values, shape),
    at: (...index) => values[index.reduce((flat, n, axis) => flat * (shape[axis] ?? 1) + n, 0)] ?? NaN,
  };
}

function valuesOf(x: Tensor): number[] {
  return Array.from(evaluate([x])[0]?.data ?? []);
}

/** Where a window begins at output `o`, as TensorFlow places it. */
function begin(o: number, stride: number, size: number, length: number, padding: 'same' | 'valid'): number {
  const total = Math.max(0, (Math.ceil(length / stride) - 1) * stride + size - length);
  return o * stride - (padding === 'same' ? Math.floor(total / 2) : 0);
}

const cases = (['same', 'valid'] as const).flatMap((padding) =>
  [[1, 1] as const, [2, 3] as const].map((strides) => ({ padding, strides })),
);

describe.each(cases)('$padding, strides $strides', ({ padding, strides: [down, across] }) => {
  const [B, H, W, C, FH, FW, N] = [2, 7, 8, 3, 3, 2, 5];
  const x = tensor([B, H, W, C]);
  const [rows, columns] =
    padding === 'same'
      ? [Math.ceil(H / down), Math.ceil(W / across)]
      : [Math.floor((H - FH) / down) + 1, Math.floor((W - FW) / across) + 1];

  /** The elements of x under the window at (i, j), and where in the window they lie. */
  function* under(b: number, i: number, j: number, c: number): Generator<[number, number, number]> {
    for (let u = 0; u < FH; u++) {
      for (let v = 0; v < FW; v++) {
        const [y, z] = [begin(i, down, FH, H, padding) + u, begin(j, across, FW, W, padding) + v];
        if (y >= 0 && y < H && z >= 0 && z < W) yield [x.at(b, y, z, c), u, v];
      }
    }
  }
  const everywhere = (depth: number, f: (b: number, i: number, j: number, n: number) => number): number[] =>
    Array.from({ length: B * rows * columns * depth }, (_, flat) => {
      const [n, place] = [flat % depth, Math.floor(flat / depth)];
      return f(Math.floor(place / columns / rows), Math.floor(place / columns) % rows, place % columns, n);
    });
  const isClose = (actual: number[], expected: number[]): void => {
    expect(actual).toHaveLength(expected.length);
    actual.forEach((value, i) => expect(value).toBeCloseTo(expected[i] ?? NaN, 5));
  };

  test('conv2d', () => {
    const filters = tensor([FH, FW, C, N], 0.3);
    const expected = everywhere(N, (b, i, j, n) => {
      let sum = 0;
      for (let c = 0; c < C; c++) for (const [value, u, v] of under(b, i, j, c)) sum += value * filters.at(u, v, c, n);
      return sum;
    });
    isClose(valuesOf(conv2d(x.tensor, filters.tensor, { strides: [down, across], padding })), expected);
  });

  test('pooling', () => {
    const options = { size: [FH, FW], strides: [down, across], padding } as const;
    const values = (b: number, i: number, j: number, c: number): number[] =>
      [...under(b, i, j, c)].map(([value]) => value);
    isClose(
      valuesOf(maxPool2d(x.tensor, options)),
      everywhere(C, (...at) => Math.max(...values(...at))),
    );
    isClose(
      valuesOf(avgPool2d(x.tensor, options)),
      everywhere(C, (...at) => values(...at).reduce((sum, value) => sum + value, 0) / values(...at).length),
    );
  });
});

test('of equal elements the first of a window has the gradient, each window by itself', () => {
  const x = constant(new Float32Array(2 * 4), [1, 2, 4, 1]);
  const weights = constant([3, 5, 7], [1, 1, 3, 1]);
  const overlapping = reduceSum(mul<Tensor, Tensor>(maxPool2d(x, { size: 2, strides: 1 }), weights));
  expect(gradients(overlapping, [x]).flatMap(valuesOf)).toEqual([3, 5, 7, 0, 0, 0, 0, 0]);
});
