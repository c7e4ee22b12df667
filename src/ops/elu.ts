/** The exponential linear unit. */
import { show } from '../checks.ts';
import { GraphError } from '../errors.ts';
import type { Shape } from '../graph/shape.ts';
import { compose, type Tensor } from '../graph/tensor.ts';
import { greater } from './compare.ts';
import { checkDType, FLOAT } from './elementwise.ts';
import { expm1 } from './expm1.ts';
import { minimum } from './maximum.ts';
import { mul } from './mul.ts';
import { where } from './where.ts';

/**
 * `x` where positive, `alpha · (eˣ - 1)` elsewhere. Its gradient at 0 is `alpha`.
 *
 * Source: Clevert, Unterthiner and Hochreiter, "Fast and accurate deep network learning by exponential linear units" (2015).
 *
 * @param alpha - By default 1, as in Keras.
 * @throws GraphError where `x` is not float32, or `alpha` is not a finite number.
 */
export function elu<S extends Shape>(x: Tensor<S>, alpha = 1): Tensor<S> {
  if (!Number.isFinite(alpha)) throw new GraphError(`elu: alpha is ${show(alpha)}; give a finite number, e.g. 1.`);
  return compose({ op: 'elu' }, () => {
    checkDType('elu', x, FLOAT);
    // The minimum keeps the exponential, and its gradient, finite where x is large.
    const negative: Tensor = mul<Tensor, number>(expm1(minimum<Tensor, number>(x, 0)), alpha);
    const y: Tensor = where<Shape, Tensor, Tensor>(greater<Tensor, number>(x, 0), x, negative);
    return y as Tensor<S>;
  });
}
