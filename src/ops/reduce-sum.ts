/** Sums along axes. */
import { broadcastToShapeOf } from '../graph/broadcast.ts';
import type { Op } from '../graph/op.ts';
import type { Axes, Reduced } from '../graph/shape-types.ts';
import type { Shape } from '../graph/shape.ts';
import { input, type Tensor } from '../graph/tensor.ts';
import { neg, negOp } from './neg.ts';
import { reduce, reduceAttrs, reduceOp, withReducedAxes, type ReduceAttrs, type ReduceOptions } from './reduce.ts';

const reduceSumOp: Op<ReduceAttrs> = /* @__PURE__ */ reduceOp('reduceSum', 'sum', {
  gradient: (node, dy) => [broadcastToShapeOf(withReducedAxes(node, dy), input(node.inputs, 0))],
  absorbedBy: (consumer) =>
    consumer.op === negOp ? negInside(consumer) : consumer.op === reduceSumOp ? sumOfSum(consumer) : undefined,
});

/** -Σ x = Σ -x: the negation moves inside, where it fuses with the computation of x. */
function negInside(outer: Tensor): Tensor {
  const sum = input(outer.inputs, 0);
  const { axes, keepDims } = reduceAttrs(sum);
  return reduceSum(neg(input(sum.inputs, 0)), { axis: axes, keepDims });
}

/** One sum over the axes of both. */
function sumOfSum(outer: Tensor): Tensor | undefined {
  const inner = input(outer.inputs, 0);
  const [{ axes, keepDims }, { axes: innerAxes, keepDims: innerKeeps }] = [reduceAttrs(outer), reduceAttrs(inner)];
  if (keepDims !== innerKeeps) return undefined;
  const x = input(inner.inputs, 0);
  const remaining = x.shape.map((_, axis) => axis).filter((axis) => innerKeeps || !innerAxes.includes(axis));
  return reduceSum(x, { axis: [...new Set([...innerAxes, ...axes.map((axis) => remaining[axis] ?? 0)])], keepDims });
}

/**
 * The sum over axes.
 * @throws GraphError where an axis is out of range or named twice.
 */
export function reduceSum<S extends Shape, const A extends Axes = undefined, Keep extends boolean = false>(
  x: Tensor<S>,
  options?: ReduceOptions<A, Keep>,
): Tensor<Reduced<S, A, Keep>> {
  return reduce(reduceSumOp, x, options);
}
