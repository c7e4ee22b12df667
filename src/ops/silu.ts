/** The sigmoid linear unit. */
import type { Shape } from '../graph/shape.ts';
import { compose, type Tensor } from '../graph/tensor.ts';
import { mul } from './mul.ts';
import { sigmoid } from './sigmoid.ts';

/**
 * `x · sigmoid(x)`, elementwise, also called swish.
 *
 * Source: Hendrycks and Gimpel, "Gaussian error linear units" (2016).
 */
export function silu<S extends Shape>(x: Tensor<S>): Tensor<S> {
  const y: Tensor = compose({ op: 'silu' }, () => mul<Tensor, Tensor>(x, sigmoid(x)));
  return y as Tensor<S>;
}
