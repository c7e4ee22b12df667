/** RMSprop. */
import { checkOptions } from '../checks.ts';
import { add } from '../ops/add.ts';
import { div } from '../ops/div.ts';
import { mul } from '../ops/mul.ts';
import { sqrt } from '../ops/sqrt.ts';
import { square } from '../ops/square.ts';
import { sub } from '../ops/sub.ts';
import { defineOptimizer, type LearningRate, type Optimizer } from './optimizer.ts';
import { checkNumber } from './options.ts';

export interface RmsPropOptions {
  /** Decay of the mean of squared gradients, from 0 to below 1: 0.9 by default. */
  readonly rho?: number | undefined;
  /** From 0 to below 1: 0 by default. */
  readonly momentum?: number | undefined;
  /** Added to the mean of squares: 1e-7 by default. */
  readonly epsilon?: number | undefined;
  /** Part of the names of the optimizer's state, `<variable>/<name>/velocity` and, with momentum, `…/momentum`. */
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
  checkNumber(name, 'rho', rho, { below: 1 });
  checkNumber(name, 'momentum', momentum, { below: 1 });
  checkNumber(name, 'epsilon', epsilon);
  return defineOptimizer(name, rate, ({ variable, gradient, rate, slot }) => {
    const squares = slot('velocity');
    const velocity = add(mul(squares, rho), mul(square(gradient), 1 - rho));
    const change = div(mul(gradient, rate), sqrt(add(velocity, epsilon)));
    const squaresUpdate = { variable: squares, value: velocity };
    if (momentum === 0) return [{ variable, value: sub(variable, change) }, squaresUpdate];
    const before = slot('momentum');
    const push = add(mul(before, momentum), change);
    return [{ variable, value: sub(variable, push) }, squaresUpdate, { variable: before, value: push }];
  });
}
