/**
 * The interface of a kind of layer: the check of its options, and its part of the graph. A layer itself is plain data, so a
 * model can be written to a file.
 */
import { refuse } from '../checks.ts';
import { type Initializer, type Pair, type Tensor, type Variable } from '../index.ts';

/** A kind of layer. */
export interface Kind<L> {
  /** Checks the options of a program or a file and fills in the defaults. Throws UsageError. */
  make(options: L): L;
  /** Builds the layer's result for a batch `x`, `[batch, …]`. Throws GraphError for a shape that does not fit. */
  build(x: Tensor, layer: L, scope: LayerScope): Tensor;
}

/** Names of a layer and its variables, while it is built. */
export interface LayerScope {
  /** The layer's name, unique in its model: `dense`, `dense_1`, … */
  readonly name: string;
  /** Makes a variable `<layer>/<name>`. */
  weight(name: string, initial: Initializer, options?: { readonly trainable: boolean }): Variable;
}

/** @throws UsageError with the layer's kind, the option, its value and the allowed values, unless `holds`. */
export function checkOption(kind: string, option: string, value: unknown, holds: boolean, allowed: string): void {
  if (holds) return;
  refuse(`${kind}: \`${option}\``, value, allowed);
}

/** @throws UsageError unless `value` is a whole number from 1 on. */
export function checkCount(kind: string, option: string, value: number): void {
  checkOption(kind, option, value, Number.isSafeInteger(value) && value >= 1, 'a whole number from 1 on');
}

export function checkBoolean(kind: string, option: string, value: boolean): void {
  checkOption(kind, option, value, typeof value === 'boolean', 'true or false');
}

/** @throws UsageError unless `value` is a key of `allowed`. */
export function checkName(
  kind: string,
  option: string,
  value: string,
  allowed: Readonly<Record<string, unknown>>,
): void {
  const names = Object.keys(allowed).map((name) => `'${name}'`);
  checkOption(
    kind,
    option,
    value,
    typeof value === 'string' && Object.hasOwn(allowed, value),
    `one of ${names.join(', ')}`,
  );
}

/** A number for both directions, or [vertical, horizontal], as a pair. */
export function pairOf(kind: string, option: string, given: Pair): readonly [number, number] {
  // A file may hold any value.
  const pair = (Array.isArray(given) ? given : [given, given]) as readonly number[];
  const [vertical = NaN, horizontal = NaN] = pair;
  const holds = pair.length === 2 && pair.every((size) => Number.isSafeInteger(size) && size >= 1);
  checkOption(kind, option, given, holds, 'a whole number from 1 on, or two: [vertical, horizontal]');
  return [vertical, horizontal];
}
