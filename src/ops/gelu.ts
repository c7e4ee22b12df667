/** The Gaussian error linear unit, in its exact form, and the error function under it. */
import type { Shape } from '../graph/shape.ts';
import { createTensor, type Tensor } from '../graph/tensor.ts';
import { add } from './add.ts';
import { FLOAT, unaryOp } from './elementwise.ts';
import { exp } from './exp.ts';
import { mul } from './mul.ts';
import { neg } from './neg.ts';
import { square } from './square.ts';

const erfOp = /* @__PURE__ */ unaryOp({
  name: 'erf',
  takes: FLOAT,
  // Abramowitz and Stegun, 7.1.26: within 1.5e-7.
  wgsl(x) {
    const t = `(1.0 / fma(0.3275911, abs(${x}), 1.0))`;
    const sum = [1.421413741, -0.284496736, 0.254829592].reduce(
      (s, a) => `fma(${t}, ${s}, ${a})`,
      `fma(${t}, 1.061405429, -1.453152027)`,
    );
    return `sign(${x}) * (1.0 - ${t} * ${sum} * exp(-min(${x} * ${x}, 104.0)))`;
  },
  js: () => erfOf,
  gradient: (dy, x) => mul(dy, mul(exp(neg(square(x))), 2 / Math.sqrt(Math.PI))),
});

/** Abramowitz and Stegun, 7.1.6: terms of one sign, so exact to float64's last digits. */
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

/** The error function, elementwise. */
export function erf<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return createTensor(erfOp, [x]);
}

/** `x · Φ(x)` with Φ the normal distribution function, elementwise; by erf, as Keras does by default (not by tanh). */
export function gelu<S extends Shape>(x: Tensor<S>): Tensor<S> {
  const y: Tensor = mul(mul(x, 0.5), add(erf(mul(x, Math.SQRT1_2)), 1));
  return y as Tensor<S>;
}
