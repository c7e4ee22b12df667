/**
 * What a kind of layer has to say: how its options are checked and filled in, and its part of the graph. A layer itself is
 * plain data, so that a model can be written to a file.
 */
import { refuse } from '../checks.ts';
import { type Initializer, type Pair, type Tensor, type Variable } from '../index.ts';

/** One kind of layer. */
export interface Kind<L> {
  /** A layer with its options checked and the defaults filled in, from what a program or a file gives. Throws UsageError. */
  make(options: L): L;
  /** The layer's result for a batch `x`, `[batch, …]`. Throws GraphError where the shape does not fit. */
  build(x: Tensor, layer: L, place: Place): Tensor;
}

/** Where a layer is built: it names what belongs to the layer. */
export interface Place {
  /** The layer's name, unique in its model: `dense`, `dense_1`, … */
  readonly name: string;
  /** A variable `<layer>/<name>`. */
  weight(name: string, initial: Initializer, options?: { readonly trainable: boolean }): Variable;
}

/** @throws UsageError naming the layer's kind, the option, what was given and what is allowed, unless `holds`. */
export function checkOption(kind: string, option: string, value: unknown, holds: boolean, allowed: string): void {
  if (holds) return;
  refuse(`${kind}: \`${option}\``, value, allowed);
}

/** A whole number from 1 on. */
export function checkCount(kind: string, option: string, value: number): void {
  checkOption(kind, option, value, Number.isSafeInteger(value) && value >= 1, 'a whole number from 1 on');
}

export function checkBoolean(kind: string, option: string, value: boolean): void {
  checkOption(kind, option, value, typeof value === 'boolean', 'true or false');
}

/** One of the names that `allowed` has. */
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

/** One number for both directions, or [vertical, horizontal], as two. */
export function pairOf(kind: string, option: string, given: Pair): readonly [number, number] {
  // A file may hold anything.
  const pair = (Array.isArray(given) ? given : [given, given]) as readonly number[];
  const [vertical = NaN, horizontal = NaN] = pair;
  const holds = pair.length === 2 && pair.every((size) => Number.isSafeInteger(size) && size >= 1);
  checkOption(kind, option, given, holds, 'a whole number from 1 on, or two: [vertical, horizontal]');
  return [vertical, horizontal];
}
