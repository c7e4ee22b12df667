/** The greater and the lesser of two operands, NaN if either is. Of equals, the first has the gradient (TensorFlow's rule). */
import type { Broadcast, Broadcasts, ShapeOf } from '../graph/shape-types.ts';
import { wgsl } from '../graph/snippet.ts';
import type { Tensor } from '../graph/tensor.ts';
import { greaterEqual, lessEqual } from './compare.ts';
import { binary, binaryOp, NUMBERS, type Operand } from './elementwise.ts';
import { where } from './where.ts';

const maximumOp = /* @__PURE__ */ binaryOp({
  name: 'maximum',
  takes: NUMBERS,
  functions: ['larger'],
  wgsl: (a, b, type) => wgsl`${type === 'float32' ? 'larger' : 'max'}(${a}, ${b})`,
  js: () => Math.max,
  gradient: (dy, a, b) => chosen(dy, greaterEqual(a, b)),
});

const minimumOp = /* @__PURE__ */ binaryOp({
  name: 'minimum',
  takes: NUMBERS,
  functions: ['smaller'],
  wgsl: (a, b, type) => wgsl`${type === 'float32' ? 'smaller' : 'min'}(${a}, ${b})`,
  js: () => Math.min,
  gradient: (dy, a, b) => chosen(dy, lessEqual(a, b)),
});

function chosen(dy: Tensor, first: Tensor): [Tensor, Tensor] {
  return [where(first, dy, 0), where(first, 0, dy)];
}

/**
 * The greater of `a` and `b`, elementwise, NaN if either is, with NumPy's broadcasting. Of equals, `a` has the gradient.
 * @throws GraphError where shapes do not broadcast or dtypes differ.
 */
export function maximum<A extends Operand, B extends Operand>(
  a: A,
  b: B & Broadcasts<A, B>,
): Tensor<Broadcast<ShapeOf<A>, ShapeOf<B>>> {
  return binary(maximumOp, a, b);
}

/**
 * The lesser of `a` and `b`, elementwise, NaN if either is, with NumPy's broadcasting. Of equals, `a` has the gradient.
 * @throws GraphError where shapes do not broadcast or dtypes differ.
 */
export function minimum<A extends Operand, B extends Operand>(
  a: A,
  b: B & Broadcasts<A, B>,
): Tensor<Broadcast<ShapeOf<A>, ShapeOf<B>>> {
  return binary(minimumOp, a, b);
}
