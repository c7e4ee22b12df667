/** Gradient descent with momentum. */
import { checkOptions } from '../checks.ts';
import { add } from '../ops/add.ts';
import { mul } from '../ops/mul.ts';
import { sub } from '../ops/sub.ts';
import { createOptimizer, type LearningRate, type Optimizer } from './optimizer.ts';
import { checkOption } from './options.ts';

export interface MomentumOptions {
  /** Looks ahead by the momentum; `false` by default. */
  readonly nesterov?: boolean | undefined;
  /** Names what is kept, `<variable>/<name>/momentum`. */
  readonly name?: string | undefined;
}

/**
 * v ← m · v − rate · dW, W ← W + v; with Nesterov's, W ← W + m · v − rate · dW. As `keras.optimizers.SGD` computes it.
 *
 * @param m - From 0 to below 1, 0.9 by default.
 * @throws UsageError where the rate is negative or `m` out of range.
 */
export function momentum(rate: LearningRate = 0.01, m = 0.9, options: MomentumOptions = {}): Optimizer {
  checkOptions('momentum', options);
  const { nesterov = false, name = 'momentum' } = options;
  checkOption(name, 'momentum', m, { below: 1 });
  return createOptimizer(name, rate, ({ variable, gradient, rate, slot }) => {
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
