/** Gradient descent with momentum. */
import { checkOptions } from '../checks.ts';
import { add } from '../ops/add.ts';
import { mul } from '../ops/mul.ts';
import { sub } from '../ops/sub.ts';
import { defineOptimizer, type LearningRate, type Optimizer } from './optimizer.ts';
import { checkNumber } from './options.ts';

export interface MomentumOptions {
  /** Uses Nesterov's momentum; `false` by default. */
  readonly nesterov?: boolean | undefined;
  /** Part of the names of the optimizer's state, `<variable>/<name>/momentum`. */
  readonly name?: string | undefined;
}

/**
 * v ← m · v − rate · dW, W ← W + v; with Nesterov's momentum, W ← W + m · v − rate · dW. As `keras.optimizers.SGD` computes it.
 *
 * @param m - From 0 to below 1, 0.9 by default.
 * @throws UsageError where the rate is negative or `m` out of range.
 */
export function momentum(rate: LearningRate = 0.01, m = 0.9, options: MomentumOptions = {}): Optimizer {
  checkOptions('momentum', options);
  const { nesterov = false, name = 'momentum' } = options;
  checkNumber(name, 'momentum', m, { below: 1 });
  return defineOptimizer(name, rate, ({ variable, gradient, rate, slot }) => {
    const before = slot('momentum');
    const push = mul(gradient, rate);
    const velocity = sub(mul(before, m), push);
    const change = nesterov ? sub(mul(velocity, m), push) : velocity;
    return [
      { variable, value: add(variable, change) },
      { variable: before, value: velocity },
    ];
  });
}
