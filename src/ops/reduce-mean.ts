/** Means along axes: a sum divided by a size, which may be known only when feeds are. */
import type { Axes, Reduced } from '../graph/shape-types.ts';
import type { Shape } from '../graph/shape.ts';
import { compose, type Tensor } from '../graph/tensor.ts';
import { resolveAxes } from './axes.ts';
import { div } from './div.ts';
import { checkDType, FLOAT } from './elementwise.ts';
import { reduceSum } from './reduce-sum.ts';
import type { ReduceOptions } from './reduce.ts';
import { sizeOf } from './size-of.ts';

/**
 * The mean over axes.
 * @throws GraphError where `x` is not float32, or an axis is out of range or named twice.
 */
export function reduceMean<S extends Shape, const A extends Axes = undefined, Keep extends boolean = false>(
  x: Tensor<S>,
  options: ReduceOptions<A, Keep> = {},
): Tensor<Reduced<S, A, Keep>> {
  const mean = compose({ op: 'reduceMean' }, (): Tensor => {
    checkDType('reduceMean', x, FLOAT);
    const sum: Tensor = reduceSum(x, options);
    return div(sum, sizeOf(x, resolveAxes('reduceMean', x, options.axis)));
  });
  return mean as Tensor<Reduced<S, A, Keep>>;
}
