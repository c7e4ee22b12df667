/** The sign. */
import type { Shape } from '../graph/shape.ts';
import { wgsl } from '../graph/snippet.ts';
import { createTensor, type Tensor } from '../graph/tensor.ts';
import { NUMBERS, unaryOp } from './elementwise.ts';

const signOp = /* @__PURE__ */ unaryOp({
  name: 'sign',
  takes: NUMBERS,
  functions: ['keepNan'],
  wgsl: (x, _, type) => (type === 'float32' ? wgsl`keepNan(sign(${x}), ${x})` : wgsl`sign(${x})`),
  js: () => Math.sign,
});

/** -1, 0 or 1 by the sign of `x`, elementwise. No gradient flows through it. */
export function sign<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return createTensor(signOp, [x]);
}
