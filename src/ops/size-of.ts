/** The number of elements along axes as float32, which may be known only when feeds are. */
import type { Attrs, Op } from '../graph/op.ts';
import { isConcrete, sizeOfShape } from '../graph/shape.ts';
import { constant } from '../graph/sources.ts';
import { createTensor, input, type Tensor } from '../graph/tensor.ts';

interface AxesAttrs extends Attrs {
  readonly axes: readonly number[];
}

const sizeOfOp: Op<AxesAttrs> = {
  name: 'sizeOf',
  infer: () => ({ shape: [], dtype: 'float32' }),
  gradient: () => [null],
  resolve: (inputs, { axes }) => sizeOf(input(inputs, 0), axes),
  kernel: { kind: 'source' },
};

/** The product of the sizes of `x` along `axes`, a float32 scalar. */
export function sizeOf(x: Tensor, axes: readonly number[]): Tensor {
  const sizes = axes.map((axis) => x.shape[axis] ?? null);
  return isConcrete(sizes) ? constant(sizeOfShape(sizes), []) : createTensor(sizeOfOp, [x], { axes });
}
