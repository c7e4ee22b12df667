/** The common part of optimizers: makes an operation from a loss that updates variables and the optimizer's state. */
import { checkOptions, checkText } from '../checks.ts';
import { GraphError } from '../errors.ts';
import { gradients } from '../graph/gradients.ts';
import { fill } from '../graph/initializers.ts';
import { Operation, type Update } from '../graph/operation.ts';
import { shapesEqual } from '../graph/shape.ts';
import { checkVariables, Variable } from '../graph/sources.ts';
import { checkTensor, describeTensor, Tensor } from '../graph/tensor.ts';
import { topologicalOrder } from '../graph/walk.ts';
import { describe, printedBy } from '../print.ts';
import { add } from '../ops/add.ts';
import { clipGradients, type Clipping } from './clipping.ts';
import { checkNumber } from './options.ts';

/** Makes training steps that lower a loss. */
export interface Optimizer {
  /**
   * One training step, for `session.run` or `session.train`.
   *
   * @param loss - A float32 scalar.
   * @throws GraphError where the loss is not a scalar or depends on no trainable variable.
   */
  minimize(loss: Tensor, options?: MinimizeOptions): Operation;

  /** The optimizer's name and rate. */
  toString(): string;
}

export interface MinimizeOptions extends Clipping {
  /** The variables to update; by default every trainable variable that the loss depends on. */
  readonly variables?: readonly Variable[] | undefined;
  /** The operation's name in messages. */
  readonly name?: string | undefined;
}

/** A learning rate that depends on the optimizer's steps: see `exponentialDecay`, `cosineDecay`, `oneCycle`. */
export interface LearningRateSchedule {
  /** The rate, a float32 scalar, after `iterations` steps (a float32 scalar). */
  rateAt(iterations: Tensor): Tensor;
}

/** A learning rate: a number, a float32 scalar that a feed or the graph computes, or a schedule. */
export type LearningRate = number | Tensor | LearningRateSchedule;

/** The input of an optimizer's rule, which makes the updates of one variable. */
export interface UpdateContext {
  readonly variable: Variable;
  readonly gradient: Tensor;
  readonly rate: Tensor | number;
  /** State of the optimizer for this variable, in its shape: `<variable>/<optimizer>/<slot>`. */
  readonly slot: (name: string, initial?: number) => Variable;
  /**
   * The next value of a scalar state that all variables share, initially 0: `<first variable>/<optimizer>/<name>`. Its name has
   * the first of the variables, by name, so optimizers of other variables in a session have their own.
   */
  readonly sharedScalar: (name: string, next: (before: Tensor) => Tensor) => Tensor;
}

/**
 * An optimizer named `name` with a rule. Its state belongs to the optimizer: all its operations share it.
 * @throws UsageError on an empty name or an invalid rate.
 */
export function defineOptimizer(
  name: string,
  learningRate: LearningRate,
  rule: (context: UpdateContext) => readonly Update[],
): Optimizer {
  checkText("An optimizer's name", name);
  checkLearningRate(name, learningRate);
  const slots = new Map<string, Variable>();
  const sharedUpdates = new Map<string, Update>();
  /** Shared slots are found by their former names, which do not depend on the variables of an operation. */
  const slotOf = (
    target: string,
    slot: string,
    shape: readonly number[],
    initial: number,
    shared = false,
  ): Variable => {
    const formerName = shared ? `${name}/${slot}` : undefined;
    const path = `${target}/${name}/${slot}`;
    const known = slots.get(formerName ?? path);
    if (known !== undefined && shapesEqual(known.shape, shape)) return known;
    const created = new Variable(path, shape, fill(shape, initial), false, { optimizer: name, formerName });
    slots.set(formerName ?? path, created);
    return created;
  };
  const sharedScalar = (target: string, scalar: string, next: (before: Tensor) => Tensor): Tensor => {
    const variable = slotOf(target, scalar, [], 0, true);
    const update = sharedUpdates.get(variable.name) ?? { variable, value: next(variable) };
    sharedUpdates.set(variable.name, update);
    return update.value;
  };
  const rateOf = (target: string): Tensor | number => {
    if (typeof learningRate === 'number' || learningRate instanceof Tensor) return learningRate;
    sharedScalar(target, 'iterations', (before) => add(before, 1));
    return learningRate.rateAt(slotOf(target, 'iterations', [], 0, true));
  };
  const rateText = isSchedule(learningRate) ? 'schedule' : String(learningRate);
  return printedBy<Optimizer>(() => describe('Optimizer', name, { learningRate: rateText }))({
    minimize(loss, options = {}) {
      checkTensor('minimize', loss);
      checkOptions('minimize', options);
      const { variables = trainableVariables(loss), name: operationName = name } = options;
      checkText('minimize: the name', operationName);
      checkVariables('minimize', variables);
      const targets = [...new Set(variables)];
      if (targets.length === 0) {
        throw new GraphError(
          `${name}: ${describeTensor(loss)} depends on no trainable variable; name some: minimize(loss, { variables }).`,
        );
      }
      const unclipped = gradients(loss, targets);
      const { clipped, checks } = clipGradients(name, unclipped, options);
      const [first = ''] = targets.map((variable) => variable.name).sort();
      const rate = rateOf(first);
      const updates = targets.flatMap((variable, i) => {
        const context: Omit<UpdateContext, 'gradient'> = {
          variable,
          rate,
          slot: (slotName, initial = 0) => slotOf(variable.name, slotName, variable.initial.shape, initial),
          sharedScalar: (scalar, next) => sharedScalar(first, scalar, next),
        };
        return clipped.slice(i, i + 1).flatMap((gradient) => rule({ ...context, gradient }));
      });
      return new Operation(
        operationName,
        [...updates, ...sharedUpdates.values(), ...statisticUpdates(loss)],
        [
          { name: loss.name ?? 'loss', tensor: loss },
          ...targets.flatMap((variable, i) =>
            unclipped.slice(i, i + 1).map((tensor) => ({ name: `gradient of ${variable.name}`, tensor })),
          ),
          ...checks,
        ],
        true,
      );
    },
  });
}

/**
 * @throws UsageError where a number is negative or not finite; GraphError where a tensor is not a float32 scalar.
 */
function checkLearningRate(optimizer: string, rate: LearningRate): void {
  if (rate instanceof Tensor) {
    if (rate.shape.length !== 0 || rate.dtype !== 'float32') {
      throw new GraphError(
        `${optimizer}: the learning rate ${describeTensor(rate)} is ${rate.dtype}; give a float32 scalar.`,
      );
    }
  } else if (!isSchedule(rate)) {
    checkNumber(optimizer, 'learning rate', rate);
  }
}

const isSchedule = (rate: LearningRate): rate is LearningRateSchedule =>
  typeof (rate as Partial<LearningRateSchedule> | null)?.rateAt === 'function';

/** Updates of running statistics (batch normalisation). */
function statisticUpdates(loss: Tensor): Update[] {
  return topologicalOrder([loss]).flatMap((node) => {
    const [variable] = node.inputs;
    const value = node.op.update?.(node);
    return variable instanceof Variable && value !== undefined ? [{ variable, value }] : [];
  });
}

function trainableVariables(loss: Tensor): Variable[] {
  return topologicalOrder([loss]).filter((node): node is Variable => node instanceof Variable && node.trainable);
}
