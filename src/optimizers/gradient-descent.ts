/** Plain gradient descent. */
import { mul } from '../ops/mul.ts';
import { sub } from '../ops/sub.ts';
import { checkLearningRate, minimize, type LearningRate, type Optimizer } from './optimizer.ts';

/**
 * Each step sets `W` to `W - rate · dW`.
 *
 * @param rate - A number from 0 on, or a float32 scalar tensor, e.g. a placeholder fed at each step.
 * @throws UsageError where the rate is negative or not finite.
 */
export function gradientDescent(rate: LearningRate): Optimizer {
  checkLearningRate('gradientDescent', rate);
  return {
    minimize: (loss, options = {}) =>
      minimize('gradientDescent', loss, options, (variable, gradient) => [
        { variable, value: sub(variable, mul(gradient, rate)) },
      ]),
  };
}
