/**
 * Broadcasting and its adjoint, summing back. The `…ShapeOf` forms learn their sizes when feeds are known,
 * so that one gradient graph serves every batch size.
 */
import { GraphError } from '../errors.ts';
import type { Attrs, Op } from './op.ts';
import { broadcastShapes, formatShape, isConcrete, shapesEqual, type Shape } from './shape.ts';
import { createTensor, describeTensor, type Tensor } from './tensor.ts';

interface ShapeAttrs extends Attrs {
  readonly shape: readonly number[];
}

const broadcastToOp: Op<ShapeAttrs> = {
  name: 'broadcastTo',
  infer([x], { shape }) {
    const to = broadcastShapes(only(x).shape, shape);
    if (to === undefined || !shapesEqual(to, shape)) {
      throw new GraphError(
        `broadcastTo: ${describeTensor(only(x))} does not broadcast to ${formatShape(shape)}; sizes must be equal or 1.`,
      );
    }
    return { shape, dtype: only(x).dtype };
  },
  gradient: (node, dy) => [sumToShapeOf(dy, only(node.inputs[0]))],
  simplify: (node) => (shapesEqual(node.shape, only(node.inputs[0]).shape) ? node.inputs[0] : undefined),
  kernel: { kind: 'map', wgsl: ([x]) => only(x), js: () => (x) => x },
};

const sumToOp: Op<ShapeAttrs> = {
  name: 'sumTo',
  infer: ([x], { shape }) => ({ shape, dtype: only(x).dtype }),
  gradient: (node, dy) => [broadcastToShapeOf(dy, only(node.inputs[0]))],
  simplify: (node) => (shapesEqual(node.shape, only(node.inputs[0]).shape) ? node.inputs[0] : undefined),
  kernel: { kind: 'reduce', combine: 'sum', axes: (input, { shape }) => broadcastAxes(input, shape) },
};

const broadcastToShapeOfOp: Op = {
  name: 'broadcastToShapeOf',
  infer: ([x, like]) => ({ shape: only(like).shape, dtype: only(x).dtype }),
  gradient: (node, dy) => [sumToShapeOf(dy, only(node.inputs[0])), null],
  resolve: ([x, like]) => broadcastTo(only(x), concrete(only(like))),
  kernel: { kind: 'source' },
};

const sumToShapeOfOp: Op = {
  name: 'sumToShapeOf',
  infer: ([x, like]) => ({ shape: only(like).shape, dtype: only(x).dtype }),
  gradient: (node, dy) => [broadcastToShapeOf(dy, only(node.inputs[0])), null],
  resolve: ([x, like]) => createTensor(sumToOp, [only(x)], { shape: concrete(only(like)) }),
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

/** The element a caller knows to be there. */
function only<T>(value: T | undefined): T {
  if (value === undefined) throw new GraphError('An op was given too few inputs.');
  return value;
}
