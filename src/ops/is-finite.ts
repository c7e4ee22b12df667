/** The test for finite numbers. */
import type { Shape } from '../graph/shape.ts';
import { wgsl } from '../graph/snippet.ts';
import { createTensor, type Tensor } from '../graph/tensor.ts';
import { FLOAT, unaryOp } from './elementwise.ts';

const isFiniteOp = /* @__PURE__ */ unaryOp({
  name: 'isFinite',
  takes: FLOAT,
  gives: 'bool',
  wgsl: (x) => wgsl`(bitcast<u32>(${x}) & 0x7f800000u) != 0x7f800000u`,
  js: () => (x) => Number(Number.isFinite(x)),
});

/** `true` where `x` is neither infinite nor NaN, elementwise, as bool. No gradient flows through it. */
export function isFinite<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return createTensor(isFiniteOp, [x]);
}
