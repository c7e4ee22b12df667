/**
 * The order of the sums of products: split-K, and runs within a split. It depends on shapes alone.
 */
import type { Attrs, Op } from '../../graph/op.ts';
import { Tensor } from '../../graph/tensor.ts';
import { sizesOf } from '../../compile/known-shapes.ts';

interface SplitAttrs extends Attrs {
  readonly splits: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

const splitMatmulOp: Op<SplitAttrs> = {
  name: 'matmul',
  infer: () => ({ shape: [], dtype: 'float32' }),
  kernel: { kind: 'matmul' },
};

/** Returns the partial products of a split-K matrix product, [splits, M, N]: each sums an equal part of K. */
export function splitProduct(product: Tensor, splits: number, inputs = product.inputs): Tensor {
  const attrs = { ...product.attrs, splits };
  return new Tensor(splitMatmulOp, inputs, attrs, [splits, ...sizesOf(product)], 'float32', product.name);
}

/** The number of splits of a product's K; 1 if it is not split. */
export function splitsOf({ attrs }: Tensor): number {
  return typeof attrs.splits === 'number' ? attrs.splits : 1;
}

/** A product's K: the number of terms of an element, in all splits together. */
export function sumLength({ inputs: [lhs], attrs }: Tensor): number {
  return lhs === undefined ? 1 : (sizesOf(lhs)[attrs.transposeA === true ? 0 : 1] ?? 1);
}

/** The most terms of a sum in one run. Longer sums are made in several runs, which bounds the rounding error. */
const MAX_SUM = 1024;
/** Lengths of several runs are multiples of this: it is a multiple of all numbers of columns of A read at a time (1 to 5, 16). */
const RUN_UNIT = 240;

/**
 * The number and the length of the runs in which a kernel sums an element of a product, or of one split of it. A plain sum of
 * n equal terms, which round alike, has a relative error up to n · 2⁻²⁵. In runs the error is that of n = 480, and beyond
 * 57,600 terms that of n = 2√K.
 */
export function runsOf(product: Tensor): { readonly RUNS: number; readonly RUN: number } {
  const length = sumLength(product) / splitsOf(product);
  const RUN = length <= MAX_SUM ? length : Math.ceil(Math.sqrt(length) / RUN_UNIT) * RUN_UNIT;
  return { RUNS: Math.ceil(length / RUN) || 1, RUN };
}

/** The largest divisor of `count` up to `limit`. */
export function largestDivisor(count: number, limit: number): number {
  let divisor = limit;
  while (count % divisor !== 0) divisor--;
  return divisor;
}
