/** Optimizers by name, with Keras' defaults, so that a classifier's can be written to a file. */
import { isRecord, refuse } from '../checks.ts';
import { adagrad, adam, adamW, gradientDescent, momentum, rmsProp, type Optimizer } from '../index.ts';
import { checkName, checkOption } from './layer.ts';

const optimizers = {
  sgd: (rate = 0.01) => gradientDescent(rate),
  momentum,
  rmsProp,
  adagrad,
  adam,
  adamW,
} satisfies Record<string, (rate?: number) => Optimizer>;

/** @useDeclaredType */
export type OptimizerName = keyof typeof optimizers;

/** An optimizer as plain data. */
export interface NamedOptimizer {
  readonly name: OptimizerName;
  /** Default: Keras', 0.01 for `sgd` and `momentum`, else 0.001. */
  readonly learningRate?: number | undefined;
}

/** An optimizer of the engine's, or one by name. */
export type OptimizerChoice = Optimizer | OptimizerName | NamedOptimizer;

const isOptimizer = (choice: unknown): choice is Optimizer => isRecord(choice) && typeof choice.minimize === 'function';

/** What was chosen, as plain data; `undefined` for an optimizer of the engine's. */
export function describeOptimizer(choice: OptimizerChoice | undefined): NamedOptimizer | undefined {
  if (typeof choice === 'string') return { name: choice };
  return choice === undefined || isOptimizer(choice) ? undefined : choice;
}

/** @throws UsageError on what is none, a name that is none, or a rate that cannot be used. */
export function createOptimizer(choice: OptimizerChoice): Optimizer {
  if (isOptimizer(choice)) return choice;
  if (typeof choice !== 'string' && !isRecord(choice))
    refuse('classifier: `optimizer`', choice, "one of the engine's, e.g. adam(0.003), or a name, e.g. 'adam'");
  const { name, learningRate }: NamedOptimizer = typeof choice === 'string' ? { name: choice } : choice;
  checkName('classifier', 'optimizer', name, optimizers);
  const isRate = learningRate === undefined || typeof learningRate === 'number';
  checkOption(name, 'learningRate', learningRate, isRate, 'a number');
  return optimizers[name](learningRate);
}
