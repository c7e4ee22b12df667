/**
 * Broadcasting and its adjoint, summing back. The `…ShapeOf` forms learn their sizes when feeds are known,
 * so that one gradient graph serves every batch size.
 */
import { GraphError } from '../errors.ts';
import type { Attrs, Op, TensorType } from './op.ts';
import { broadcastShapes, formatShape, isConcrete, shapesEqual, type Shape } from './shape.ts';
import { createTensor, describeTensor, input, type Tensor } from './tensor.ts';

interface ShapeAttrs extends Attrs {
  readonly shape: readonly number[];
}

const broadcastToOp: Op<ShapeAttrs> = {
  name: 'broadcastTo',
  infer(inputs, { shape }) {
    const x = input(inputs, 0);
    const to = broadcastShapes(x.shape, shape);
    if (to === undefined || !shapesEqual(to, shape)) {
      throw new GraphError(
        `broadcastTo: ${describeTensor(x)} does not broadcast to ${formatShape(shape)}; sizes must be equal or 1.`,
      );
    }
    return { shape, dtype: x.dtype };
  },
  gradient: (node, dy) => [sumToShapeOf(dy, input(node.inputs, 0))],
  simplify: withoutEffect,
  kernel: { kind: 'map', wgsl: (args) => input(args, 0), js: () => (x) => x },
};

const sumToOp: Op<ShapeAttrs> = {
  name: 'sumTo',
  infer: (inputs, { shape }) => ({ shape, dtype: input(inputs, 0).dtype }),
  gradient: (node, dy) => [broadcastToShapeOf(dy, input(node.inputs, 0))],
  simplify: withoutEffect,
  kernel: { kind: 'reduce', combine: 'sum', axes: (from, { shape }) => broadcastAxes(from, shape) },
};

const broadcastToShapeOfOp: Op = {
  name: 'broadcastToShapeOf',
  infer: likeSecond,
  gradient: (node, dy) => [sumToShapeOf(dy, input(node.inputs, 0)), null],
  resolve: (inputs) => broadcastTo(input(inputs, 0), concrete(input(inputs, 1))),
  kernel: { kind: 'source' },
};

const sumToShapeOfOp: Op = {
  name: 'sumToShapeOf',
  infer: likeSecond,
  gradient: (node, dy) => [broadcastToShapeOf(dy, input(node.inputs, 0)), null],
  resolve: (inputs) => createTensor(sumToOp, [input(inputs, 0)], { shape: concrete(input(inputs, 1)) }),
  kernel: { kind: 'source' },
};

/** `x` repeated along axes of size 1 (and new leading axes) until it has `shape`. */
export function broadcastTo(x: Tensor, shape: readonly number[]): Tensor {
  return createTensor(broadcastToOp, [x], { shape });
}

/** `x` broadcast to whatever shape `like` turns out to have. */
export function broadcastToShapeOf(x: Tensor, like: Tensor): Tensor {
  return shapesEqual(x.shape, like.shape) && isConcrete(x.shape) ? x : createTensor(broadcastToShapeOfOp, [x, like]);
}

/** `x` summed over the axes along which `like` was broadcast to it: the adjoint of broadcasting. */
export function sumToShapeOf(x: Tensor, like: Tensor): Tensor {
  return shapesEqual(x.shape, like.shape) && isConcrete(x.shape) ? x : createTensor(sumToShapeOfOp, [x, like]);
}

/** The type of the first input in the shape of the second: what ops give that take on a shape when feeds are known. */
export function likeSecond(inputs: readonly Tensor[]): TensorType {
  return { shape: input(inputs, 1).shape, dtype: input(inputs, 0).dtype };
}

/** The input, where an op gives it as it is: what `simplify` puts in place of the op. */
export function withoutEffect(node: Tensor): Tensor | undefined {
  const x = input(node.inputs, 0);
  return shapesEqual(x.shape, node.shape) ? x : undefined;
}

/** The axes of `from` that are summed when it is brought back to `to`. */
function broadcastAxes(from: readonly number[], to: readonly number[]): number[] {
  const offset = from.length - to.length;
  return from.map((_, axis) => axis).filter((axis) => axis < offset || (to[axis - offset] === 1 && from[axis] !== 1));
}

function concrete(tensor: Tensor): readonly number[] {
  const shape: Shape = tensor.shape;
  if (!isConcrete(shape))
    throw new GraphError(
      `${describeTensor(tensor)}: its sizes are not known yet; feed the placeholders it depends on.`,
    );
  return shape;
}
