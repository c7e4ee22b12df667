/** The same tensor: under a name, or cut off from gradients. Both are gone from the graph that runs. */
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

const identityOp = /* @__PURE__ */ same('identity', (_, dy) => [dy]);
const stopGradientOp = /* @__PURE__ */ same('stopGradient', () => [null]);

/** `x` under a name, which messages and printed graphs show. */
export function identity<S extends Shape>(x: Tensor<S>, name?: string): Tensor<S> {
  if (name !== undefined) checkText('identity: the name', name);
  return createTensor(identityOp, [x], {}, name);
}

/** `x`, as a constant to `gradients`. */
export function stopGradient<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return createTensor(stopGradientOp, [x]);
}
