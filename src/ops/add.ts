/** Addition. */
import { uniformValue } from '../graph/broadcast.ts';
import { shapesEqual } from '../graph/shape.ts';
import type { Broadcast, Broadcasts, ShapeOf } from '../graph/shape-types.ts';
import { wgsl } from '../graph/snippet.ts';
import { input, type Tensor } from '../graph/tensor.ts';
import { binary, binaryOp, NUMBERS, type Operand } from './elementwise.ts';

const addOp = /* @__PURE__ */ binaryOp({
  name: 'add',
  takes: NUMBERS,
  wgsl: (a, b) => wgsl`${a} + ${b}`,
  js: () => (a, b) => a + b,
  gradient: (dy) => [dy, dy],
  simplify: (node) => neutral(node, 0) ?? neutral(node, 1),
});

/** The other operand, where the i-th is 0. */
function neutral(node: Tensor, i: 0 | 1): Tensor | undefined {
  const other = input(node.inputs, 1 - i);
  return uniformValue(input(node.inputs, i)) === 0 && shapesEqual(other.shape, node.shape) ? other : undefined;
}

/**
 * `a + b`, elementwise, with NumPy's broadcasting.
 * @throws GraphError where shapes do not broadcast or dtypes differ.
 */
export function add<A extends Operand, B extends Operand>(
  a: A,
  b: B & Broadcasts<A, B>,
): Tensor<Broadcast<ShapeOf<A>, ShapeOf<B>>> {
  return binary(addOp, a, b);
}
