/** The exponential. */
import type { Shape } from '../graph/shape.ts';
import { wgsl } from '../graph/snippet.ts';
import { createTensor, type Tensor } from '../graph/tensor.ts';
import { FLOAT, unaryOp } from './elementwise.ts';
import { mul } from './mul.ts';

const expOp = /* @__PURE__ */ unaryOp({
  name: 'exp',
  takes: FLOAT,
  functions: ['exponential'],
  wgsl: (x) => wgsl`exponential(${x})`,
  js: () => Math.exp,
  gradient: (dy, _, y) => mul(dy, y),
});

/** `eˣ`, elementwise. float32 overflows above x = 88.7. */
export function exp<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return createTensor(expOp, [x]);
}
