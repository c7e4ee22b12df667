/** Where the greatest element is. */
import type { Tensor } from '../graph/tensor.ts';
import { reduce, reduceOp } from './reduce.ts';

const argMaxOp = /* @__PURE__ */ reduceOp('argMax', 'argMax');

/**
 * The index of the greatest element along `axis` as int32, without that axis; of equal ones the first.
 * No gradient flows through it.
 * @throws GraphError where the axis is out of range.
 */
export function argMax(x: Tensor, axis: number): Tensor {
  return reduce(argMaxOp, x, { axis });
}
