/** Learning rates that follow the steps of their optimizer. */
import { checkOptions, refuse } from '../checks.ts';
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
import type { Schedule } from './optimizer.ts';
import { checkOption } from './options.ts';

export interface ExponentialDecayOptions {
  /** Whether the rate falls once every `decaySteps`, not at each step; `false` by default. */
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
): Schedule {
  checkOptions('exponentialDecay', options);
  const { staircase = false } = options;
  checkOption('exponentialDecay', 'learning rate', rate);
  checkSteps('exponentialDecay', 'decaySteps', decaySteps);
  checkOption('exponentialDecay', 'decayRate', decayRate, { above: 0 });
  return {
    rateAt(iterations) {
      // Half a step past the stair's edge: a GPU's quotient of equal numbers may fall short of 1.
      const decays = staircase ? floor(div(add(iterations, 0.5), decaySteps)) : div(iterations, decaySteps);
      return mul(exp(mul(decays, Math.log(decayRate))), rate);
    },
  };
}

export interface CosineDecayOptions {
  /** The part of the rate that is left in the end: 0 by default. */
  readonly alpha?: number | undefined;
}

/**
 * rate · ((1 − alpha) · (1 + cos(π · t / decaySteps)) / 2 + alpha) after t steps, at most `decaySteps`. As
 * `keras.optimizers.schedules.CosineDecay` without warm-up; Loshchilov and Hutter (2017).
 * @throws UsageError where a number is out of range.
 */
export function cosineDecay(rate: number, decaySteps: number, options: CosineDecayOptions = {}): Schedule {
  checkOptions('cosineDecay', options);
  const { alpha = 0 } = options;
  checkOption('cosineDecay', 'learning rate', rate);
  checkSteps('cosineDecay', 'decaySteps', decaySteps);
  checkOption('cosineDecay', 'alpha', alpha);
  return { rateAt: (iterations) => anneal(rate, rate * alpha, div(iterations, decaySteps)) };
}

export interface OneCycleOptions {
  /** The part of the steps in which the rate rises: 0.3 by default. */
  readonly pctStart?: number | undefined;
  /** The rate begins at `maxRate / divFactor`: 25 by default. */
  readonly divFactor?: number | undefined;
  /** It ends at its beginning divided by this: 1e4 by default. */
  readonly finalDivFactor?: number | undefined;
}

/**
 * From `maxRate / divFactor` up to `maxRate`, and down to nearly nothing, along cosines. As PyTorch's `OneCycleLR`, which
 * may cycle the momentum too; here it stays. Smith and Topin (2019).
 * @throws UsageError where a number is out of range.
 */
export function oneCycle(maxRate: number, totalSteps: number, options: OneCycleOptions = {}): Schedule {
  checkOptions('oneCycle', options);
  const { pctStart = 0.3, divFactor = 25, finalDivFactor = 1e4 } = options;
  checkOption('oneCycle', 'maximal rate', maxRate);
  checkSteps('oneCycle', 'totalSteps', totalSteps);
  checkOption('oneCycle', 'pctStart', pctStart, { below: 1 });
  checkOption('oneCycle', 'divFactor', divFactor, { least: 1 });
  checkOption('oneCycle', 'finalDivFactor', finalDivFactor, { least: 1 });
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

/** From `start` to `end` as `part` goes from 0 to 1: end + (start − end) · (1 + cos(π · part)) / 2. */
function anneal(start: number, end: number, part: Tensor): Tensor {
  const at = clip(part, 0, 1);
  const early = less(at, 0.5);
  // (1 + cos πp) / 2 is 1 − sin²(πp/2), and sin²(π(1−p)/2): a short series serves either half. WGSL's cos is good to 2⁻¹¹ only.
  const x = mul(where(early, at, sub(1, at)), Math.PI / 2);
  const x2: Tensor = square(x);
  const series = [1 / 362880, -1 / 5040, 1 / 120, -1 / 6].reduce<Tensor>(
    (sum, coefficient) => mul<Tensor, Tensor>(add(sum, coefficient), x2),
    mul(x2, 0),
  );
  const sine2: Tensor = square(mul<Tensor, Tensor>(x, add(series, 1)));
  return add(mul(where(early, sub(1, sine2), sine2), start - end), end);
}

function checkSteps(schedule: string, option: string, given: number): void {
  if (Number.isSafeInteger(given) && given > 0) return;
  refuse(`${schedule}: ${option}`, given, 'a whole number from 1 on');
}
