/** Limiting to a range. */
import type { Tensor } from '../graph/tensor.ts';
import type { Operand } from './elementwise.ts';
import { maximum, minimum } from './maximum.ts';

/**
 * `x` limited to [`low`, `high`], elementwise, with NumPy's broadcasting; the gradient is that of `x` inside, the bounds
 * included, and 0 outside.
 * @throws GraphError where shapes do not broadcast or dtypes differ.
 */
export function clip(x: Tensor, low: Operand, high: Operand): Tensor {
  return minimum(maximum(x, low), high);
}
