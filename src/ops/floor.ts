/** Rounding down. */
import type { Shape } from '../graph/shape.ts';
import { wgsl } from '../graph/snippet.ts';
import { createTensor, type Tensor } from '../graph/tensor.ts';
import { FLOAT, unaryOp } from './elementwise.ts';

const floorOp = /* @__PURE__ */ unaryOp({
  name: 'floor',
  takes: FLOAT,
  functions: ['keepNan'],
  wgsl: (x) => wgsl`keepNan(floor(${x}), ${x})`,
  js: () => Math.floor,
});

/** The greatest whole number not above `x`, elementwise. No gradient flows through it. */
export function floor<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return createTensor(floorOp, [x]);
}
