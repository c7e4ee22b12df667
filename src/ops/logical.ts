/** Conjunction and disjunction of truth values. */
import type { Broadcast, Broadcasts } from '../graph/shape-types.ts';
import type { Shape } from '../graph/shape.ts';
import { wgsl } from '../graph/snippet.ts';
import { createTensor, type Tensor } from '../graph/tensor.ts';
import { binaryOp, BOOL } from './elementwise.ts';

const logicalAndOp = /* @__PURE__ */ binaryOp({
  name: 'logicalAnd',
  takes: BOOL,
  wgsl: (a, b) => wgsl`${a} & ${b}`,
  js: () => (a, b) => a & b,
});

const logicalOrOp = /* @__PURE__ */ binaryOp({
  name: 'logicalOr',
  takes: BOOL,
  wgsl: (a, b) => wgsl`${a} | ${b}`,
  js: () => (a, b) => a | b,
});

/**
 * `a and b`, elementwise, on bools, with NumPy's broadcasting.
 * @throws GraphError where shapes do not broadcast or an operand is not bool.
 */
export function logicalAnd<A extends Shape, B extends Shape>(
  a: Tensor<A>,
  b: Tensor<B> & Broadcasts<Tensor<A>, Tensor<B>>,
): Tensor<Broadcast<A, B>> {
  return createTensor(logicalAndOp, [a, b]);
}

/**
 * `a or b`, elementwise, on bools, with NumPy's broadcasting.
 * @throws GraphError where shapes do not broadcast or an operand is not bool.
 */
export function logicalOr<A extends Shape, B extends Shape>(
  a: Tensor<A>,
  b: Tensor<B> & Broadcasts<Tensor<A>, Tensor<B>>,
): Tensor<Broadcast<A, B>> {
  return createTensor(logicalOrOp, [a, b]);
}
