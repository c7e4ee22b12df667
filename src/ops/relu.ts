/** Rectifiers: relu and its leaky form. */
import { show } from '../checks.ts';
import { GraphError } from '../errors.ts';
import type { Attrs } from '../graph/op.ts';
import type { Shape } from '../graph/shape.ts';
import { wgsl } from '../graph/snippet.ts';
import { createTensor, type Tensor } from '../graph/tensor.ts';
import { greater } from './compare.ts';
import { FLOAT, literal, unaryOp } from './elementwise.ts';
import { mul } from './mul.ts';
import { where } from './where.ts';

const reluOp = /* @__PURE__ */ unaryOp({
  name: 'relu',
  takes: FLOAT,
  // Compares bits, since max() and comparisons may lose a NaN: -8388608 is -∞, and greater negative i32 are NaN.
  wgsl: (x) => wgsl`select(${x}, 0.0, bitcast<i32>(${x}) <= -8388608)`,
  js: () => (x) => Math.max(x, 0),
  gradient: (dy, x) => where(greater(x, 0), dy, 0),
});

interface LeakyAttrs extends Attrs {
  readonly slope: number;
}

const leakyReluOp = /* @__PURE__ */ unaryOp<LeakyAttrs>({
  name: 'leakyRelu',
  takes: FLOAT,
  wgsl: (x, { slope }) => wgsl`select(${literal(slope, 'float32')} * ${x}, ${x}, ${x} > 0.0)`,
  js:
    ({ slope }) =>
    (x) =>
      x > 0 ? x : slope * x,
  gradient: (dy, x, y) => where(greater(x, 0), dy, mul(dy, Number(y.attrs.slope))),
});

/** `max(x, 0)`, elementwise. Its gradient at 0 is 0. */
export function relu<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return createTensor(reluOp, [x]);
}

/**
 * `x` where positive, `slope · x` elsewhere.
 * @param slope - By default 0.2, as in Keras.
 * @throws GraphError where the slope is not a finite number.
 */
export function leakyRelu<S extends Shape>(x: Tensor<S>, slope = 0.2): Tensor<S> {
  if (!Number.isFinite(slope))
    throw new GraphError(`leakyRelu: the slope is ${show(slope)}; give a finite number, e.g. 0.2.`);
  return createTensor(leakyReluOp, [x], { slope });
}
