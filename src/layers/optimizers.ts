/** Optimizers by name, with Keras' defaults: as plain data they can be written to a classifier's file. */
import { isRecord, refuse } from '../checks.ts';
import { adagrad, adam, adamW, gradientDescent, momentum, rmsProp, type Optimizer } from '../index.ts';
import { checkName, checkOption } from './layer.ts';

const sgd = (rate = 0.01): Optimizer => gradientDescent(rate);

/** `sgd` is Keras' name, `gradientDescent` the engine's. */
const optimizers = { sgd, momentum, rmsProp, adagrad, adam, adamW, gradientDescent: sgd } satisfies Record<
  string,
  (rate?: number) => Optimizer
>;

/** @useDeclaredType */
export type OptimizerName = keyof typeof optimizers;

/** An optimizer as plain data. */
export interface NamedOptimizer {
  readonly name: OptimizerName;
  /** Default: Keras' rate, 0.01 for `sgd` and `momentum`, else 0.001. */
  readonly learningRate?: number | undefined;
}

/** An optimizer of the engine's, or one by name. */
export type OptimizerChoice = Optimizer | OptimizerName | NamedOptimizer;

const isOptimizer = (choice: unknown): choice is Optimizer => isRecord(choice) && typeof choice.minimize === 'function';

/** The choice as plain data; `undefined` for an optimizer of the engine's. */
export function describeOptimizer(choice: OptimizerChoice | undefined): NamedOptimizer | undefined {
  if (typeof choice === 'string') return { name: choice };
  return choice === undefined || isOptimizer(choice) ? undefined : choice;
}

/** @throws UsageError on an unknown name, an invalid learning rate, or anything else that is not an optimizer. */
export function resolveOptimizer(choice: OptimizerChoice): Optimizer {
  if (isOptimizer(choice)) return choice;
  if (typeof choice !== 'string' && !isRecord(choice))
    refuse('classifier: `optimizer`', choice, "one of the engine's, e.g. adam(0.003), or a name, e.g. 'adam'");
  const { name, learningRate }: NamedOptimizer = typeof choice === 'string' ? { name: choice } : choice;
  checkName('classifier', 'optimizer', name, optimizers);
  const isRate = learningRate === undefined || typeof learningRate === 'number';
  checkOption(name, 'learningRate', learningRate, isRate, 'a number');
  return optimizers[name](learningRate);
}
