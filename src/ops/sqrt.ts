/** The square root. */
import sqrtShader from '../../shaders/sqrt.wgsl';
import type { Shape } from '../graph/shape.ts';
import { wgsl } from '../graph/snippet.ts';
import { createTensor, type Tensor } from '../graph/tensor.ts';
import { div } from './div.ts';
import { FLOAT, unaryOp } from './elementwise.ts';
import { mul } from './mul.ts';

const sqrtOp = /* @__PURE__ */ unaryOp({
  name: 'sqrt',
  takes: FLOAT,
  library: sqrtShader,
  wgsl: (x) => wgsl`squareRoot(${x})`,
  js: () => Math.sqrt,
  gradient: (dy, _, y) => div(mul(dy, 0.5), y),
});

/** `√x`, elementwise; NaN below 0. */
export function sqrt<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return createTensor(sqrtOp, [x]);
}
