/** Adam and AdamW (decoupled weight decay). */
import { checkOptions } from '../checks.ts';
import type { Tensor } from '../graph/tensor.ts';
import { add } from '../ops/add.ts';
import { div } from '../ops/div.ts';
import { mul } from '../ops/mul.ts';
import { sqrt } from '../ops/sqrt.ts';
import { square } from '../ops/square.ts';
import { sub } from '../ops/sub.ts';
import { defineOptimizer, type LearningRate, type Optimizer } from './optimizer.ts';
import { checkNumber } from './options.ts';

export interface AdamOptions {
  /** Decay of the mean of gradients, from 0 to below 1: 0.9 by default. */
  readonly beta1?: number | undefined;
  /** Decay of the mean of squared gradients, from 0 to below 1: 0.999 by default. */
  readonly beta2?: number | undefined;
  /** Added to the root: 1e-7 by default. */
  readonly epsilon?: number | undefined;
  /**
   * Part of the names of the optimizer's state: `<variable>/<name>/m` and `…/v`, `<first variable>/<name>/debias1` and
   * `…/debias2`.
   */
  readonly name?: string | undefined;
}

export interface AdamWOptions extends AdamOptions {
  /** The fraction of a variable, times the rate, that each step subtracts: 0.004 by default. */
  readonly weightDecay?: number | undefined;
}

/**
 * m ← m + (dW − m) · (1 − beta1), v ← v + (dW² − v) · (1 − beta2),
 * W ← W − rate · √(1 − beta2ᵗ) / (1 − beta1ᵗ) · m / (√v + epsilon) in step t. As `keras.optimizers.Adam` computes it;
 * Kingma and Ba (2015), section 2.
 *
 * @throws UsageError where a number is out of range.
 */
export function adam(rate: LearningRate = 0.001, options: AdamOptions = {}): Optimizer {
  return adamWithDecay('adam', rate, 0, options);
}

/**
 * {@link adam}, with `rate · weightDecay · W` subtracted in each step. As `keras.optimizers.AdamW` computes it; Loshchilov
 * and Hutter (2019).
 *
 * @throws UsageError where a number is out of range.
 */
export function adamW(rate: LearningRate = 0.001, options: AdamWOptions = {}): Optimizer {
  checkOptions('adamW', options);
  const { weightDecay = 0.004 } = options;
  return adamWithDecay('adamW', rate, weightDecay, options);
}

function adamWithDecay(kind: string, rate: LearningRate, weightDecay: number, options: AdamOptions): Optimizer {
  checkOptions(kind, options);
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7, name = kind } = options;
  checkNumber(name, 'beta1', beta1, { below: 1 });
  checkNumber(name, 'beta2', beta2, { below: 1 });
  checkNumber(name, 'epsilon', epsilon);
  checkNumber(name, 'weightDecay', weightDecay);
  return defineOptimizer(name, rate, ({ variable, gradient, rate, slot, sharedScalar }) => {
    // The state is 1 − betaᵗ, since computing it from a power of beta in float32 is off by 1e-4 in the first steps.
    const debias1 = sharedScalar('debias1', (before) => add(mul(before, beta1), 1 - beta1));
    const debias2 = sharedScalar('debias2', (before) => add(mul(before, beta2), 1 - beta2));
    const [m, v] = [slot('m'), slot('v')];
    const mean: Tensor = add(m, mul(sub(gradient, m), 1 - beta1));
    const squares: Tensor = add(v, mul(sub(square(gradient), v), 1 - beta2));
    const scale = div(mul(sqrt(debias2), rate), debias1);
    const change = div(mul<Tensor, Tensor>(mean, scale), add(sqrt(squares), epsilon));
    const decayed = weightDecay === 0 ? variable : sub(variable, mul(mul(variable, weightDecay), rate));
    return [
      { variable, value: sub<Tensor, Tensor>(decayed, change) },
      { variable: m, value: mean },
      { variable: v, value: squares },
    ];
  });
}
