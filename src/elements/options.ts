/** The classifier's attributes, checked: what cannot be used becomes the model's default, and is told. */
import { show } from '../checks.ts';
import { UsageError } from '../index.ts';
import type { Sequential } from '../layers/index.ts';

export type Backend = 'auto' | 'webgpu' | 'cpu';

/** The models there are by name, and what they are called. */
export const MODELS = {
  softmax: 'Softmax regression',
  mlp: 'Five-layer network',
  cnn: 'Convolutional network',
} as const;

export type ModelName = keyof typeof MODELS;

/** What a model has its own defaults of. */
interface Recipe {
  readonly optimizer: 'gradientDescent' | 'momentum' | 'rmsProp' | 'adagrad' | 'adam' | 'adamW';
  readonly steps: number;
  readonly batchSize: number;
  readonly learningRate: number;
}

/** What a training run is made of. */
export interface TrainerOptions extends Recipe {
  /** `mnist`, or the URL of a folder with four files named as MNIST's are. */
  readonly dataset: string;
  readonly model: ModelName | Sequential;
  /** The URL of a saved classifier to begin with, whose model is taken. */
  readonly weights: string | undefined;
  readonly seed: number;
  readonly backend: Backend;
}

/** The codelab's; 3 epochs of MNIST; as much as takes a minute or two where there is no GPU; Keras' rate. */
const recipes: Readonly<Record<ModelName | 'own', Recipe>> = {
  softmax: { optimizer: 'gradientDescent', steps: 1000, batchSize: 100, learningRate: 0.01 },
  mlp: { optimizer: 'adam', steps: 1650, batchSize: 100, learningRate: 0.003 },
  cnn: { optimizer: 'adam', steps: 300, batchSize: 100, learningRate: 0.003 },
  own: { optimizer: 'adam', steps: 1000, batchSize: 100, learningRate: 0.001 },
};

/** The options that a model has its own defaults of. */
export const RECIPE = ['optimizer', 'steps', 'batchSize', 'learningRate'] as const satisfies (keyof Recipe)[];

export function defaultsFor(model: TrainerOptions['model']): TrainerOptions {
  const recipe = recipes[typeof model === 'string' ? model : 'own'];
  return { dataset: 'mnist', model, weights: undefined, seed: 0, backend: 'auto', ...recipe };
}

/** The size of a batch: the model's own where the data set has as many rows, else all of these. Another is taken as it is. */
export function batchSizeFor({ model, batchSize }: TrainerOptions, rows: number): number {
  return batchSize === defaultsFor(model).batchSize ? Math.min(batchSize, rows) : batchSize;
}

/** `options` with another model, and its defaults. */
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
    allowed: `${presets.allowed}, or as a property what sequential() returns`,
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

/** `given`, with the model's default in place of each value that cannot be used, and an error for each of those. */
export function checkOptions(given: Readonly<Partial<Record<keyof TrainerOptions, unknown>>>): {
  readonly options: TrainerOptions;
  readonly errors: readonly UsageError[];
} {
  const model = rules.model.test(given.model) ? (given.model as TrainerOptions['model']) : 'softmax';
  const defaults = defaultsFor(model);
  const options: Record<string, unknown> = { ...defaults };
  const errors: UsageError[] = [];
  for (const name of Object.keys(rules) as (keyof TrainerOptions)[]) {
    const value = given[name];
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

/** `batch-size` of `batchSize`. */
export function attributeOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function isWebUrl(value: unknown): boolean {
  if (typeof value !== 'string' || value === '') return false;
  const base = (globalThis as { document?: Document }).document?.baseURI ?? 'http://localhost/';
  return URL.canParse(value, base) && /^(https?|blob):$/.test(new URL(value, base).protocol);
}
