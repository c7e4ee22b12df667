/** Ops as users define them, whose variables have names that kernels use too. */
import { abs, add, defineOp, div, mul, square, sub, type Operand, type Tensor } from '../../src/index.ts';

const sum = (a: Operand, b: Operand): Tensor => add<Operand, Operand>(a, b);
const product = (a: Operand, b: Operand): Tensor => mul<Operand, Operand>(a, b);

export const softsign = defineOp({
  name: 'softsign',
  expression: (i) => `${i} / (1 + abs(${i}))`,
  js: (x) => x / (1 + Math.abs(x)),
  gradient: ({ inputs: [x], gradient }) => [div<Tensor, Tensor>(gradient, square(sum(1, abs(x))))],
});

const sine: (x: Tensor) => Tensor = defineOp({
  name: 'sine',
  expression: (value) => `sin(${value})`,
  js: Math.sin,
  gradient: ({ inputs: [x], gradient }) => [product(gradient, cosine(x))],
});

const cosine: (x: Tensor) => Tensor = defineOp({
  name: 'cosine',
  expression: (gid) => `cos(${gid})`,
  js: Math.cos,
  gradient: ({ inputs: [x], gradient }) => [product(gradient, product(-1, sine(x)))],
});

/** x + sin² x. */
export const snake = defineOp({
  name: 'snake',
  expression: (tile) => `${tile} + sin(${tile}) * sin(${tile})`,
  js: (x) => x + Math.sin(x) ** 2,
  gradient: ({ inputs: [x], gradient }) => [product(gradient, sum(1, sine(product(2, x))))],
});

/** √(a² + b²). */
export const hypotenuse: (a: Operand, b: Operand) => Tensor = defineOp({
  name: 'placeholder',
  expression: (at0, r) => `sqrt(${at0} * ${at0} + ${r} * ${r})`,
  js: (a, b) => Math.sqrt(a * a + b * b),
  gradient: ({ inputs: [a, b], output, gradient }) =>
    [a, b].map((x) => product(gradient, div<Tensor, Tensor>(x, output))),
});

/** a + (b − a) t. */
export const interpolate = defineOp({
  name: 'interpolate',
  expression: (v0, state, N) => `mix(${v0}, ${state}, ${N})`,
  js: (a, b, t) => a * (1 - t) + b * t,
  gradient: ({ inputs: [a, b, t], gradient }) => [
    product(gradient, sub<number, Tensor>(1, t)),
    product(gradient, t),
    product(gradient, sub<Tensor, Tensor>(b, a)),
  ],
});
