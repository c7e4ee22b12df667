/** The absolute value. */
import type { Shape } from '../graph/shape.ts';
import { wgsl } from '../graph/snippet.ts';
import { createTensor, type Tensor } from '../graph/tensor.ts';
import { NUMBERS, unaryOp } from './elementwise.ts';
import { mul } from './mul.ts';
import { sign } from './sign.ts';

const absOp = /* @__PURE__ */ unaryOp({
  name: 'abs',
  takes: NUMBERS,
  wgsl: (x) => wgsl`abs(${x})`,
  js: () => Math.abs,
  gradient: (dy, x) => mul(dy, sign(x)),
});

/** `|x|`, elementwise. Its gradient at 0 is 0. */
export function abs<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return createTensor(absOp, [x]);
}
