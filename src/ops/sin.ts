/** Sine and cosine: each is the other's derivative. */
import sineShader from '../../shaders/sine.wgsl';
import type { Shape } from '../graph/shape.ts';
import { wgsl } from '../graph/snippet.ts';
import { createTensor, type Tensor } from '../graph/tensor.ts';
import { FLOAT, unaryOp } from './elementwise.ts';
import { mul } from './mul.ts';
import { neg } from './neg.ts';

const sinOp = /* @__PURE__ */ unaryOp({
  name: 'sin',
  takes: FLOAT,
  library: sineShader,
  wgsl: (x) => wgsl`sine(${x})`,
  js: () => Math.sin,
  gradient: (dy, x) => mul(dy, cos(x)),
});

const cosOp = /* @__PURE__ */ unaryOp({
  name: 'cos',
  takes: FLOAT,
  library: sineShader,
  wgsl: (x) => wgsl`cosine(${x})`,
  js: () => Math.cos,
  gradient: (dy, x) => neg(mul(dy, sin(x))),
});

/**
 * The sine of `x` radians, elementwise, within 1e-6 of the result for any `x`. It is NaN at infinity. Large angles are coarse by
 * themselves: at 1e4, neighbouring float32 are 1e-3 apart.
 */
export function sin<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return createTensor(sinOp, [x]);
}

/**
 * The cosine of `x` radians, elementwise, within 1e-6 of the result for any `x`. It is NaN at infinity. Large angles are coarse by
 * themselves: at 1e4, neighbouring float32 are 1e-3 apart.
 */
export function cos<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return createTensor(cosOp, [x]);
}
