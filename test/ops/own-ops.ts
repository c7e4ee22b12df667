/** Ops as users define them, whose variables have names that kernels use too. */
import {
  abs,
  add,
  defineOp,
  div,
  greater,
  mul,
  neg,
  sign,
  square,
  where,
  type Operand,
  type Shape,
  type Tensor,
} from '../../src/index.ts';

const sum = (a: Operand, b: Operand): Tensor => add<Operand, Operand>(a, b);
const product = (a: Operand, b: Operand): Tensor => mul<Operand, Operand>(a, b);

export const softsign = defineOp({
  name: 'softsign',
  expression: (i) => `${i} / (1 + abs(${i}))`,
  js: (x) => x / (1 + Math.abs(x)),
  gradient: ({ inputs: [x], gradient }) => [div<Tensor, Tensor>(gradient, square(sum(1, abs(x))))],
});

/** The bell e^(−x²). */
export const bell = defineOp({
  name: 'bell',
  expression: (tile) => `exp(-${tile} * ${tile})`,
  js: (x) => Math.exp(-x * x),
  gradient: ({ inputs: [x], output, gradient }) => [product(gradient, product(product(-2, x), output))],
});

/** a / (1 + |b|), under a name that the compiler has, too. */
export const damped: (a: Operand, b: Operand) => Tensor = defineOp({
  name: 'placeholder',
  expression: (at0, r) => `${at0} / (1 + abs(${r}))`,
  js: (a, b) => a / (1 + Math.abs(b)),
  gradient({ inputs: [, b], output, gradient }) {
    const da = div<Tensor, Tensor>(gradient, sum(1, abs(b)));
    return [da, neg(product(da, product(output, sign(b))))];
  },
});

/** b where t is positive, a elsewhere. */
export const choose = defineOp({
  name: 'choose',
  expression: (v0, state, N) => `select(${v0}, ${state}, ${N} > 0)`,
  js: (a, b, t) => (t > 0 ? b : a),
  gradient: ({ inputs: [, , t], gradient }) => [
    where<Shape, Operand, Operand>(greater<Tensor, number>(t, 0), 0, gradient),
    where<Shape, Operand, Operand>(greater<Tensor, number>(t, 0), gradient, 0),
    null,
  ],
});
