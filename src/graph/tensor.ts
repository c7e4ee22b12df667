/**
 * Making and naming tensors. The class stands with the contract of ops, since each names the other.
 */
import { show } from '../checks.ts';
import { GraphError } from '../errors.ts';
import { Tensor, type Attrs, type Composition, type Op } from './op.ts';
import { formatShape, type Shape } from './shape.ts';

export { Tensor };

/** The op that is being made of others, as the user called it. */
let composing: Composition | undefined;

/**
 * Makes an op of others: messages about any of them, and about the result, name the op that was called. Of one within another
 * it is the outer.
 */
export function compose<T>(call: Composition | undefined, build: () => T): T {
  if (composing !== undefined) return build();
  composing = call;
  try {
    return build();
  } finally {
    composing = undefined;
  }
}

/** What a message calls an op: itself, or the one that is being made of it. */
export const calledAs = (op: string): string => composing?.op ?? op;

/** A new node; its type follows from the op's rule, which throws `GraphError` where the inputs do not fit. */
export function createTensor<S extends Shape = Shape>(
  op: Op,
  inputs: readonly Tensor[],
  attrs: Attrs = {},
  name?: string,
): Tensor<S> {
  for (const input of inputs) checkTensor(op.name, input);
  const { shape, dtype } = op.infer(inputs, attrs);
  return new Tensor(op, inputs, attrs, shape as S, dtype, name, composing);
}

/** @throws GraphError unless it is a tensor. */
export function checkTensor(op: string, given: unknown, allowed = 'a tensor'): asserts given is Tensor {
  if (given instanceof Tensor) return;
  throw new GraphError(
    `${calledAs(op)}: ${show(given)} is not ${allowed}; give what placeholder(), variable(), constant() or an op returned.`,
  );
}

/** The i-th of an op's inputs, which a well-formed node has. */
export function input<T>(inputs: readonly T[], i: number): T {
  const one = inputs[i];
  if (one === undefined) throw new GraphError(`An op was given ${inputs.length} inputs; it takes more.`);
  return one;
}

/** `'W' [784, 10]`: how messages refer to a tensor. */
export function describeTensor({ name, from, op, shape }: Tensor): string {
  // While an op is being made of others, these are told apart.
  const result = from === composing ? op.name : (from?.op ?? op.name);
  return `${name === undefined ? `the result of ${result}` : `'${name}'`} ${formatShape(shape)}`;
}
