/** The reciprocal. */
import type { Shape } from '../graph/shape.ts';
import { wgsl } from '../graph/snippet.ts';
import { createTensor, type Tensor } from '../graph/tensor.ts';
import { FLOAT, unaryOp } from './elementwise.ts';
import { mul } from './mul.ts';
import { neg } from './neg.ts';
import { square } from './square.ts';

const reciprocalOp = /* @__PURE__ */ unaryOp({
  name: 'reciprocal',
  takes: FLOAT,
  functions: ['divide'],
  wgsl: (x) => wgsl`divide(1.0, ${x})`,
  js: () => (x) => 1 / x,
  gradient: (dy, _, y) => neg(mul(dy, square(y))),
});

/** `1 / x`, elementwise. */
export function reciprocal<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return createTensor(reciprocalOp, [x]);
}
