/**
 * Broadcasting and its adjoint, a sum over the broadcast axes. The `…ShapeOf` ops take their sizes from another tensor once
 * feeds are known, so one gradient graph serves every batch size.
 */
import { GraphError } from '../errors.ts';
import type { Attrs, Op, TensorType } from './op.ts';
import { broadcastShapes, formatShape, isConcrete, shapesEqual, type Shape } from './shape.ts';
import { constant, constantValue, isConstant } from './sources.ts';
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

/** Tells whether the tensor is an explicit broadcast of its input. */
export function isBroadcast({ op }: Tensor): boolean {
  return op === broadcastToOp;
}

/** The value of every element, where the graph shows it: a constant of one element, possibly broadcast or reshaped. */
export function uniformValue(tensor: Tensor): number | undefined {
  let source = tensor;
  while (isBroadcast(source) || source.op.kernel.kind === 'alias') source = input(source.inputs, 0);
  const value = isConstant(source) ? constantValue(source) : undefined;
  return value?.length === 1 ? value[0] : undefined;
}

/** `x` broadcast to the shape of `like`, now or once it is known. */
export function broadcastToShapeOf(x: Tensor, like: Tensor): Tensor {
  return shapesEqual(x.shape, like.shape) && isConcrete(x.shape) ? x : createTensor(broadcastToShapeOfOp, [x, like]);
}

/** `x` summed over the axes along which `like` was broadcast to it: the adjoint of broadcasting. */
export function sumToShapeOf(x: Tensor, like: Tensor): Tensor {
  return shapesEqual(x.shape, like.shape) && isConcrete(x.shape) ? x : createTensor(sumToShapeOfOp, [x, like]);
}

/** Zeros in the shape of `like`, now or once it is known. */
export function zerosLike(like: Tensor): Tensor {
  const zero = constant(0);
  return isConcrete(like.shape) ? broadcastTo(zero, like.shape) : broadcastToShapeOf(zero, like);
}

/** The dtype of the first input with the shape of the second: the type rule of the `…ShapeOf` ops. */
export function likeSecond(inputs: readonly Tensor[]): TensorType {
  return { shape: input(inputs, 1).shape, dtype: input(inputs, 0).dtype };
}

/** The `simplify` rule of ops that only change a shape: the input where the shape stays. */
export function withoutEffect(node: Tensor): Tensor | undefined {
  const x = input(node.inputs, 0);
  return shapesEqual(x.shape, node.shape) ? x : undefined;
}

/** The axes of `from` that a sum to shape `to` reduces. */
function broadcastAxes(from: readonly number[], to: readonly number[]): number[] {
  const offset = from.length - to.length;
  return from.map((_, axis) => axis).filter((axis) => axis < offset || (to[axis - offset] === 1 && from[axis] !== 1));
}

function concrete(tensor: Tensor): readonly number[] {
  const shape: Shape = tensor.shape;
  if (!isConcrete(shape))
    throw new GraphError(
      `${describeTensor(tensor)} has sizes that are not known yet; feed the placeholders it depends on.`,
    );
  return shape;
}
