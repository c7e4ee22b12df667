/** Learning rates that depend on the steps of their optimizer. */
import { checkCount, checkOptions } from '../checks.ts';
import type { Tensor } from '../graph/tensor.ts';
import { add } from '../ops/add.ts';
import { less } from '../ops/compare.ts';
import { div } from '../ops/div.ts';
import { exp } from '../ops/exp.ts';
import { floor } from '../ops/floor.ts';
import { clip } from '../ops/clip.ts';
import { mul } from '../ops/mul.ts';
import { square } from '../ops/square.ts';
import { sub } from '../ops/sub.ts';
import { where } from '../ops/where.ts';
import type { LearningRateSchedule } from './optimizer.ts';
import { checkNumber } from './options.ts';

export interface ExponentialDecayOptions {
  /** Lowers the rate once every `decaySteps` steps instead of at each step; `false` by default. */
  readonly staircase?: boolean | undefined;
}

/**
 * rate · decayRate^(t / decaySteps) after t steps. As `keras.optimizers.schedules.ExponentialDecay`.
 * @throws UsageError where a number is out of range.
 */
export function exponentialDecay(
  rate: number,
  decaySteps: number,
  decayRate: number,
  options: ExponentialDecayOptions = {},
): LearningRateSchedule {
  checkOptions('exponentialDecay', options);
  const { staircase = false } = options;
  checkNumber('exponentialDecay', 'learning rate', rate);
  checkCount('exponentialDecay: decaySteps', decaySteps);
  checkNumber('exponentialDecay', 'decayRate', decayRate, { above: 0 });
  return {
    rateAt(iterations) {
      // Half a step after the edge, since a GPU's quotient of equal numbers may be less than 1.
      const decays = staircase ? floor(div(add(iterations, 0.5), decaySteps)) : div(iterations, decaySteps);
      return mul(exp(mul(decays, Math.log(decayRate))), rate);
    },
  };
}

export interface CosineDecayOptions {
  /** The fraction of the rate that remains in the end: 0 by default. */
  readonly alpha?: number | undefined;
}

/**
 * rate · ((1 − alpha) · (1 + cos(π · t / decaySteps)) / 2 + alpha) after t steps, constant after `decaySteps`. As
 * `keras.optimizers.schedules.CosineDecay` without warm-up; Loshchilov and Hutter (2017).
 * @throws UsageError where a number is out of range.
 */
export function cosineDecay(rate: number, decaySteps: number, options: CosineDecayOptions = {}): LearningRateSchedule {
  checkOptions('cosineDecay', options);
  const { alpha = 0 } = options;
  checkNumber('cosineDecay', 'learning rate', rate);
  checkCount('cosineDecay: decaySteps', decaySteps);
  checkNumber('cosineDecay', 'alpha', alpha);
  return { rateAt: (iterations) => anneal(rate, rate * alpha, div(iterations, decaySteps)) };
}

export interface OneCycleOptions {
  /** The fraction of the steps in which the rate rises: 0.3 by default. */
  readonly pctStart?: number | undefined;
  /** The ratio of `maxRate` to the first rate: 25 by default. */
  readonly divFactor?: number | undefined;
  /** The ratio of the first rate to the last: 1e4 by default. */
  readonly finalDivFactor?: number | undefined;
}

/**
 * Rises from `maxRate / divFactor` to `maxRate` and falls to nearly 0, both along cosines. As PyTorch's `OneCycleLR` without its
 * cycle of the momentum; Smith and Topin (2019).
 * @throws UsageError where a number is out of range.
 */
export function oneCycle(maxRate: number, totalSteps: number, options: OneCycleOptions = {}): LearningRateSchedule {
  checkOptions('oneCycle', options);
  const { pctStart = 0.3, divFactor = 25, finalDivFactor = 1e4 } = options;
  checkNumber('oneCycle', 'maximal rate', maxRate);
  checkCount('oneCycle: totalSteps', totalSteps);
  checkNumber('oneCycle', 'pctStart', pctStart, { below: 1 });
  checkNumber('oneCycle', 'divFactor', divFactor, { least: 1 });
  checkNumber('oneCycle', 'finalDivFactor', finalDivFactor, { least: 1 });
  const [first, last] = [maxRate / divFactor, maxRate / divFactor / finalDivFactor];
  const [top, end] = [pctStart * totalSteps - 1, totalSteps - 1];
  return {
    rateAt(iterations) {
      const down = anneal(maxRate, last, div(sub(iterations, top), end - top));
      if (top <= 0) return down;
      return where(less(iterations, top), anneal(first, maxRate, div(iterations, top)), down);
    },
  };
}

/** Falls or rises from `start` to `end` as `progress` p goes from 0 to 1: end + (start − end) · (1 + cos(π · p)) / 2. */
function anneal(start: number, end: number, progress: Tensor): Tensor {
  const at = clip(progress, 0, 1);
  const early = less(at, 0.5);
  // (1 + cos πp) / 2 = 1 − sin²(πp/2) = sin²(π(1−p)/2), by a short series in each half. WGSL's cos is exact to 2⁻¹¹ only.
  const x = mul(where(early, at, sub(1, at)), Math.PI / 2);
  const x2: Tensor = square(x);
  const series = [1 / 362880, -1 / 5040, 1 / 120, -1 / 6].reduce<Tensor>(
    (sum, coefficient) => mul<Tensor, Tensor>(add(sum, coefficient), x2),
    mul(x2, 0),
  );
  const sine2: Tensor = square(mul<Tensor, Tensor>(x, add(series, 1)));
  return add(mul(where(early, sub(1, sine2), sine2), start - end), end);
}
