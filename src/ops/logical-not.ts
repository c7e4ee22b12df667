/** Negation of truth values. */
import type { Shape } from '../graph/shape.ts';
import { wgsl } from '../graph/snippet.ts';
import { createTensor, type Tensor } from '../graph/tensor.ts';
import { BOOL, unaryOp } from './elementwise.ts';

const logicalNotOp = /* @__PURE__ */ unaryOp({
  name: 'logicalNot',
  takes: BOOL,
  wgsl: (x) => wgsl`!${x}`,
  js: () => (x) => 1 - x,
});

/** `not x`, elementwise, on bools. */
export function logicalNot<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return createTensor(logicalNotOp, [x]);
}
