/** What all optimizers share: from a loss to an operation that updates variables. */
import { GraphError, UsageError } from '../errors.ts';
import { gradients } from '../graph/gradients.ts';
import { Operation, type Update } from '../graph/operation.ts';
import { Variable } from '../graph/sources.ts';
import { describeTensor, Tensor } from '../graph/tensor.ts';
import { topologicalOrder } from '../graph/walk.ts';

/** Makes steps that lower a loss. */
export interface Optimizer {
  /**
   * One training step: to be run, or given to `session.train`.
   *
   * @param loss - A float32 scalar.
   * @throws GraphError where the loss is no scalar or depends on no trainable variable.
   */
  minimize(loss: Tensor, options?: MinimizeOptions): Operation;
}

export interface MinimizeOptions {
  /** What is updated; by default every trainable variable the loss depends on. */
  readonly variables?: readonly Variable[] | undefined;
  /** What the operation is called in messages. */
  readonly name?: string | undefined;
}

/** A rate as given: a number, or a float32 scalar that a feed or the graph decides. */
export type LearningRate = number | Tensor;

/** The operation that applies `update(variable, gradient)` for each variable, watching the loss and the gradients. */
export function minimize(
  optimizer: string,
  loss: Tensor,
  { variables = trainable(loss), name = optimizer }: MinimizeOptions,
  update: (variable: Variable, gradient: Tensor) => readonly Update[],
): Operation {
  const targets = [...new Set(variables)];
  if (targets.length === 0) {
    throw new GraphError(
      `${optimizer}: ${describeTensor(loss)} depends on no trainable variable; name some: minimize(loss, { variables }).`,
    );
  }
  const found = gradients(loss, targets);
  const slopes = targets.flatMap((variable, i) => found.slice(i, i + 1).map((gradient) => ({ variable, gradient })));
  return new Operation(
    name,
    [...slopes.flatMap(({ variable, gradient }) => update(variable, gradient)), ...following(loss)],
    [
      { name: loss.name ?? 'loss', tensor: loss },
      ...slopes.map(({ variable, gradient }) => ({ name: `gradient of ${variable.name}`, tensor: gradient })),
    ],
    true,
  );
}

/**
 * The rate, checked.
 * @throws UsageError where a number is negative or not finite; GraphError where a tensor is not a float32 scalar.
 */
export function checkLearningRate(optimizer: string, rate: LearningRate): LearningRate {
  if (rate instanceof Tensor) {
    if (rate.shape.length !== 0 || rate.dtype !== 'float32') {
      throw new GraphError(
        `${optimizer}: the learning rate ${describeTensor(rate)} is ${rate.dtype}; give a float32 scalar.`,
      );
    }
  } else if (!Number.isFinite(rate) || rate < 0) {
    throw new UsageError(`${optimizer}: the learning rate is ${rate}; give a finite number from 0 on, e.g. 0.01.`);
  }
  return rate;
}

/** What becomes of variables that follow what is trained on: running statistics. */
function following(loss: Tensor): Update[] {
  return topologicalOrder([loss]).flatMap((node) => {
    const [variable] = node.inputs;
    const value = node.op.update?.(node);
    return variable instanceof Variable && value !== undefined ? [{ variable, value }] : [];
  });
}

function trainable(loss: Tensor): Variable[] {
  return topologicalOrder([loss]).filter((node): node is Variable => node instanceof Variable && node.trainable);
}
