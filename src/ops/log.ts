/** The natural logarithm. `log(softmax(z))` becomes `logSoftmax(z)`, see softmax.ts. */
import type { Shape } from '../graph/shape.ts';
import { wgsl } from '../graph/snippet.ts';
import { createTensor, type Tensor } from '../graph/tensor.ts';
import { div } from './div.ts';
import { FLOAT, unaryOp } from './elementwise.ts';

export const logOp = /* @__PURE__ */ unaryOp({
  name: 'log',
  takes: FLOAT,
  functions: ['logarithm'],
  wgsl: (x) => wgsl`logarithm(${x})`,
  js: () => Math.log,
  gradient: (dy, x) => div(dy, x),
});

/** `ln x`, elementwise: -Infinity at 0, NaN below. */
export function log<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return createTensor(logOp, [x]);
}
