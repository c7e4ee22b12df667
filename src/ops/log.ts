/** The natural logarithm. `log(softmax(z))` becomes `logSoftmax(z)`, see softmax.ts. */
import type { Shape } from '../graph/shape.ts';
import { createTensor, type Tensor } from '../graph/tensor.ts';
import { div } from './div.ts';
import { FLOAT, unaryOp } from './elementwise.ts';

const logOp = /* @__PURE__ */ unaryOp({
  name: 'log',
  takes: FLOAT,
  // Some adapters give finite values for x ≤ 0, which would hide a diverging loss.
  wgsl: (x) => `select(log(${x}), bitcast<f32>(select(0xff800000u, 0x7fc00000u, ${x} < 0.0)), ${x} <= 0.0)`,
  js: () => Math.log,
  gradient: (dy, x) => div(dy, x),
});

/** `ln x`, elementwise: -Infinity at 0, NaN below. */
export function log<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return createTensor(logOp, [x]);
}
