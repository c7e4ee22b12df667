/**
 * Tensors whose sizes are all known, as they are after {@link specialize}.
 */
import type { Op } from '../graph/op.ts';
import { sizeOfShape } from '../graph/shape.ts';
import { Tensor } from '../graph/tensor.ts';

/** The sizes of a tensor whose sizes are all known. */
export function sizesOf(tensor: Tensor): readonly number[] {
  return tensor.shape as readonly number[];
}

/** The number of elements of a tensor whose sizes are all known. */
export function elementsOf(tensor: Tensor): number {
  return sizeOfShape(sizesOf(tensor));
}

const reshapeOp: Op = {
  name: 'reshape',
  infer: ([x], { shape }) => ({ shape: shape as readonly number[], dtype: x?.dtype ?? 'float32' }),
  kernel: { kind: 'alias' },
};

/** `x` with another shape of as many elements. */
export function reshapeTo(x: Tensor, shape: readonly number[]): Tensor {
  return new Tensor(reshapeOp, [x], { shape }, shape, x.dtype);
}
