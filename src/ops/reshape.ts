/**
 * The same elements in another shape: reshape, flatten, expandDims, squeeze. All are aliases: nothing is copied.
 * Their adjoints reshape `dy` to the input's shape, which may be known only when feeds are.
 */
import { checkList } from '../checks.ts';
import { GraphError } from '../errors.ts';
import { likeSecond, withoutEffect } from '../graph/broadcast.ts';
import type { Attrs, Op } from '../graph/op.ts';
import { formatShape, isConcrete, shapesEqual, sizeOfShape, type Dim, type Shape } from '../graph/shape.ts';
import type { Axes, Expanded, Reduced, Reshaped } from '../graph/shape-types.ts';
import { calledAs, checkTensor, compose, createTensor, describeTensor, input, type Tensor } from '../graph/tensor.ts';
import { resolveAxes, resolveAxis } from './axes.ts';

interface ShapeAttrs extends Attrs {
  /** The argument: `null` is the input's size at the same axis, -1 is inferred. */
  readonly shape: Shape;
}

interface AxesAttrs extends Attrs {
  /** Ascending; axes of the result for expandDims, of the input for squeeze. */
  readonly axes: readonly number[];
}

const alias = <A extends Attrs>(op: Omit<Op<A>, 'gradient' | 'kernel'>): Op<A> => ({
  ...op,
  gradient: (node, dy) => [reshapeToShapeOf(dy, input(node.inputs, 0))],
  kernel: { kind: 'alias' },
});

const reshapeOp: Op<ShapeAttrs> = /* @__PURE__ */ alias<ShapeAttrs>({
  name: 'reshape',
  infer(inputs, { shape }) {
    const from = input(inputs, 0);
    return { shape: fillIn(from, shape), dtype: from.dtype };
  },
  simplify: withoutEffect,
  absorbedBy: (consumer) =>
    consumer.op === reshapeOp && isConcrete(consumer.shape)
      ? reshape(input(input(consumer.inputs, 0).inputs, 0), consumer.shape)
      : undefined,
});

const expandDimsOp = /* @__PURE__ */ alias<AxesAttrs>({
  name: 'expandDims',
  infer(inputs, { axes }) {
    const from = input(inputs, 0);
    const shape = [...from.shape];
    for (const axis of axes) shape.splice(axis, 0, 1);
    return { shape, dtype: from.dtype };
  },
});

const squeezeOp = /* @__PURE__ */ alias<AxesAttrs>({
  name: 'squeeze',
  infer(inputs, { axes }) {
    const from = input(inputs, 0);
    const large = axes.find((axis) => from.shape[axis] !== 1 && from.shape[axis] !== null);
    if (large !== undefined) {
      throw new GraphError(`squeeze: axis ${large} of ${describeTensor(from)} is not of size 1; leave it out.`);
    }
    return { shape: from.shape.filter((_, axis) => !axes.includes(axis)), dtype: from.dtype };
  },
});

const reshapeToShapeOfOp: Op = {
  name: 'reshapeToShapeOf',
  infer: likeSecond,
  gradient: (node, dy) => [reshapeToShapeOf(dy, input(node.inputs, 0)), null],
  resolve: (inputs) => reshape(input(inputs, 0), input(inputs, 1).shape),
  kernel: { kind: 'source' },
};

/**
 * The elements of `x`, in their row-major order, in another shape.
 *
 * @param shape - Sizes; `null` keeps the size of `x` at that axis (a batch), one -1 is inferred from the others.
 * @throws GraphError where the sizes do not hold as many elements as `x`.
 */
export function reshape<S extends Shape, const T extends Shape>(x: Tensor<S>, shape: T): Tensor<Reshaped<S, T>> {
  checkList('reshape: the shape', shape, 'a list of sizes, e.g. [-1, 10]');
  return createTensor(reshapeOp, [x], { shape: [...shape] });
}

/** `x` in the shape of `like`, which has as many elements, now or once it is known. */
export function reshapeToShapeOf(x: Tensor, like: Tensor): Tensor {
  if (isConcrete(like.shape)) return shapesEqual(x.shape, like.shape) ? x : reshape(x, like.shape);
  return createTensor(reshapeToShapeOfOp, [x, like]);
}

/**
 * Merges all axes but the first into one: `[null, 28, 28, 1]` → `[null, 784]`.
 * @throws GraphError where `x` is a scalar.
 */
export function flatten<S extends Shape>(x: Tensor<S>): Tensor<Reshaped<S, [null, -1]>> {
  checkTensor('flatten', x);
  if (x.shape.length === 0)
    throw new GraphError(`flatten: ${describeTensor(x)} has no axis to keep; give a tensor of rows.`);
  return compose({ op: 'flatten' }, () => reshape(x, [null, -1]));
}

/**
 * Inserts axes of size 1.
 * @param axis - Their positions in the result; negative from its end.
 * @throws GraphError where an axis is out of range or given twice.
 */
export function expandDims<S extends Shape, A extends number | readonly number[]>(
  x: Tensor<S>,
  axis: A,
): Tensor<Expanded<S, A>> {
  checkTensor('expandDims', x);
  const given = (Array.isArray(axis) ? axis : [axis]) as readonly number[];
  const rank = x.shape.length + given.length;
  const axes = given
    .map((at) => resolveAxis('expandDims', `the result of ${rank} axes`, at, rank))
    .sort((a, b) => a - b);
  if (new Set(axes).size !== axes.length) {
    throw new GraphError(`expandDims: axes [${String(axis)}] name one axis twice; name each once.`);
  }
  return createTensor(expandDimsOp, [x], { axes });
}

/**
 * Removes axes of size 1.
 * @param axis - The axes; by default all that are known to be of size 1 (not a batch of unknown size).
 * @throws GraphError where one of them is of another size.
 */
export function squeeze<S extends Shape, const A extends Axes = undefined>(
  x: Tensor<S>,
  axis?: A,
): Tensor<A extends undefined ? Shape : Reduced<S, A, false>> {
  const axes = resolveAxes('squeeze', x, axis).filter((at) => axis !== undefined || x.shape[at] === 1);
  return createTensor(squeezeOp, [x], { axes });
}

/** The result's shape, as far as it is known. */
function fillIn(x: Tensor, shape: Shape): Shape {
  const filled = shape.map((dim, axis) => dim ?? x.shape[axis]);
  const free = filled.indexOf(-1);
  // An unknown size that stays at its axis has no part in the arithmetic.
  const isKept = (axis: number): boolean => shape[axis] === null && x.shape[axis] === null && axis < x.shape.length;
  const from = x.shape.filter((_, axis) => !isKept(axis));
  const to = filled.filter((_, axis) => !isKept(axis) && axis !== free);
  const mismatch = (): GraphError =>
    new GraphError(
      `${calledAs('reshape')}: ${describeTensor(x)} does not fill ${formatShape(shape)}; ` +
        `give sizes of as many elements, at most one of them -1 (inferred) and null where a size stays.`,
    );
  if (
    filled.some(
      (dim, axis) => dim === undefined || (dim !== null && (!Number.isInteger(dim) || dim < 0) && axis !== free),
    )
  )
    throw mismatch();
  const known = to.filter((dim) => typeof dim === 'number');
  const product = sizeOfShape(known);
  if (!isConcrete(from)) return filled.map((dim): Dim => (dim === undefined || dim === -1 ? null : dim));
  const size = sizeOfShape(from);
  if (free === -1 ? size !== product : product === 0 || size % product !== 0) throw mismatch();
  return filled.map((dim, axis): Dim => (axis === free ? size / product : (dim ?? null)));
}
