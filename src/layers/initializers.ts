/** Initializers by name, as layers take them. */
import { glorotUniform, heNormal, ones, truncatedNormal, zeros, type Initializer } from '../index.ts';
import { checkName } from './layer.ts';

type Make = (shape: readonly number[]) => Initializer;

const initializers = {
  glorotUniform,
  heNormal,
  truncatedNormal: (shape) => truncatedNormal(shape, { stddev: 0.05 }),
  zeros,
  ones,
} satisfies Record<string, Make>;

/** A distribution of a variable's initial values; `truncatedNormal` has Keras' deviation of 0.05. @useDeclaredType */
export type InitializerName = keyof typeof initializers;

export function checkInitializer(kind: string, option: string, name: InitializerName): void {
  checkName(kind, option, name, initializers);
}

/** The initializer of that name for a variable of `shape`. */
export function initializer(name: InitializerName, shape: readonly number[]): Initializer {
  const make: Make = initializers[name];
  return make(shape);
}
