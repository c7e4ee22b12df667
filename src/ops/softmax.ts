/**
 * Softmax and its logarithm along the last axis, and the adjoint of softmax.
 * `log(softmax(z))` becomes `logSoftmax(z)`, and its gradient u − p·Σu, so a cross-entropy written by hand is as stable and
 * as fast as `softmaxCrossEntropy`.
 */
import { GraphError } from '../errors.ts';
import { broadcastToShapeOf } from '../graph/broadcast.ts';
import { accumulateOp } from '../graph/gradients.ts';
import type { NDArray } from '../graph/ndarray.ts';
import type { Op } from '../graph/op.ts';
import type { Shape } from '../graph/shape.ts';
import { calledAs, createTensor, describeTensor, input, type Tensor } from '../graph/tensor.ts';
import { add } from './add.ts';
import { div, divOp } from './div.ts';
import { checkDType, FLOAT } from './elementwise.ts';
import { exp } from './exp.ts';
import { identityOp } from './identity.ts';
import { log, logOp } from './log.ts';
import { mul } from './mul.ts';
import { reduceMax } from './reduce-max.ts';
import { reduceSum } from './reduce-sum.ts';
import { sub } from './sub.ts';

const LAST = { axis: -1, keepDims: true };

const softmaxOp: Op = {
  name: 'softmax',
  infer: (inputs) => rows('softmax', inputs),
  gradient: (node, dy) => [softmaxGradient(node, dy)],
  absorbedBy: (consumer) =>
    consumer.op === logOp ? logSoftmax(input(input(consumer.inputs, 0).inputs, 0)) : undefined,
  kernel: {
    kind: 'expand',
    expand(inputs) {
      const e = exp(shifted(input(inputs, 0)));
      return div(e, reduceSum(e, LAST));
    },
    cpu: ([x], out) => eachRow(x, out, (value, max, sum) => Math.exp(value - max) / sum),
  },
};

const logSoftmaxOp: Op = {
  name: 'logSoftmax',
  infer: (inputs) => rows('logSoftmax', inputs),
  gradient: (node, dy) => [logSoftmaxGradient(softmax(input(node.inputs, 0)), dy)],
  role: 'logProbabilities',
  kernel: {
    kind: 'expand',
    expand(inputs) {
      const s = shifted(input(inputs, 0));
      return sub(s, log(reduceSum(exp(s), LAST)));
    },
    cpu: ([x], out) => eachRow(x, out, (value, max, sum) => value - max - Math.log(sum)),
  },
};

/** Inputs p and dy: p·(dy − Σ dy·p). */
const softmaxGradientOp: Op = {
  name: 'softmaxGradient',
  infer: (inputs) => rows('softmaxGradient', inputs),
  kernel: {
    kind: 'expand',
    expand(inputs) {
      const [p, dy] = [input(inputs, 0), input(inputs, 1)];
      return mul(p, sub(dy, reduceSum(mul(dy, p), LAST)));
    },
  },
};

/**
 * `eˣ / Σ eˣ` along the last axis.
 * @throws GraphError where `x` is a scalar or not float32.
 */
export function softmax<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return createTensor(softmaxOp, [x]);
}

/**
 * The logarithm of {@link softmax}, `x - ln Σ eˣ`, finite for any finite `x`.
 * @throws GraphError where `x` is a scalar or not float32.
 */
export function logSoftmax<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return createTensor(logSoftmaxOp, [x]);
}

/**
 * The adjoint of x, where p = softmax(x) has the adjoint dy. A part u / p of dy, the gradient of a logarithm, becomes u − p·Σu.
 * That form has no division, so it and its own gradients are right where p is 0.
 */
function softmaxGradient(p: Tensor, dy: Tensor): Tensor {
  const [u] = dy.inputs;
  let [, divisor] = dy.inputs;
  while (divisor?.op === identityOp) [divisor] = divisor.inputs;
  if (dy.op === divOp && divisor === p && u !== undefined) return logSoftmaxGradient(p, broadcastToShapeOf(u, p));
  const parts = dy.op === accumulateOp ? dy.inputs.map((part) => softmaxGradient(p, part)) : [];
  return parts.every(({ op }) => op === softmaxGradientOp)
    ? createTensor(softmaxGradientOp, [p, dy])
    : parts.reduce((a, b): Tensor => add<Tensor, Tensor>(a, b));
}

/** u − p·Σu, where p = softmax(x) and u is the adjoint of logSoftmax(x). */
function logSoftmaxGradient(p: Tensor, u: Tensor): Tensor {
  return sub(u, mul(p, reduceSum(u, LAST)));
}

function shifted(x: Tensor): Tensor {
  return sub(x, reduceMax(x, LAST));
}

function rows(op: string, inputs: readonly Tensor[]): Tensor {
  const x = input(inputs, 0);
  if (x.shape.length === 0)
    throw new GraphError(`${calledAs(op)}: ${describeTensor(x)} is a scalar; give rows of classes.`);
  checkDType(op, x, FLOAT);
  return x;
}

/** Sets each element of `out` to `f` of the element, its row's maximum and its row's Σ eˣ⁻ᵐᵃˣ, in float64. */
function eachRow(x: NDArray | undefined, out: NDArray, f: (value: number, max: number, sum: number) => number): void {
  const data = x?.data ?? [];
  const classes = out.shape.at(-1) ?? 1;
  for (let row = 0; row < data.length; row += classes) {
    let max = -Infinity;
    for (let i = row; i < row + classes; i++) max = Math.max(max, data[i] ?? NaN);
    let sum = 0;
    for (let i = row; i < row + classes; i++) sum += Math.exp((data[i] ?? NaN) - max);
    for (let i = row; i < row + classes; i++) out.data[i] = f(data[i] ?? NaN, max, sum);
  }
}
