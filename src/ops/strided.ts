/**
 * Kernels of strided views: the output element at coordinates c is the input element at offset + Σ cᵢ · strideᵢ.
 */
import type { Attrs, IndexContext, IndexKernel, StridedView } from '../graph/op.ts';
import { stridesOf } from '../graph/shape.ts';
import { join, u32, wgsl } from '../graph/snippet.ts';

/** The kernel of an op whose result is a strided view of its input. */
export function stridedKernel<A extends Attrs>(view: (context: IndexContext, attrs: A) => StridedView): IndexKernel<A> {
  return {
    kind: 'index',
    view,
    wgsl(context, attrs, index, load, write) {
      const { strides, offset } = view(context, attrs);
      const terms = strides.map((stride, axis) => wgsl`${write.coordinate(index, context.shape, axis)} * ${stride}u`);
      return load(0, join([...terms, u32(offset)], ' + '));
    },
    js(context, attrs) {
      const flat = stridedJs(context.shape, view(context, attrs));
      return (index, load) => load(0, flat(index));
    },
  };
}

/** One axis of the sum; its coordinate is `index / divisor % size`. */
interface Term {
  readonly divisor: number;
  readonly size: number;
  readonly stride: number;
}

/** The terms of the sum for an output of `shape`, without axes of size 1, which add nothing. */
function termsOf(shape: readonly number[], strides: readonly number[]): Term[] {
  const divisors = stridesOf(shape);
  return shape
    .map((size, axis) => ({ size, divisor: divisors[axis] ?? 1, stride: strides[axis] ?? 0 }))
    .filter((term) => term.size !== 1);
}

/** Computes the flat index of an input's element. */
function stridedJs(shape: readonly number[], { strides, offset }: StridedView): (index: number) => number {
  const terms = termsOf(shape, strides);
  return (index) => {
    let flat = offset;
    for (const { divisor, size, stride } of terms) flat += (Math.floor(index / divisor) % size) * stride;
    return flat;
  };
}
