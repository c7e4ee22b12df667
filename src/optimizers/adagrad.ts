/** Adagrad. */
import { checkOptions } from '../checks.ts';
import { add } from '../ops/add.ts';
import { div } from '../ops/div.ts';
import { mul } from '../ops/mul.ts';
import { sqrt } from '../ops/sqrt.ts';
import { square } from '../ops/square.ts';
import { sub } from '../ops/sub.ts';
import { defineOptimizer, type LearningRate, type Optimizer } from './optimizer.ts';
import { checkNumber } from './options.ts';

export interface AdagradOptions {
  /** The initial sum of squares: 0.1 by default. */
  readonly initialAccumulator?: number | undefined;
  /** Added to the sum of squares: 1e-7 by default. */
  readonly epsilon?: number | undefined;
  /** Part of the names of the optimizer's state, `<variable>/<name>/accumulator`. */
  readonly name?: string | undefined;
}

/**
 * a ← a + dW², W ← W − rate · dW / √(a + epsilon). As `keras.optimizers.Adagrad` computes it; Duchi et al. (2011).
 *
 * @throws UsageError where a number is out of range.
 */
export function adagrad(rate: LearningRate = 0.001, options: AdagradOptions = {}): Optimizer {
  checkOptions('adagrad', options);
  const { initialAccumulator = 0.1, epsilon = 1e-7, name = 'adagrad' } = options;
  checkNumber(name, 'initialAccumulator', initialAccumulator);
  checkNumber(name, 'epsilon', epsilon);
  return defineOptimizer(name, rate, ({ variable, gradient, rate, slot }) => {
    const before = slot('accumulator', initialAccumulator);
    const accumulator = add(before, square(gradient));
    const change = div(mul(gradient, rate), sqrt(add(accumulator, epsilon)));
    return [
      { variable, value: sub(variable, change) },
      { variable: before, value: accumulator },
    ];
  });
}
