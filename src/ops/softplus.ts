/** The smooth rectifier, in the form that never overflows. */
import softplusShader from '../../shaders/softplus.wgsl';
import type { Shape } from '../graph/shape.ts';
import { wgsl } from '../graph/snippet.ts';
import { createTensor, type Tensor } from '../graph/tensor.ts';
import { FLOAT, unaryOp } from './elementwise.ts';
import { mul } from './mul.ts';
import { sigmoid } from './sigmoid.ts';

const softplusOp = /* @__PURE__ */ unaryOp({
  name: 'softplus',
  takes: FLOAT,
  functions: ['exponential'],
  library: softplusShader,
  wgsl: (x) => wgsl`softPlus(${x})`,
  js: () => (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  gradient: (dy, x) => mul(dy, sigmoid(x)),
});

/** `ln(1 + eˣ)`, elementwise. */
export function softplus<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return createTensor(softplusOp, [x]);
}
