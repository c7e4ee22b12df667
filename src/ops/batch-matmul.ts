/** Products of matrices in the last two axes, for each index of the axes before them. */
import { checkOptions } from '../checks.ts';
import { GraphError } from '../errors.ts';
import { sumToShapeOf } from '../graph/broadcast.ts';
import type { NDArray } from '../graph/ndarray.ts';
import type { Attrs, Op } from '../graph/op.ts';
import type { BatchProduct } from '../graph/shape-types.ts';
import { shapesMayEqual, sizeOfShape, type Dim, type Shape } from '../graph/shape.ts';
import { createTensor, describeTensor, input, type Tensor } from '../graph/tensor.ts';
import { checkDType, FLOAT } from './elementwise.ts';
import { matmul, type MatmulOptions } from './matmul.ts';
import { mul } from './mul.ts';
import { reduceSum } from './reduce-sum.ts';
import { expandDims, reshape } from './reshape.ts';
import { transpose } from './transpose.ts';

interface BatchMatmulAttrs extends Attrs {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

const batchMatmulOp: Op<BatchMatmulAttrs> = {
  name: 'batchMatmul',
  infer(inputs, { transposeA, transposeB }) {
    const [a, b] = [input(inputs, 0), input(inputs, 1)];
    const flat = [a, b].find((x) => x.shape.length < 2);
    if (flat !== undefined)
      throw new GraphError(`batchMatmul: ${describeTensor(flat)} has no matrices; reshape it to two axes or more.`);
    checkDType('batchMatmul', a, FLOAT);
    checkDType('batchMatmul', b, FLOAT);
    const batch = commonBatch(a.shape.slice(0, -2), b.shape.slice(0, -2));
    const [M = null, K = null] = transposeA ? a.shape.slice(-2).toReversed() : a.shape.slice(-2);
    const [L = null, N = null] = transposeB ? b.shape.slice(-2).toReversed() : b.shape.slice(-2);
    if (batch === undefined || (K !== L && K !== null && L !== null)) {
      throw new GraphError(
        `batchMatmul: ${describeTensor(a)}${transposeA ? ' transposed' : ''} and ${describeTensor(b)}${transposeB ? ' transposed' : ''} ` +
          `do not fit; give the same axes before the last two, or one matrix for all, and rows as long as columns.`,
      );
    }
    return { shape: [...batch, M, N], dtype: 'float32' };
  },
  gradient(node, dy) {
    const [a, b] = [input(node.inputs, 0), input(node.inputs, 1)];
    const { transposeA, transposeB } = node.attrs as BatchMatmulAttrs;
    const da = transposeA ? product(b, dy, transposeB, true) : product(dy, b, false, !transposeB);
    const db = transposeB ? product(dy, a, true, transposeA) : product(a, dy, !transposeA, false);
    return [sumToShapeOf(da, a), sumToShapeOf(db, b)];
  },
  kernel: {
    kind: 'expand',
    expand(inputs, { transposeA, transposeB }) {
      const [a, b] = [input(inputs, 0), input(inputs, 1)];
      // One matrix for all rows: a plain product of the rows.
      if (b.shape.length === 2 && !transposeA) {
        const [K, N] = [a.shape.at(-1) ?? 1, b.shape[transposeB ? 0 : 1] ?? 1];
        const rows: Tensor = matmul<Shape, Shape, boolean, boolean>(reshape(a, [-1, K]), b, { transposeB });
        return reshape(rows, [...a.shape.slice(0, -1), N]);
      }
      // [..., M, 1, K] times [..., 1, N, K], summed over K.
      const lefts: Tensor = expandDims<Shape, number>(transposeA ? swapped(a) : a, -2);
      const rights: Tensor = expandDims<Shape, number>(transposeB ? b : swapped(b), -3);
      return reduceSum<Shape, -1>(mul<Tensor, Tensor>(lefts, rights), { axis: -1 });
    },
    cpu: multiply,
  },
};

/** The axes before the matrices; `undefined` where they differ. */
function commonBatch(a: Shape, b: Shape): Shape | undefined {
  if (a.length === 0 || b.length === 0) return a.length === 0 ? b : a;
  return shapesMayEqual(a, b) ? a.map((dim, i): Dim => dim ?? b[i] ?? null) : undefined;
}

/** `x` with its last two axes swapped. */
function swapped(x: Tensor): Tensor {
  const axes = x.shape.map((_, axis) => axis);
  return transpose<Shape, readonly number[]>(x, [...axes.slice(0, -2), ...axes.slice(-2).toReversed()]);
}

/** The products on the CPU, summed in float64. */
function multiply([a, b]: readonly NDArray[], out: NDArray, { transposeA, transposeB }: BatchMatmulAttrs): void {
  if (a === undefined || b === undefined) return;
  const [M = 1, N = 1] = out.shape.slice(-2);
  const K = a.shape.at(transposeA ? -2 : -1) ?? 1;
  const [rowA, stepA] = transposeA ? [1, M] : [K, 1];
  const [columnB, stepB] = transposeB ? [K, 1] : [1, N];
  const nextOf = ({ shape }: NDArray): number => (shape.length === 2 ? 0 : sizeOfShape(shape.slice(-2)));
  const [nextA, nextB] = [nextOf(a), nextOf(b)];
  for (let i = 0; i < out.data.length; i++) {
    const [matrix, m, n] = [Math.floor(i / (M * N)), Math.floor(i / N) % M, i % N];
    let sum = 0;
    for (let k = 0, p = matrix * nextA + m * rowA, q = matrix * nextB + n * columnB; k < K; k++, p += stepA, q += stepB)
      sum += (a.data[p] ?? 0) * (b.data[q] ?? 0);
    out.data[i] = sum;
  }
}

function product(a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): Tensor {
  return createTensor(batchMatmulOp, [a, b], { transposeA, transposeB });
}

/**
 * The matrix products `a · b` of the last two axes, [..., M, K] and [..., K, N], in float32, for each index of the axes before
 * them. These are the same for both, or one of the two is a single matrix for all: [5, 2, 3] and [3, 4] are [5, 2, 4].
 * @throws GraphError where an operand is not of rank 2 or more or not float32, or the axes do not fit.
 */
export function batchMatmul<A extends Shape, B extends Shape, TA extends boolean = false, TB extends boolean = false>(
  a: Tensor<A>,
  b: Tensor<B>,
  options: MatmulOptions<TA, TB> = {},
): Tensor<BatchProduct<A, B, TA, TB>> {
  checkOptions('batchMatmul', options);
  const { transposeA = false, transposeB = false } = options;
  return createTensor(batchMatmulOp, [a, b], { transposeA, transposeB });
}
