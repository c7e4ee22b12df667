/** Multiplication. */
import { uniformValue } from '../graph/broadcast.ts';
import { shapesEqual } from '../graph/shape.ts';
import type { Broadcast, Broadcasts, ShapeOf } from '../graph/shape-types.ts';
import { wgsl } from '../graph/snippet.ts';
import { input, type Tensor } from '../graph/tensor.ts';
import { binary, binaryOp, NUMBERS, type Operand } from './elementwise.ts';
import { neg } from './neg.ts';

const mulOp = /* @__PURE__ */ binaryOp({
  name: 'mul',
  takes: NUMBERS,
  wgsl: (a, b) => wgsl`${a} * ${b}`,
  js: (type) => (type === 'int32' ? Math.imul : (a, b) => a * b),
  gradient: (dy, a, b) => [mul(dy, b), mul(dy, a)],
  simplify: (node) => byUnit(node, 0) ?? byUnit(node, 1),
  role: 'product',
});

/** The other operand or its negative, where the i-th is 1 or -1. */
function byUnit(node: Tensor, i: 0 | 1): Tensor | undefined {
  const factor = uniformValue(input(node.inputs, i));
  const other = input(node.inputs, 1 - i);
  if (!shapesEqual(other.shape, node.shape)) return undefined;
  return factor === 1 ? other : factor === -1 ? neg(other) : undefined;
}

/**
 * `a · b`, elementwise, with NumPy's broadcasting.
 * @throws GraphError where shapes do not broadcast or dtypes differ.
 */
export function mul<A extends Operand, B extends Operand>(
  a: A,
  b: B & Broadcasts<A, B>,
): Tensor<Broadcast<ShapeOf<A>, ShapeOf<B>>> {
  return binary(mulOp, a, b);
}
