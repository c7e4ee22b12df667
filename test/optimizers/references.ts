/**
 * Optimizers and schedules in float64, written by hand after Keras 3 (keras/src/optimizers/*.py) and, for one cycle,
 * PyTorch's lr_scheduler.py; and the gradients for them.
 */
import {
  adagrad,
  adam,
  adamW,
  cosineDecay,
  exponentialDecay,
  gradientDescent,
  momentum,
  oneCycle,
  rmsProp,
  type LearningRate,
  type MinimizeOptions,
  type Optimizer,
} from '../../src/index.ts';

export const STEPS = 20;
export const SIZE = 5;

/** Twenty gradients of five elements: of several sizes, both signs, and zeros. */
export const gradientsGiven: readonly (readonly number[])[] = Array.from({ length: STEPS }, (_, t) =>
  Array.from({ length: SIZE }, (_, i) =>
    (t + i) % 4 === 3 ? 0 : Math.fround((((t * 7 + i * 5) % 13) - 6.5) * 10 ** (i - 3)),
  ),
);
export const initial: readonly number[] = [0.5, -1.25, 2, 0.03, -7];

/** A rule for one element: its next value after step t (from 1 on), changing what it keeps. */
type Rule = (w: number, g: number, t: number, rate: number, kept: { a: number; b: number }) => number;

export interface Case {
  readonly make: (rate?: LearningRate) => Optimizer;
  readonly rule: Rule;
  readonly rate?: (t: number) => number;
  readonly clip?: (gradient: readonly number[]) => readonly number[];
  readonly options?: MinimizeOptions;
  readonly start?: number;
}

const sgd: Rule = (w, g, _, rate) => w - rate * g;
const withMomentum =
  (m: number, nesterov: boolean): Rule =>
  (w, g, _, rate, kept) => {
    kept.a = m * kept.a - rate * g;
    return nesterov ? w + m * kept.a - rate * g : w + kept.a;
  };
const adamRule =
  (beta1: number, beta2: number, epsilon: number, decay = 0): Rule =>
  (w, g, t, rate, kept) => {
    kept.a += (g - kept.a) * (1 - beta1);
    kept.b += (g * g - kept.b) * (1 - beta2);
    const alpha = (rate * Math.sqrt(1 - beta2 ** t)) / (1 - beta1 ** t);
    return w - w * decay * rate - (kept.a * alpha) / (Math.sqrt(kept.b) + epsilon);
  };
const rmsRule =
  (rho: number, m: number, epsilon: number): Rule =>
  (w, g, _, rate, kept) => {
    kept.a = rho * kept.a + (1 - rho) * g * g;
    kept.b = m * kept.b + (rate * g) / Math.sqrt(kept.a + epsilon);
    return w - kept.b;
  };
const adagradRule =
  (epsilon: number): Rule =>
  (w, g, _, rate, kept) => {
    kept.a += g * g;
    return w - (rate * g) / Math.sqrt(kept.a + epsilon);
  };

const cosine = (from: number, to: number, part: number): number =>
  to + ((from - to) * (1 + Math.cos(Math.PI * part))) / 2;

/** Without options: the numbers are Keras' defaults. */
export const cases: Readonly<Record<string, Case>> = {
  momentum: { make: momentum, rule: withMomentum(0.9, false), rate: () => 0.01 },
  'momentum, Nesterov': {
    make: () => momentum(0.02, 0.8, { nesterov: true }),
    rule: withMomentum(0.8, true),
    rate: () => 0.02,
  },
  rmsProp: { make: rmsProp, rule: rmsRule(0.9, 0, 1e-7) },
  'rmsProp with options': {
    make: () => rmsProp(0.001, { rho: 0.8, momentum: 0.5, epsilon: 1e-3 }),
    rule: rmsRule(0.8, 0.5, 1e-3),
  },
  adagrad: { make: adagrad, rule: adagradRule(1e-7), start: 0.1 },
  'adagrad with options': {
    make: () => adagrad(0.001, { initialAccumulator: 0.5, epsilon: 0.01 }),
    rule: adagradRule(0.01),
    start: 0.5,
  },
  adam: { make: adam, rule: adamRule(0.9, 0.999, 1e-7) },
  'adam with options': {
    make: () => adam(0.001, { beta1: 0.7, beta2: 0.9, epsilon: 1e-3 }),
    rule: adamRule(0.7, 0.9, 1e-3),
  },
  adamW: { make: adamW, rule: adamRule(0.9, 0.999, 1e-7, 0.004) },
  'exponential decay': {
    make: () => gradientDescent(exponentialDecay(0.1, 7, 0.6)),
    rule: sgd,
    rate: (t) => 0.1 * 0.6 ** (t / 7),
  },
  'exponential decay by stairs': {
    make: () => gradientDescent(exponentialDecay(0.1, 7, 0.6, { staircase: true })),
    rule: sgd,
    rate: (t) => 0.1 * 0.6 ** Math.floor(t / 7),
  },
  'cosine decay': {
    make: () => gradientDescent(cosineDecay(0.1, 13, { alpha: 0.1 })),
    rule: sgd,
    rate: (t) => cosine(0.1, 0.01, Math.min(t / 13, 1)),
  },
  'one cycle, with Adam': {
    make: () => adam(oneCycle(0.1, STEPS)),
    rule: adamRule(0.9, 0.999, 1e-7),
    rate: (t) => (t <= 5 ? cosine(0.004, 0.1, t / 5) : cosine(0.1, 4e-7, (t - 5) / 14)),
  },
  'clipped by value': {
    make: () => gradientDescent(0.1),
    rule: sgd,
    rate: () => 0.1,
    options: { clipValue: 0.3 },
    clip: (gradient) => gradient.map((g) => Math.min(0.3, Math.max(-0.3, g))),
  },
  'clipped by norm': {
    make: () => gradientDescent(0.1),
    rule: sgd,
    rate: () => 0.1,
    options: { globalClipNorm: 30 },
    clip: (gradient) => gradient.map((g) => (g * 30) / Math.max(30, Math.hypot(...gradient))),
  },
};

/** Where the reference gets to, after each step. */
export function reference({ rule, rate = () => 0.001, clip = (gradient) => gradient, start = 0 }: Case): number[][] {
  const kept = initial.map(() => ({ a: start, b: 0 }));
  let weights: number[] = [...initial];
  return gradientsGiven.map((given, t) => {
    const clipped = clip(given);
    weights = weights.map((w, i) => rule(w, clipped[i] ?? NaN, t + 1, rate(t), kept[i] ?? { a: NaN, b: NaN }));
    return weights;
  });
}
