/**
 * Picks functions from shaders/elementary.wgsl.
 */
import elementary from '../../../shaders/elementary.wgsl';
import { fault } from '../../errors.ts';

/** The texts of the named functions and of those that they call, each once. */
export function elementaryFunctions(names: Iterable<string>): string[] {
  const used = new Set(names);
  for (const name of used) for (const called of elementary.calls[name] ?? []) used.add(called);
  return [...used].map((name) => {
    const text = elementary.functions[name];
    if (text === undefined) throw fault(`elementary.wgsl has no '${name}'`);
    return text;
  });
}
