/** The greatest and the least element along axes. Equal ones share the gradient equally (TensorFlow's rule). */
import type { Op } from '../graph/op.ts';
import type { Axes, Reduced } from '../graph/shape-types.ts';
import type { Shape } from '../graph/shape.ts';
import { input, type Tensor } from '../graph/tensor.ts';
import { cast } from './cast.ts';
import { equal } from './compare.ts';
import { div } from './div.ts';
import { mul } from './mul.ts';
import { reduceSum } from './reduce-sum.ts';
import { reduce, reduceAttrs, reduceOp, withReducedAxes, type ReduceAttrs, type ReduceOptions } from './reduce.ts';

const extremum: Pick<Op<ReduceAttrs>, 'gradient'> = {
  gradient(node, dy) {
    const x = input(node.inputs, 0);
    const ties = cast(equal(x, withReducedAxes(node, node)), 'float32');
    const count = reduceSum(ties, { axis: reduceAttrs(node).axes, keepDims: true });
    return [mul(ties, div(withReducedAxes(node, dy), count))];
  },
};

const reduceMaxOp = /* @__PURE__ */ reduceOp('reduceMax', 'max', extremum);
const reduceMinOp = /* @__PURE__ */ reduceOp('reduceMin', 'min', extremum);

/**
 * The greatest element over axes, NaN if any is. Equal ones share the gradient equally.
 * @throws GraphError where an axis is out of range or named twice.
 */
export function reduceMax<S extends Shape, const A extends Axes = undefined, Keep extends boolean = false>(
  x: Tensor<S>,
  options?: ReduceOptions<A, Keep>,
): Tensor<Reduced<S, A, Keep>> {
  return reduce(reduceMaxOp, x, options);
}

/**
 * The least element over axes, NaN if any is. Equal ones share the gradient equally.
 * @throws GraphError where an axis is out of range or named twice.
 */
export function reduceMin<S extends Shape, const A extends Axes = undefined, Keep extends boolean = false>(
  x: Tensor<S>,
  options?: ReduceOptions<A, Keep>,
): Tensor<Reduced<S, A, Keep>> {
  return reduce(reduceMinOp, x, options);
}
