/**
 * Helpers for tensors whose sizes are all known, as after `specialize`.
 */
import type { Op } from '../graph/op.ts';
import { sizeOfShape } from '../graph/shape.ts';
import { Tensor } from '../graph/tensor.ts';

/** The tensor's sizes. */
export function sizesOf(tensor: Tensor): readonly number[] {
  return tensor.shape as readonly number[];
}

/** The tensor's number of elements. */
export function elementsOf(tensor: Tensor): number {
  return sizeOfShape(sizesOf(tensor));
}

const reshapeOp: Op = {
  name: 'reshape',
  infer: ([x], { shape }) => ({ shape: shape as readonly number[], dtype: x?.dtype ?? 'float32' }),
  kernel: { kind: 'alias' },
};

/** `x` with another shape of the same number of elements. */
export function reshapeTo(x: Tensor, shape: readonly number[]): Tensor {
  return new Tensor(reshapeOp, [x], { shape }, shape, x.dtype);
}
