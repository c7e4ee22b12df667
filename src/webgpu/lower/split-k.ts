/**
 * Products as WebGPU's kernels make them: whole, or in parts along what is summed. The order of every sum is said here.
 */
import type { Attrs, Op } from '../../graph/op.ts';
import { Tensor } from '../../graph/tensor.ts';
import { sizesOf } from '../../compile/known-shapes.ts';

interface PartsAttrs extends Attrs {
  readonly parts: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

const productParts: Op<PartsAttrs> = {
  name: 'matmul',
  infer: () => ({ shape: [], dtype: 'float32' }),
  kernel: { kind: 'matmul' },
};

/** A matrix product as `parts` products whose sum it is, each of an equal part of K: [parts, M, N]. */
export function partsOfProduct(product: Tensor, parts: number, inputs = product.inputs): Tensor {
  const attrs = { ...product.attrs, parts };
  return new Tensor(productParts, inputs, attrs, [parts, ...sizesOf(product)], 'float32', product.name);
}

/** In how many parts a product is made. */
export function partsOf({ attrs }: Tensor): number {
  return typeof attrs.parts === 'number' ? attrs.parts : 1;
}

/** How many terms an element of a product sums, in all its parts together. */
export function sumLength({ inputs: [left], attrs }: Tensor): number {
  return left === undefined ? 1 : (sizesOf(left)[attrs.transposeA === true ? 0 : 1] ?? 1);
}

/** Longer sums of a product are made in runs, so that rounding does not add up. */
const MAX_SUM = 1024;
/** A multiple of all the columns of A that kernels take at a time: 1 to 5, or 16. */
const RUN_UNIT = 240;

/**
 * How an element of a product, or of a part of it, is summed: in so many runs of so many terms. The error of a plain sum of n
 * equal terms, which round alike, is up to n · 2⁻²⁵; so it is that of n = 480, and beyond 57 600 terms that of n = 2√K.
 */
export function runsOf(product: Tensor): { readonly RUNS: number; readonly RUN: number } {
  const length = sumLength(product) / partsOf(product);
  const RUN = length <= MAX_SUM ? length : Math.ceil(Math.sqrt(length) / RUN_UNIT) * RUN_UNIT;
  return { RUNS: Math.ceil(length / RUN) || 1, RUN };
}

/** The largest divisor of `count` up to `limit`. */
export function largestDivisor(count: number, limit: number): number {
  let divisor = limit;
  while (count % divisor !== 0) divisor--;
  return divisor;
}
