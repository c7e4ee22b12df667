/**
 * Creation and naming of tensors. The class is in op.ts, since tensors and ops refer to each other.
 */
import { show } from '../checks.ts';
import { GraphError } from '../errors.ts';
import { Tensor, type Attrs, type Composition, type Op } from './op.ts';
import { formatShape, type Shape } from './shape.ts';

export { Tensor };

/** The composite op that is being built, if any. */
let composing: Composition | undefined;

/**
 * Builds a composite op: messages about its parts and its result name the op that the user called. A composite within a
 * composite counts as a part of the outer one.
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

/** The name of an op in messages: the composite op that is being built, or its own. */
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

/** @throws GraphError unless `given` is a tensor. */
export function checkTensor(op: string, given: unknown, allowed = 'a tensor'): asserts given is Tensor {
  if (given instanceof Tensor) return;
  throw new GraphError(
    `${calledAs(op)}: ${show(given)} is not ${allowed}; give the result of placeholder(), variable(), constant() or an op.`,
  );
}

/** The i-th of an op's inputs, which a well-formed node has. */
export function input<T>(inputs: readonly T[], i: number): T {
  const value = inputs[i];
  if (value === undefined) throw new GraphError(`An op was given ${inputs.length} inputs; it takes more.`);
  return value;
}

/** A tensor's name and shape for messages: `'W' [784, 10]`. */
export function describeTensor({ name, from, op, shape }: Tensor): string {
  // While a composite op is being built, its parts have their own names.
  const result = from === composing ? op.name : (from?.op ?? op.name);
  return `${name === undefined ? `the result of ${result}` : `'${name}'`} ${formatShape(shape)}`;
}
