/** The elements in reverse order along axes. */
import { refuse } from '../checks.ts';
import type { Attrs, Op } from '../graph/op.ts';
import { stridesOf, type Shape } from '../graph/shape.ts';
import { wgsl } from '../graph/snippet.ts';
import { createTensor, input, type Tensor } from '../graph/tensor.ts';
import { resolveAxes } from './axes.ts';

interface ReverseAttrs extends Attrs {
  readonly axes: readonly number[];
}

const reverseOp: Op<ReverseAttrs> = {
  name: 'reverse',
  infer: (inputs) => input(inputs, 0),
  gradient: (node, dy) => [createTensor(reverseOp, [dy], node.attrs)],
  kernel: {
    kind: 'index',
    keepsSamples: (_, { axes }) => !axes.includes(0),
    wgsl({ shape }, { axes }, index, load, write) {
      const coordinates = shape.map((size, axis) => {
        const at = write.coordinate(index, shape, axis);
        return axes.includes(axis) ? write.named(wgsl`${size - 1}u - ${write.named(at)}`) : at;
      });
      return load(0, write.flat(coordinates, shape));
    },
    js({ shape }, { axes }) {
      const strides = stridesOf(shape);
      const reversed = axes.map((axis) => ({ size: shape[axis] ?? 1, stride: strides[axis] ?? 1 }));
      return (index, load) => {
        let flat = index;
        for (const { size, stride } of reversed) flat += (size - 1 - 2 * (Math.floor(index / stride) % size)) * stride;
        return load(0, flat);
      };
    },
  },
};

/**
 * `x` with the order of its elements reversed along `axis`.
 * @param axis - An axis or several, negative from the end.
 * @throws GraphError where an axis is out of range or given twice.
 */
export function reverse<S extends Shape>(x: Tensor<S>, axis: number | readonly number[]): Tensor<S> {
  if ((axis as unknown) === undefined) refuse('reverse: the axis', axis, 'a whole number or several, e.g. -1');
  return createTensor(reverseOp, [x], { axes: resolveAxes('reverse', x, axis) });
}
