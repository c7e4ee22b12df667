/** The logistic function, in the form that never overflows. */
import sigmoidShader from '../../shaders/sigmoid.wgsl';
import type { Shape } from '../graph/shape.ts';
import { wgsl } from '../graph/snippet.ts';
import { createTensor, type Tensor } from '../graph/tensor.ts';
import { FLOAT, unaryOp } from './elementwise.ts';
import { mul } from './mul.ts';
import { sub } from './sub.ts';

const sigmoidOp = /* @__PURE__ */ unaryOp({
  name: 'sigmoid',
  takes: FLOAT,
  functions: ['exponential'],
  library: sigmoidShader,
  wgsl: (x) => wgsl`logistic(${x})`,
  js: () => (x) => {
    const e = Math.exp(-Math.abs(x));
    return (x >= 0 ? 1 : e) / (1 + e);
  },
  gradient: (dy, _, y) => mul(dy, mul(y, sub(1, y))),
});

/** `1 / (1 + e⁻ˣ)`, elementwise. */
export function sigmoid<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return createTensor(sigmoidOp, [x]);
}
