/** The Gaussian error linear unit, in its exact form, and the error function. */
import normal from '../../shaders/normal.wgsl';
import type { Shape } from '../graph/shape.ts';
import { wgsl } from '../graph/snippet.ts';
import { compose, createTensor, type Tensor } from '../graph/tensor.ts';
import { FLOAT, unaryOp } from './elementwise.ts';
import { exp } from './exp.ts';
import { mul } from './mul.ts';
import { neg } from './neg.ts';
import { square } from './square.ts';

const erfOp = /* @__PURE__ */ unaryOp({
  name: 'erf',
  takes: FLOAT,
  functions: ['keepNan', 'exponential'],
  library: normal,
  wgsl: (x) => wgsl`errorFunction(${x})`,
  js: () => erfOf,
  gradient: (dy, x) => mul(dy, mul(exp(neg(square(x))), 2 / Math.sqrt(Math.PI))),
});

/** erf x by Abramowitz and Stegun, 7.1.6: all terms have one sign, so it is exact to float64's last digits. */
function erfOf(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return ((2 * Math.exp(-x * x)) / Math.sqrt(Math.PI)) * sum;
}

const normalDistributionOp = /* @__PURE__ */ unaryOp({
  name: 'normalDistribution',
  takes: FLOAT,
  functions: ['keepNan', 'exponential'],
  library: normal,
  wgsl: (x) => wgsl`normalDistribution(${x})`,
  js: () => (x) => (x > 0 ? 1 - erfcOf(x * Math.SQRT1_2) / 2 : erfcOf(-x * Math.SQRT1_2) / 2),
  gradient: (dy, x) => mul(dy, mul(exp(mul(square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI))),
});

/** `1 - erf x` for x ≥ 0; from 2 on by Abramowitz and Stegun's continued fraction, 7.1.14, since the difference loses digits. */
function erfcOf(x: number): number {
  if (x < 2) return 1 - erfOf(x);
  let fraction = 0;
  for (let k = 60; k > 0; k--) fraction = k / 2 / (x + fraction);
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / (x + fraction);
}

/** The error function, elementwise. */
export function erf<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return createTensor(erfOp, [x]);
}

/** `x · Φ(x)` with Φ the normal distribution function, elementwise; exact, as in Keras by default (not the tanh form). */
export function gelu<S extends Shape>(x: Tensor<S>): Tensor<S> {
  const y: Tensor = compose({ op: 'gelu' }, () => mul<Tensor, Tensor>(x, createTensor(normalDistributionOp, [x])));
  return y as Tensor<S>;
}
