/** Division. */
import type { Broadcast, Broadcasts, ShapeOf } from '../graph/shape-types.ts';
import { wgsl } from '../graph/snippet.ts';
import type { Tensor } from '../graph/tensor.ts';
import { binary, binaryOp, NUMBERS, type Operand } from './elementwise.ts';
import { mul } from './mul.ts';
import { neg } from './neg.ts';

export const divOp = /* @__PURE__ */ binaryOp({
  name: 'div',
  takes: NUMBERS,
  functions: ['divide'],
  wgsl: (a, b, type) => (type === 'float32' ? wgsl`divide(${a}, ${b})` : wgsl`${a} / ${b}`),
  // WGSL's rule for integers: round towards zero, and a / 0 is a.
  js: (type) => (type === 'int32' ? (a, b) => (b === 0 ? a : Math.trunc(a / b)) : (a, b) => a / b),
  gradient: (dy, _, b, y) => [div(dy, b), neg(div(mul(dy, y), b))],
});

/**
 * `a / b`, elementwise, with NumPy's broadcasting. In float32, a number divided by 0 is infinite and 0 / 0 is NaN. In int32,
 * the quotient is rounded towards zero and `a / 0` is `a`.
 * @throws GraphError where shapes do not broadcast or dtypes differ.
 */
export function div<A extends Operand, B extends Operand>(
  a: A,
  b: B & Broadcasts<A, B>,
): Tensor<Broadcast<ShapeOf<A>, ShapeOf<B>>> {
  return binary(divOp, a, b);
}
