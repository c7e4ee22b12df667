/** Identities: one names a tensor, one stops gradients. Simplification removes both from the graph. */
import { checkText } from '../checks.ts';
import type { Op } from '../graph/op.ts';
import type { Shape } from '../graph/shape.ts';
import { createTensor, input, type Tensor } from '../graph/tensor.ts';

const same = (name: string, gradient: NonNullable<Op['gradient']>): Op => ({
  name,
  infer: (inputs) => input(inputs, 0),
  gradient,
  simplify: (node) => input(node.inputs, 0),
  kernel: { kind: 'alias' },
});

export const identityOp = /* @__PURE__ */ same('identity', (_, dy) => [dy]);
const stopGradientOp = /* @__PURE__ */ same('stopGradient', () => [null]);

/** `x` with a name, which messages and printed graphs show. */
export function identity<S extends Shape>(x: Tensor<S>, name?: string): Tensor<S> {
  if (name !== undefined) checkText('identity: the name', name);
  return createTensor(identityOp, [x], {}, name);
}

/** `x`, which `gradients` treats as a constant. */
export function stopGradient<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return createTensor(stopGradientOp, [x]);
}
