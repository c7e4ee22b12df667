/** Subtraction. */
import type { Broadcast, Broadcasts, ShapeOf } from '../graph/shape-types.ts';
import { wgsl } from '../graph/snippet.ts';
import type { Tensor } from '../graph/tensor.ts';
import { binary, binaryOp, NUMBERS, type Operand } from './elementwise.ts';
import { neg } from './neg.ts';

const subOp = /* @__PURE__ */ binaryOp({
  name: 'sub',
  takes: NUMBERS,
  wgsl: (a, b) => wgsl`${a} - ${b}`,
  js: () => (a, b) => a - b,
  gradient: (dy) => [dy, neg(dy)],
});

/**
 * `a - b`, elementwise, with NumPy's broadcasting.
 * @throws GraphError where shapes do not broadcast or dtypes differ.
 */
export function sub<A extends Operand, B extends Operand>(
  a: A,
  b: B & Broadcasts<A, B>,
): Tensor<Broadcast<ShapeOf<A>, ShapeOf<B>>> {
  return binary(subOp, a, b);
}
