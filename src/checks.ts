/**
 * What all layers ask of arguments, since programs without types may hand in anything.
 */
import { UsageError } from './errors.ts';

/** The kind of an object, as the language names it: `Array`, `Promise`, `DataView`; `Object` for most others. */
export const kindOf = (given: unknown): string => Object.prototype.toString.call(given).slice(8, -1);

/** A value for a message: numbers, texts and short lists as they are, other objects by their kind. */
export function show(given: unknown, depth = 0): string {
  if (typeof given === 'string') return `'${given.slice(0, 80)}'`;
  if (Array.isArray(given))
    return depth > 2 || given.length > 9
      ? `a list of ${given.length}`
      : `[${given.map((one) => show(one, depth + 1)).join(', ')}]`;
  const kind = kindOf(given);
  if (given !== Object(given)) return `${String(given)}${kind === 'BigInt' ? 'n' : ''}`;
  return `${/^[AEIOU]/.test(kind) ? 'an' : 'a'} ${kind}${kind === 'Promise' ? ' that is not awaited' : ''}`;
}

/** Whether it is an object that holds others by name: no list, no Map, no Promise. */
export function isRecord(given: unknown): given is Readonly<Record<string, unknown>> {
  return (
    typeof given === 'object' &&
    !/^(Null|(\w+\d+\w*)?Array|\w*Map|\w*Set|Promise|Date|DataView|\w*Buffer)$/.test(kindOf(given))
  );
}

/** Whether it is a list of numbers that is read by index: an array, or a typed array but for those of BigInts. */
export function isList(given: unknown): given is readonly unknown[] {
  return Array.isArray(given) || (ArrayBuffer.isView(given) && !/^(DataView|Big)/.test(kindOf(given)));
}

/** @throws UsageError naming the argument, what was given and what to give. */
export function refuse(argument: string, given: unknown, allowed: string): never {
  throw new UsageError(`${argument} is ${show(given)}; give ${allowed}.`);
}

/** @throws UsageError unless it is an array. */
export function checkList(argument: string, given: unknown, allowed: string): void {
  if (!Array.isArray(given)) refuse(argument, given, allowed);
}

/** @throws UsageError unless options are an object of them. */
export function checkOptions(caller: string, given: unknown, example = '{ name: value }'): void {
  if (!isRecord(given)) refuse(`${caller}: the argument of options`, given, `an object, e.g. ${example}`);
}

/** @throws UsageError unless it is a text that is not empty. */
export function checkText(argument: string, given: unknown): void {
  if (typeof given !== 'string' || given === '') refuse(argument, given, 'a text that is not empty');
}

/** @throws UsageError unless it is an AbortSignal, or left out. */
export function checkSignal(caller: string, given: unknown): void {
  if (given !== undefined && !(given instanceof AbortSignal))
    refuse(`${caller}: \`signal\``, given, "an AbortController's `signal`");
}

/** @throws UsageError unless it is a function, or left out. */
export function checkCallback(option: string, given: unknown): void {
  if (given !== undefined && typeof given !== 'function') refuse(option, given, 'a function');
}
