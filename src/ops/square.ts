/** The square. */
import type { Shape } from '../graph/shape.ts';
import { wgsl } from '../graph/snippet.ts';
import { createTensor, type Tensor } from '../graph/tensor.ts';
import { NUMBERS, unaryOp } from './elementwise.ts';
import { mul } from './mul.ts';

const squareOp = /* @__PURE__ */ unaryOp({
  name: 'square',
  takes: NUMBERS,
  wgsl: (x) => wgsl`${x} * ${x}`,
  js: (_, type) => (type === 'int32' ? (x) => Math.imul(x, x) : (x) => x * x),
  gradient: (dy, x) => mul(dy, mul(x, 2)),
});

/** `x²`, elementwise. */
export function square<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return createTensor(squareOp, [x]);
}
