/** Options of the classifier element: defaults by model, and a check that replaces invalid ones by these. */
import { show } from '../checks.ts';
import { UsageError, type SessionOptions } from '../index.ts';
import type { Sequential } from '../layers/index.ts';

export type Backend = NonNullable<SessionOptions['backend']>;

/** The models by name, with their titles. */
export const MODELS = {
  softmax: 'Softmax regression',
  mlp: 'Five-layer network',
  cnn: 'Convolutional network',
} as const;

export type ModelName = keyof typeof MODELS;

/** Options whose defaults depend on the model. */
interface Recipe {
  readonly optimizer: 'gradientDescent' | 'momentum' | 'rmsProp' | 'adagrad' | 'adam' | 'adamW';
  readonly steps: number;
  readonly batchSize: number;
  readonly learningRate: number;
}

/** Options of a training run. */
export interface TrainerOptions extends Recipe {
  /** `mnist`, or the URL of a folder with four files named as MNIST's are. */
  readonly dataset: string;
  readonly model: ModelName | Sequential;
  /** The URL of a saved classifier to begin with; it brings its model. */
  readonly weights: string | undefined;
  readonly seed: number;
  readonly backend: Backend;
}

/** The codelab's recipe; 3 epochs of MNIST; a minute or two of training on a CPU; Keras' learning rate. */
const recipes: Readonly<Record<ModelName | 'own', Recipe>> = {
  softmax: { optimizer: 'gradientDescent', steps: 1000, batchSize: 100, learningRate: 0.01 },
  mlp: { optimizer: 'adam', steps: 1650, batchSize: 100, learningRate: 0.003 },
  cnn: { optimizer: 'adam', steps: 300, batchSize: 100, learningRate: 0.003 },
  own: { optimizer: 'adam', steps: 1000, batchSize: 100, learningRate: 0.001 },
};

/** The names of a {@link Recipe}. */
export const RECIPE = ['optimizer', 'steps', 'batchSize', 'learningRate'] as const satisfies (keyof Recipe)[];

export function defaultsFor(model: TrainerOptions['model']): TrainerOptions {
  const recipe = recipes[typeof model === 'string' ? model : 'own'];
  return { dataset: 'mnist', model, weights: undefined, seed: 0, backend: 'auto', ...recipe };
}

/** The size of a batch: a model's default is limited to the data set's `rows`, another size is not. */
export function batchSizeFor({ model, batchSize }: TrainerOptions, rows: number): number {
  return batchSize === defaultsFor(model).batchSize ? Math.min(batchSize, rows) : batchSize;
}

/** Tests whether a change of options needs another data set or session. */
export function needsNewJob(before: TrainerOptions, after: TrainerOptions): boolean {
  const keys = ['dataset', 'model', 'weights', 'optimizer', 'seed', 'backend'] as const;
  return keys.some((key) => before[key] !== after[key]);
}

/** `options` with another model and its defaults. */
export function withModel(options: TrainerOptions, model: TrainerOptions['model']): TrainerOptions {
  const { dataset, weights, seed, backend } = options;
  return model === options.model ? options : { ...defaultsFor(model), dataset, weights, seed, backend };
}

interface Rule {
  readonly allowed: string;
  test(value: unknown): boolean;
}

const integer = (from: number, to: number): Rule => ({
  allowed: `an integer from ${from} to ${to}`,
  test: (value) => Number.isInteger(value) && Number(value) >= from && Number(value) <= to,
});

const oneOf = (names: readonly string[]): Rule => ({
  allowed: names.map((name) => `'${name}'`).join(', '),
  test: (value) => typeof value === 'string' && names.includes(value),
});

const presets = oneOf(Object.keys(MODELS));

const rules: { readonly [K in keyof TrainerOptions]: Rule } = {
  dataset: { allowed: "'mnist' or an http(s) URL", test: (value) => value === 'mnist' || isWebUrl(value) },
  model: {
    allowed: `${presets.allowed}, or as a property a model of sequential()`,
    test: (value) => presets.test(value) || (typeof value === 'object' && value !== null && 'layers' in value),
  },
  weights: { allowed: 'an http(s) URL', test: isWebUrl },
  optimizer: oneOf(['gradientDescent', 'momentum', 'rmsProp', 'adagrad', 'adam', 'adamW']),
  steps: integer(1, 10_000_000),
  batchSize: integer(1, 1_000_000),
  learningRate: {
    allowed: 'a number above 0 and up to 1000',
    test: (value) => typeof value === 'number' && value > 0 && value <= 1000,
  },
  seed: integer(0, 2 ** 32 - 1),
  backend: oneOf(['auto', 'webgpu', 'cpu']),
};

/** Replaces each invalid value by the model's default. Returns an error for each of them. */
export function checkOptions(given: Readonly<Partial<Record<keyof TrainerOptions, unknown>>>): {
  readonly options: TrainerOptions;
  readonly errors: readonly UsageError[];
} {
  const model = rules.model.test(given.model) ? (given.model as TrainerOptions['model']) : 'softmax';
  const defaults = defaultsFor(model);
  const options: Record<string, unknown> = { ...defaults };
  const errors: UsageError[] = [];
  for (const name of Object.keys(rules) as (keyof TrainerOptions)[]) {
    const value = name === 'optimizer' && given[name] === 'sgd' ? 'gradientDescent' : given[name];
    if (rules[name].test(value)) {
      options[name] = value;
    } else if (value !== null && value !== undefined) {
      const instead = options[name] === undefined ? 'left out' : JSON.stringify(options[name]);
      errors.push(
        new UsageError(
          `<inkling-classifier ${attributeOf(name)}>: ${show(value)} cannot be used, so it is ${instead}. ` +
            `Give ${rules[name].allowed}.`,
        ),
      );
    }
  }
  return { options: options as unknown as TrainerOptions, errors };
}

/** The attribute of an option: `batch-size` of `batchSize`. */
export function attributeOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function isWebUrl(value: unknown): boolean {
  if (typeof value !== 'string' || value === '') return false;
  const base = (globalThis as { document?: Document }).document?.baseURI ?? 'http://localhost/';
  return URL.canParse(value, base) && /^(https?|blob):$/.test(new URL(value, base).protocol);
}
