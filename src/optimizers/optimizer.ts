/** What all optimizers share: from a loss to an operation that updates variables and what is kept beside them. */
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
import { checkOption } from './options.ts';

/** Makes steps that lower a loss. */
export interface Optimizer {
  /**
   * One training step: to be run, or given to `session.train`.
   *
   * @param loss - A float32 scalar.
   * @throws GraphError where the loss is no scalar or depends on no trainable variable.
   */
  minimize(loss: Tensor, options?: MinimizeOptions): Operation;

  /** Its name and rate. */
  toString(): string;
}

export interface MinimizeOptions extends Clipping {
  /** What is updated; by default every trainable variable the loss depends on. */
  readonly variables?: readonly Variable[] | undefined;
  /** What the operation is called in messages. */
  readonly name?: string | undefined;
}

/** A learning rate that follows the optimizer's steps: see `exponentialDecay`, `cosineDecay`, `oneCycle`. */
export interface Schedule {
  /** The rate, a float32 scalar, of the step before which `iterations` (a float32 scalar) were done. */
  rateAt(iterations: Tensor): Tensor;
}

/** A rate as given: a number, a float32 scalar that a feed or the graph decides, or a schedule. */
export type LearningRate = number | Tensor | Schedule;

/** What an optimizer's rule makes the updates of one variable from. */
export interface Slope {
  readonly variable: Variable;
  readonly gradient: Tensor;
  readonly rate: Tensor | number;
  /** What is kept beside the variable, in its shape: `<variable>/<optimizer>/<slot>`. */
  readonly slot: (name: string, initial?: number) => Variable;
  /**
   * The next value of a scalar that is kept for all variables together, 0 at first. It is named after the first of them, by
   * name, so that optimizers of other variables in a session have their own: `<variable>/<optimizer>/<name>`.
   */
  readonly advance: (name: string, next: (before: Tensor) => Tensor) => Tensor;
}

/**
 * An optimizer named `name` with a rule. What is kept belongs to the optimizer: it is the same for all its operations.
 * @throws UsageError on an empty name, or a rate that cannot be one.
 */
export function createOptimizer(
  name: string,
  learningRate: LearningRate,
  rule: (slope: Slope) => readonly Update[],
): Optimizer {
  checkText("An optimizer's name", name);
  checkLearningRate(name, learningRate);
  const kept = new Map<string, Variable>();
  const advanced = new Map<string, Update>();
  /** Those kept for all variables are found by their names of before, under which all operations share them. */
  const keep = (target: string, slot: string, shape: readonly number[], initial: number, shared = false): Variable => {
    const formerly = shared ? `${name}/${slot}` : undefined;
    const path = `${target}/${name}/${slot}`;
    const known = kept.get(formerly ?? path);
    if (known !== undefined && shapesEqual(known.shape, shape)) return known;
    const made = new Variable(path, shape, fill(shape, initial), false, { by: name, formerly });
    kept.set(formerly ?? path, made);
    return made;
  };
  const advance = (target: string, scalar: string, next: (before: Tensor) => Tensor): Tensor => {
    const variable = keep(target, scalar, [], 0, true);
    const update = advanced.get(variable.name) ?? { variable, value: next(variable) };
    advanced.set(variable.name, update);
    return update.value;
  };
  const rateOf = (target: string): Tensor | number => {
    if (typeof learningRate === 'number' || learningRate instanceof Tensor) return learningRate;
    advance(target, 'iterations', (before) => add(before, 1));
    return learningRate.rateAt(keep(target, 'iterations', [], 0, true));
  };
  const rateText = isSchedule(learningRate) ? 'schedule' : String(learningRate);
  return printedBy<Optimizer>(() => describe('Optimizer', name, { learningRate: rateText }))({
    minimize(loss, options = {}) {
      checkTensor('minimize', loss);
      checkOptions('minimize', options);
      const { variables = trainable(loss), name: called = name } = options;
      checkText('minimize: the name', called);
      checkVariables('minimize', variables);
      const targets = [...new Set(variables)];
      if (targets.length === 0) {
        throw new GraphError(
          `${name}: ${describeTensor(loss)} depends on no trainable variable; name some: minimize(loss, { variables }).`,
        );
      }
      const found = gradients(loss, targets);
      const { clipped, checks } = clipGradients(name, found, options);
      const [first = ''] = targets.map((variable) => variable.name).sort();
      const rate = rateOf(first);
      const updates = targets.flatMap((variable, i) => {
        const slot: Slope['slot'] = (slotName, initial = 0) =>
          keep(variable.name, slotName, variable.initial.shape, initial);
        const advanceAll: Slope['advance'] = (scalar, next) => advance(first, scalar, next);
        return clipped
          .slice(i, i + 1)
          .flatMap((gradient) => rule({ variable, gradient, rate, slot, advance: advanceAll }));
      });
      return new Operation(
        called,
        [...updates, ...advanced.values(), ...following(loss)],
        [
          { name: loss.name ?? 'loss', tensor: loss },
          ...targets.flatMap((variable, i) =>
            found.slice(i, i + 1).map((tensor) => ({ name: `gradient of ${variable.name}`, tensor })),
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
    checkOption(optimizer, 'learning rate', rate);
  }
}

const isSchedule = (rate: LearningRate): rate is Schedule =>
  typeof (rate as Partial<Schedule> | null)?.rateAt === 'function';

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
