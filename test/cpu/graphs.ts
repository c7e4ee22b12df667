/** Small hand-made ops and graphs for the CPU backend's tests, which test the backend and not the ops. */
import { wgsl } from '../../src/graph/snippet.ts';
import type { NDArray } from '../../src/graph/ndarray.ts';
import type { Op, ReduceKernel } from '../../src/graph/op.ts';
import { broadcastShapes, sizeOfShape } from '../../src/graph/shape.ts';
import { createTensor, type Tensor } from '../../src/graph/tensor.ts';

/** Numbers that are not uniform, and exact in float32. */
export function numbers(shape: readonly number[], seed: number): NDArray {
  const data = Float32Array.from({ length: sizeOfShape(shape) }, (_, i) => (((i + seed) * 37) % 101) / 8 - 6);
  return { data, shape, dtype: 'float32' };
}

const input = (x: Tensor | undefined): Tensor => {
  if (x === undefined) throw new Error('An input is missing.');
  return x;
};

/** An op of one or two operands, broadcast. */
function mapOp(name: string, js: (...args: number[]) => number): Op {
  return {
    name,
    infer: ([a, b]) => ({ shape: broadcastShapes(input(a).shape, b?.shape ?? []) ?? [], dtype: 'float32' }),
    kernel: { kind: 'map', wgsl: () => wgsl``, js: () => js },
  };
}
const addOp = mapOp('add', (x = NaN, y = NaN) => x + y);
const subOp = mapOp('sub', (x = NaN, y = NaN) => x - y);
const mulOp = mapOp('mul', (x = NaN, y = NaN) => x * y);
const divOp = mapOp('div', (x = NaN, y = NaN) => x / y);
const squareOp = mapOp('square', (x = NaN) => x * x);
const reluOp = mapOp('relu', (x = NaN) => Math.max(0, x));
const expOp = mapOp('exp', (x = NaN) => Math.exp(x));
const stepOp = mapOp('step', (x = NaN, y = NaN) => (y > 0 ? x : 0));

export const add = (a: Tensor, b: Tensor): Tensor => createTensor(addOp, [a, b]);
export const sub = (a: Tensor, b: Tensor): Tensor => createTensor(subOp, [a, b]);
export const mul = (a: Tensor, b: Tensor): Tensor => createTensor(mulOp, [a, b]);
export const div = (a: Tensor, b: Tensor): Tensor => createTensor(divOp, [a, b]);
export const square = (x: Tensor): Tensor => createTensor(squareOp, [x]);
export const relu = (x: Tensor): Tensor => createTensor(reluOp, [x]);
export const exp = (x: Tensor): Tensor => createTensor(expOp, [x]);
/** `dy` where `y` is positive: the gradient of relu. */
export const reluGradient = (dy: Tensor, y: Tensor): Tensor => createTensor(stepOp, [dy, y]);

const matmulOp: Op<{ transposeA: boolean; transposeB: boolean }> = {
  name: 'matmul',
  infer: ([a, b], { transposeA, transposeB }) => ({
    shape: [input(a).shape[transposeA ? 1 : 0] ?? null, input(b).shape[transposeB ? 0 : 1] ?? null],
    dtype: 'float32',
  }),
  kernel: { kind: 'matmul' },
};
export function matmul(
  a: Tensor,
  b: Tensor,
  { transposeA = false, transposeB = false }: { readonly transposeA?: boolean; readonly transposeB?: boolean } = {},
): Tensor {
  return createTensor(matmulOp, [a, b], { transposeA, transposeB });
}

/** Reduces `axes`, which are dropped. */
export function reduce(x: Tensor, combine: ReduceKernel['combine'], axes: readonly number[]): Tensor {
  const op: Op = {
    name: combine,
    infer: ([a]) => ({
      shape: input(a).shape.filter((_, axis) => !axes.includes(axis)),
      dtype: combine === 'argMax' ? 'int32' : 'float32',
    }),
    kernel: { kind: 'reduce', combine, axes: () => axes },
  };
  return createTensor(op, [x]);
}

export function reshape(x: Tensor, shape: readonly number[]): Tensor {
  return createTensor({ name: 'reshape', infer: () => ({ shape, dtype: x.dtype }), kernel: { kind: 'alias' } }, [x]);
}

/** `x` with element `from(i)` at i. */
export function index(x: Tensor, from: (i: number) => number): Tensor {
  const op: Op = {
    name: 'index',
    infer: () => ({ shape: x.shape, dtype: x.dtype }),
    kernel: { kind: 'index', wgsl: () => wgsl``, js: () => (i, load) => load(0, from(i)) },
  };
  return createTensor(op, [x]);
}

/** An op without a CPU function that stands for `expand(inputs)`. */
export function expanded(
  inputs: readonly Tensor[],
  expand: (inputs: readonly [Tensor, ...Tensor[]]) => Tensor,
): Tensor {
  const make = ([first, ...rest]: readonly Tensor[]): Tensor => expand([input(first), ...rest]);
  const op: Op = {
    name: 'expanded',
    infer: (of) => ({ shape: make(of).shape, dtype: make(of).dtype }),
    kernel: { kind: 'expand', expand: make },
  };
  return createTensor(op, inputs);
}
