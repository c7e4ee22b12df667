/**
 * Tensors: the nodes of a graph. Plain immutable values that refer to their inputs; nothing is computed here.
 */
import type { DType } from './dtype.ts';
import type { Attrs, GraphNode, Op } from './op.ts';
import { formatShape, type Shape } from './shape.ts';

/** A value that a graph computes: `S` is its shape where the program's text tells it. */
export class Tensor<S extends Shape = Shape> implements GraphNode {
  readonly op: Op;
  readonly inputs: readonly Tensor[];
  readonly attrs: Attrs;
  readonly shape: readonly [...S];
  readonly dtype: DType;
  /** The name given by the user, if any. */
  readonly name: string | undefined;

  /** Internal: use the functions that `inkling` exports to make tensors. */
  constructor(op: Op, inputs: readonly Tensor[], attrs: Attrs, shape: S, dtype: DType, name?: string) {
    this.op = op;
    this.inputs = inputs;
    this.attrs = attrs;
    this.shape = shape;
    this.dtype = dtype;
    this.name = name;
  }
}

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
