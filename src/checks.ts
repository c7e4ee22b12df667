/**
 * Checks of arguments for all layers, since programs without types may pass anything.
 */
import { UsageError } from './errors.ts';

/** The kind of an object in the language: `Array`, `Promise`, `DataView`; `Object` for most others. */
export const kindOf = (given: unknown): string => Object.prototype.toString.call(given).slice(8, -1);

/** A value for a message: numbers, texts and short lists as they are, other objects by kind. */
export function show(given: unknown, depth = 0): string {
  if (typeof given === 'string') return `'${given.slice(0, 80)}'`;
  if (Array.isArray(given))
    return depth > 2 || given.length > 9
      ? `a list of ${given.length}`
      : `[${given.map((element) => show(element, depth + 1)).join(', ')}]`;
  const kind = kindOf(given);
  if (given !== Object(given)) return `${String(given)}${kind === 'BigInt' ? 'n' : ''}`;
  return `${/^[AEIOU]/.test(kind) ? 'an' : 'a'} ${kind}${kind === 'Promise' ? ' that is not awaited' : ''}`;
}

/** Tells whether `given` is an object with named properties, not a list, Map, Promise or the like. */
export function isRecord(given: unknown): given is Readonly<Record<string, unknown>> {
  return (
    typeof given === 'object' &&
    !/^(Null|(\w+\d+\w*)?Array|\w*Map|\w*Set|Promise|Date|DataView|\w*Buffer)$/.test(kindOf(given))
  );
}

/** Tells whether `given` is an array, or a typed array of numbers (not of BigInts). */
export function isList(given: unknown): given is readonly unknown[] {
  return Array.isArray(given) || (ArrayBuffer.isView(given) && !/^(DataView|Big)/.test(kindOf(given)));
}

/** @throws UsageError that names the argument, the given value and the allowed values. */
export function refuse(argument: string, given: unknown, allowed: string): never {
  throw new UsageError(`${argument} is ${show(given)}; give ${allowed}.`);
}

/** @throws UsageError unless `given` is an array. */
export function checkList(argument: string, given: unknown, allowed: string): void {
  if (!Array.isArray(given)) refuse(argument, given, allowed);
}

/** @throws UsageError unless `given` is an object of options. */
export function checkOptions(caller: string, given: unknown, example = '{ name: value }'): void {
  if (!isRecord(given)) refuse(`${caller}: the argument of options`, given, `an object, e.g. ${example}`);
}

/** @throws UsageError unless `given` is a whole number from 1 to `max`; `reason` explains `max`. */
export function checkCount(argument: string, given: unknown, max = Infinity, reason = ''): void {
  if (Number.isSafeInteger(given) && Number(given) >= 1 && Number(given) <= max) return;
  refuse(argument, given, `a whole number from 1 ${max === Infinity ? 'on' : `to ${max}`}${reason}`);
}

/** @throws UsageError unless `given` is a text that is not empty. */
export function checkText(argument: string, given: unknown): void {
  if (typeof given !== 'string' || given === '') refuse(argument, given, 'a text that is not empty');
}

/** @throws UsageError unless `given` is an AbortSignal or `undefined`. */
export function checkSignal(caller: string, given: unknown): void {
  if (given !== undefined && !(given instanceof AbortSignal))
    refuse(`${caller}: \`signal\``, given, "an AbortController's `signal`");
}

/** @throws UsageError unless `given` is a function or `undefined`. */
export function checkCallback(option: string, given: unknown): void {
  if (given !== undefined && typeof given !== 'function') refuse(option, given, 'a function');
}
