/** RMSprop. */
import { checkOptions } from '../checks.ts';
import { add } from '../ops/add.ts';
import { div } from '../ops/div.ts';
import { mul } from '../ops/mul.ts';
import { sqrt } from '../ops/sqrt.ts';
import { square } from '../ops/square.ts';
import { sub } from '../ops/sub.ts';
import { createOptimizer, type LearningRate, type Optimizer } from './optimizer.ts';
import { checkOption } from './options.ts';

export interface RmsPropOptions {
  /** How long squares are remembered, from 0 to below 1: 0.9 by default. */
  readonly rho?: number | undefined;
  /** From 0 to below 1: 0 by default. */
  readonly momentum?: number | undefined;
  /** Added under the root: 1e-7 by default. */
  readonly epsilon?: number | undefined;
  /** Names what is kept, `<variable>/<name>/velocity` and, with momentum, `…/momentum`. */
  readonly name?: string | undefined;
}

/**
 * v ← rho · v + (1 − rho) · dW², W ← W − rate · dW / √(v + epsilon). As `keras.optimizers.RMSprop` computes it, not centered;
 * Hinton, lecture 6e.
 *
 * @throws UsageError where a number is out of range.
 */
export function rmsProp(rate: LearningRate = 0.001, options: RmsPropOptions = {}): Optimizer {
  checkOptions('rmsProp', options);
  const { rho = 0.9, momentum = 0, epsilon = 1e-7, name = 'rmsProp' } = options;
  checkOption(name, 'rho', rho, { below: 1 });
  checkOption(name, 'momentum', momentum, { below: 1 });
  checkOption(name, 'epsilon', epsilon);
  return createOptimizer(name, rate, ({ variable, gradient, rate, slot }) => {
    const squares = slot('velocity');
    const velocity = add(mul(squares, rho), mul(square(gradient), 1 - rho));
    const change = div(mul(gradient, rate), sqrt(add(velocity, epsilon)));
    const kept = { variable: squares, value: velocity };
    if (momentum === 0) return [{ variable, value: sub(variable, change) }, kept];
    const before = slot('momentum');
    const push = add(mul(before, momentum), change);
    return [{ variable, value: sub(variable, push) }, kept, { variable: before, value: push }];
  });
}
