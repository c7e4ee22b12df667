/**
 * Operations: the effects of a run on variables. Like tensors they are plain values; a session executes them.
 */
import { refuse } from '../checks.ts';
import { GraphError } from '../errors.ts';
import { describe, Printed } from '../print.ts';
import { formatShape, shapesEqual } from './shape.ts';
import { checkVariable, type Variable } from './sources.ts';
import { checkTensor, describeTensor, type Tensor } from './tensor.ts';

/** A variable's next value. All updates of a run read the values from before the run. */
export interface Update {
  readonly variable: Variable;
  readonly value: Tensor;
}

/** A tensor that must stay finite. If it does not, the run's updates are dropped and `NumericsError` names it. */
export interface Check {
  readonly name: string;
  readonly tensor: Tensor;
}

/** A value to run for its effect: an optimizer's step, an assignment, a group of operations. */
export class Operation extends Printed {
  readonly name: string;
  readonly updates: readonly Update[];
  readonly checks: readonly Check[];
  /** Set where a run of it is training: dropout drops, batch normalisation uses the batch. */
  readonly training: boolean;

  /**
   * Internal: use `minimize`, {@link assign} or {@link group}.
   * @throws GraphError where a variable is set to two values.
   */
  constructor(name: string, updates: readonly Update[], checks: readonly Check[], training: boolean) {
    const once = eachOnce(name, updates);
    super(describe('Operation', name, { updates: once.map(({ variable }) => variable.name) }));
    this.name = name;
    this.updates = once;
    this.checks = checks;
    this.training = training;
  }
}

/**
 * Sets a variable to a value.
 * @throws GraphError where shapes or dtypes differ.
 */
export function assign(target: Variable, value: Tensor): Operation {
  checkVariable('assign', target);
  checkTensor('assign', value);
  if (!shapesEqual(target.shape, value.shape) && !fitsLate(target, value)) {
    throw new GraphError(
      `assign: ${describeTensor(value)} does not fit ${describeTensor(target)}; give a value of shape ${formatShape(target.shape)}.`,
    );
  }
  if (value.dtype !== target.dtype) {
    throw new GraphError(
      `assign: ${describeTensor(value)} is ${value.dtype}, ${describeTensor(target)} is ${target.dtype}; cast it first.`,
    );
  }
  return new Operation(`assign ${target.name}`, [{ variable: target, value }], [], false);
}

/** Tells whether the shapes may be equal once feeds are known. */
function fitsLate(target: Tensor, value: Tensor): boolean {
  return (
    target.shape.length === value.shape.length && value.shape.every((dim, i) => dim === null || dim === target.shape[i])
  );
}

/**
 * Combines several operations into one.
 * @throws GraphError where two of them set the same variable.
 */
export function group(...operations: readonly Operation[]): Operation {
  for (const operation of operations)
    if (!(operation instanceof Operation))
      refuse('group: an argument', operation, 'what minimize(), assign() or group() returned');
  return new Operation(
    `group(${operations.map((operation) => operation.name).join(', ')})`,
    operations.flatMap((operation) => operation.updates),
    operations.flatMap((operation) => operation.checks),
    operations.some((operation) => operation.training),
  );
}

function eachOnce(name: string, updates: readonly Update[]): Update[] {
  const known = new Map<string, Update>();
  for (const update of updates) {
    const { variable, value } = update;
    if ((known.get(variable.name)?.value ?? value) !== value)
      throw new GraphError(`${name}: '${variable.name}' is set to two values; a run can set a variable once.`);
    known.set(variable.name, update);
  }
  return [...known.values()];
}
