/** The hyperbolic tangent. */
import tanhShader from '../../shaders/tanh.wgsl';
import type { Shape } from '../graph/shape.ts';
import { wgsl } from '../graph/snippet.ts';
import { createTensor, type Tensor } from '../graph/tensor.ts';
import { FLOAT, unaryOp } from './elementwise.ts';
import { mul } from './mul.ts';
import { square } from './square.ts';
import { sub } from './sub.ts';

const tanhOp = /* @__PURE__ */ unaryOp({
  name: 'tanh',
  takes: FLOAT,
  functions: ['keepNan', 'exponential'],
  library: tanhShader,
  wgsl: (x) => wgsl`hyperbolicTangent(${x})`,
  js: () => Math.tanh,
  gradient: (dy, _, y) => mul(dy, sub(1, square(y))),
});

/** `tanh x`, elementwise. */
export function tanh<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return createTensor(tanhOp, [x]);
}
