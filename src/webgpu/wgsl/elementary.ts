/**
 * Functions in WGSL that expressions call: those of shaders/elementary.wgsl by name, those of an op's own file all.
 */
import elementary from '../../../shaders/elementary.wgsl';
import { fault } from '../../errors.ts';
import type { MapKernel } from '../../graph/op.ts';
import type { Snippet, WgslFunction } from '../../graph/snippet.ts';

/** Heads are not written out where a function is called. */
const bodyLength = (text: string): number => text.length - text.indexOf('{');

const known = new Map<string, WgslFunction>();

/** A function of elementary.wgsl. */
function elementaryFunction(name: string): WgslFunction {
  const made = known.get(name);
  if (made !== undefined) return made;
  const text = elementary.functions[name];
  if (text === undefined) throw fault(`elementary.wgsl has no '${name}'`);
  const calls = elementary.calls[name] ?? [];
  const weight = calls.reduce((sum, called) => sum + elementaryFunction(called).weight, bodyLength(text));
  const one = { text, weight };
  known.set(name, one);
  return one;
}

/** The named functions and those that they call. */
function withCalled(names: Iterable<string>): WgslFunction[] {
  const used = new Set(names);
  for (const name of used) for (const called of elementary.calls[name] ?? []) used.add(called);
  return [...used].map(elementaryFunction);
}

const ofLibraries = new WeakMap<object, WgslFunction[]>();

function libraryFunctions(library: NonNullable<MapKernel['library']>): WgslFunction[] {
  const made =
    ofLibraries.get(library) ?? Object.values(library.functions).map((text) => ({ text, weight: bodyLength(text) }));
  ofLibraries.set(library, made);
  return made;
}

/** An expression with the functions that it, or its op's library, calls. */
export function calling(
  expression: Snippet,
  { functions = [], library }: Pick<MapKernel, 'functions' | 'library'>,
): Snippet {
  const own = library === undefined ? [] : libraryFunctions(library);
  const weight = [...functions.map(elementaryFunction), ...own].reduce((sum, each) => sum + each.weight, 0);
  return own.length + functions.length === 0
    ? expression
    : expression.needing([...withCalled(functions), ...own], weight);
}
