/** Limiting to a range. */
import type { Broadcast, ShapeOf } from '../graph/shape-types.ts';
import type { Shape } from '../graph/shape.ts';
import { compose, type Tensor } from '../graph/tensor.ts';
import { checkDType, NUMBERS, type Operand } from './elementwise.ts';
import { maximum, minimum } from './maximum.ts';

/**
 * `x` limited to [`low`, `high`], elementwise, with NumPy's broadcasting. The gradient is 1 inside, bounds included, and 0
 * outside.
 * @throws GraphError where shapes do not broadcast or dtypes differ.
 */
export function clip<S extends Shape, L extends Operand, H extends Operand>(
  x: Tensor<S>,
  low: L,
  high: H,
): Tensor<Broadcast<Broadcast<S, ShapeOf<L>>, ShapeOf<H>>> {
  return compose({ op: 'clip' }, () => {
    checkDType('clip', x, NUMBERS);
    const y: Tensor = minimum<Tensor, Operand>(maximum<Tensor, Operand>(x, low), high);
    return y as Tensor<Broadcast<Broadcast<S, ShapeOf<L>>, ShapeOf<H>>>;
  });
}
