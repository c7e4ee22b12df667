/** Means along axes: a sum by a size that may be known only when feeds are. */
import type { Tensor } from '../graph/tensor.ts';
import { resolveAxes } from './axes.ts';
import { div } from './div.ts';
import { checkDType, FLOAT } from './elementwise.ts';
import { reduceSum } from './reduce-sum.ts';
import type { ReduceOptions } from './reduce.ts';
import { sizeOf } from './size-of.ts';

/**
 * The mean over axes, of float32.
 * @throws GraphError where `x` is not float32, or an axis is out of range or named twice.
 */
export function reduceMean(x: Tensor, options: ReduceOptions = {}): Tensor {
  checkDType('reduceMean', x, FLOAT);
  return div(reduceSum(x, options), sizeOf(x, resolveAxes('reduceMean', x, options.axis)));
}
