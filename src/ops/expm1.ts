/** The exponential less 1. */
import expm1Shader from '../../shaders/expm1.wgsl';
import type { Shape } from '../graph/shape.ts';
import { wgsl } from '../graph/snippet.ts';
import { createTensor, type Tensor } from '../graph/tensor.ts';
import { FLOAT, unaryOp } from './elementwise.ts';
import { exp } from './exp.ts';
import { mul } from './mul.ts';

const expm1Op = /* @__PURE__ */ unaryOp({
  name: 'expm1',
  takes: FLOAT,
  functions: ['exponential'],
  library: expm1Shader,
  wgsl: (x) => wgsl`exponentialLess1(${x})`,
  js: () => Math.expm1,
  gradient: (dy, x) => mul(dy, exp(x)),
});

/** `eˣ - 1`, elementwise, with all digits near 0 too. float32 overflows above x = 88.7. */
export function expm1<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return createTensor(expm1Op, [x]);
}
