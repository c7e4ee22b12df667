/** Rounding up. */
import type { Shape } from '../graph/shape.ts';
import { wgsl } from '../graph/snippet.ts';
import { createTensor, type Tensor } from '../graph/tensor.ts';
import { FLOAT, unaryOp } from './elementwise.ts';

const ceilOp = /* @__PURE__ */ unaryOp({
  name: 'ceil',
  takes: FLOAT,
  functions: ['keepNan'],
  wgsl: (x) => wgsl`keepNan(ceil(${x}), ${x})`,
  js: () => Math.ceil,
});

/** The least whole number not below `x`, elementwise. No gradient flows through it. */
export function ceil<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return createTensor(ceilOp, [x]);
}
