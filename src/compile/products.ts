/**
 * Products as WebGPU's kernels make them: whole, or in parts along what is summed.
 */
import type { Attrs, Op } from '../graph/op.ts';
import { Tensor } from '../graph/tensor.ts';
import { sizesOf } from './internal-ops.ts';

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

/** The largest divisor of `count` up to `limit`. */
export function largestDivisor(count: number, limit: number): number {
  let divisor = limit;
  while (count % divisor !== 0) divisor--;
  return divisor;
}
