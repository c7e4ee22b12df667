/**
 * Making and naming tensors. The class stands with the contract of ops, since each names the other.
 */
import { Tensor, type Attrs, type Op } from './op.ts';
import { formatShape, type Shape } from './shape.ts';

export { Tensor };

/** A new node; its type follows from the op's rule, which throws `GraphError` where the inputs do not fit. */
export function createTensor<S extends Shape = Shape>(
  op: Op,
  inputs: readonly Tensor[],
  attrs: Attrs = {},
  name?: string,
): Tensor<S> {
  const { shape, dtype } = op.infer(inputs, attrs);
  return new Tensor(op, inputs, attrs, shape as S, dtype, name);
}

/** `'W' [784, 10]`: how messages refer to a tensor. */
export function describeTensor(tensor: Tensor): string {
  return `${tensor.name === undefined ? `the result of ${tensor.op.name}` : `'${tensor.name}'`} ${formatShape(tensor.shape)}`;
}
