/** The natural logarithm of 1 + x. */
import log1pShader from '../../shaders/log1p.wgsl';
import type { Shape } from '../graph/shape.ts';
import { wgsl } from '../graph/snippet.ts';
import { createTensor, type Tensor } from '../graph/tensor.ts';
import { add } from './add.ts';
import { div } from './div.ts';
import { FLOAT, unaryOp } from './elementwise.ts';

const log1pOp = /* @__PURE__ */ unaryOp({
  name: 'log1p',
  takes: FLOAT,
  functions: ['logarithm', 'twiceArtanh'],
  library: log1pShader,
  wgsl: (x) => wgsl`logarithmOfSum(${x})`,
  js: () => Math.log1p,
  gradient: (dy, x) => div(dy, add(x, 1)),
});

/** `ln(1 + x)`, elementwise, with all digits near 0 too. It is `-Infinity` at -1, and NaN below. */
export function log1p<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return createTensor(log1pOp, [x]);
}
