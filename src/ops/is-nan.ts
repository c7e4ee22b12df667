/** The test for NaN. */
import type { Shape } from '../graph/shape.ts';
import { wgsl } from '../graph/snippet.ts';
import { createTensor, type Tensor } from '../graph/tensor.ts';
import { FLOAT, unaryOp } from './elementwise.ts';

const isNaNOp = /* @__PURE__ */ unaryOp({
  name: 'isNaN',
  takes: FLOAT,
  gives: 'bool',
  functions: ['isNan'],
  wgsl: (x) => wgsl`isNan(${x})`,
  js: () => (x) => Number(Number.isNaN(x)),
});

/** `true` where `x` is NaN, elementwise, as bool. No gradient flows through it. */
export function isNaN<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return createTensor(isNaNOp, [x]);
}
