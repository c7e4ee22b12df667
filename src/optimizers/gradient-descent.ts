/** Plain gradient descent. */
import { checkOptions } from '../checks.ts';
import { mul } from '../ops/mul.ts';
import { sub } from '../ops/sub.ts';
import { defineOptimizer, type LearningRate, type Optimizer } from './optimizer.ts';

/**
 * W ← W − rate · dW in each step.
 *
 * @param rate - A number from 0 on, a float32 scalar tensor such as a placeholder fed at each step, or a schedule.
 * @throws UsageError where the rate is negative or not finite.
 */
export function gradientDescent(rate: LearningRate, options: { name?: string } = {}): Optimizer {
  checkOptions('gradientDescent', options);
  const { name = 'gradientDescent' } = options;
  return defineOptimizer(name, rate, ({ variable, gradient, rate }) => [
    { variable, value: sub(variable, mul(gradient, rate)) },
  ]);
}
