/** Negation. */
import type { Op } from '../graph/op.ts';
import type { Shape } from '../graph/shape.ts';
import { wgsl } from '../graph/snippet.ts';
import { createTensor, input, type Tensor } from '../graph/tensor.ts';
import { NUMBERS, unaryOp } from './elementwise.ts';

export const negOp: Op = /* @__PURE__ */ unaryOp({
  name: 'neg',
  takes: NUMBERS,
  wgsl: (x) => wgsl`-${x}`,
  js: () => (x) => -x,
  gradient: (dy) => neg(dy),
  absorbedBy: (consumer) => (consumer.op === negOp ? input(input(consumer.inputs, 0).inputs, 0) : undefined),
});

/** `-x`, elementwise. */
export function neg<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return createTensor(negOp, [x]);
}
