/** Indices of greatest elements. */
import { refuse } from '../checks.ts';
import type { Reduced } from '../graph/shape-types.ts';
import type { Shape } from '../graph/shape.ts';
import type { Tensor } from '../graph/tensor.ts';
import { reduce, reduceOp } from './reduce.ts';

const argMaxOp = /* @__PURE__ */ reduceOp('argMax', 'argMax');

/**
 * The index of the greatest element along `axis` as int32, without that axis; the first of equal elements.
 * NaN counts as the greatest, as in NumPy.
 * No gradient flows through it.
 * @throws GraphError where the axis is out of range.
 */
export function argMax<S extends Shape, A extends number>(x: Tensor<S>, axis: A): Tensor<Reduced<S, A, false>> {
  if (typeof axis !== 'number') refuse('argMax: the axis', axis, 'a whole number, e.g. -1');
  return reduce(argMaxOp, x, { axis });
}
