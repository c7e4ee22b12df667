/** The classifier's attributes, checked: what cannot be used becomes its default, and is told. */
import { UsageError } from '../index.ts';

export type Backend = 'auto' | 'webgpu' | 'cpu';

/** What a training run is made of. */
export interface TrainerOptions {
  /** `mnist`, or the URL of a folder with four files named as MNIST's are. */
  readonly dataset: string;
  readonly model: string;
  readonly optimizer: string;
  readonly steps: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly seed: number;
  readonly backend: Backend;
}

export const defaults: TrainerOptions = {
  dataset: 'mnist',
  model: 'softmax',
  optimizer: 'gradientDescent',
  steps: 1000,
  batchSize: 100,
  learningRate: 0.01,
  seed: 0,
  backend: 'auto',
};

interface Rule {
  readonly allowed: string;
  test(value: unknown): boolean;
}

const integer = (from: number, to: number): Rule => ({
  allowed: `an integer from ${from} to ${to}`,
  test: (value) => Number.isInteger(value) && Number(value) >= from && Number(value) <= to,
});

const oneOf = (...names: string[]): Rule => ({
  allowed: names.map((name) => `'${name}'`).join(', '),
  test: (value) => names.includes(String(value)),
});

const rules: { readonly [K in keyof TrainerOptions]: Rule } = {
  dataset: {
    allowed: "'mnist' or an http(s) URL",
    test: (value) => typeof value === 'string' && (value === 'mnist' || isWebUrl(value)),
  },
  model: oneOf('softmax', 'mlp', 'cnn'),
  optimizer: oneOf('gradientDescent', 'momentum', 'rmsProp', 'adagrad', 'adam', 'adamW'),
  steps: integer(1, 10_000_000),
  batchSize: integer(1, 1_000_000),
  learningRate: {
    allowed: 'a number above 0 and up to 1000',
    test: (value) => typeof value === 'number' && value > 0 && value <= 1000,
  },
  seed: integer(0, 2 ** 32 - 1),
  backend: oneOf('auto', 'webgpu', 'cpu'),
};

/** `given`, with the default in place of each value that cannot be used, and an error for each of those. */
export function checkOptions(given: Readonly<Partial<Record<keyof TrainerOptions, unknown>>>): {
  readonly options: TrainerOptions;
  readonly errors: readonly UsageError[];
} {
  const options: Record<string, unknown> = { ...defaults };
  const errors: UsageError[] = [];
  for (const name of Object.keys(rules) as (keyof TrainerOptions)[]) {
    const value = given[name];
    if (rules[name].test(value)) {
      options[name] = value;
    } else if (value !== null && value !== undefined) {
      const attribute = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      errors.push(
        new UsageError(
          `<inkling-classifier ${attribute}>: ${JSON.stringify(value)} cannot be used, so it is ${defaults[name]}. ` +
            `Give ${rules[name].allowed}.`,
        ),
      );
    }
  }
  return { options: options as unknown as TrainerOptions, errors };
}

/** What this version cannot train yet. */
export function unsupported({ model, optimizer }: TrainerOptions): UsageError | undefined {
  if (model !== defaults.model) {
    return new UsageError(`model="${model}" comes with a later version of Inkling. Use model="softmax" for now.`);
  }
  if (optimizer !== defaults.optimizer) {
    return new UsageError(
      `optimizer="${optimizer}" comes with a later version of Inkling. Use optimizer="gradientDescent" for now.`,
    );
  }
  return undefined;
}

function isWebUrl(value: string): boolean {
  const base = (globalThis as { document?: Document }).document?.baseURI ?? 'http://localhost/';
  return value !== '' && URL.canParse(value, base) && /^(https?|blob):$/.test(new URL(value, base).protocol);
}
