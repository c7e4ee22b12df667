/**
 * The WGSL functions that expressions call: those of shaders/elementary.wgsl by name, and all of an op's own file.
 */
import elementary from '../../../shaders/elementary.wgsl';
import { invariant } from '../../errors.ts';
import type { MapKernel } from '../../graph/op.ts';
import { needing, type Snippet } from '../../graph/snippet.ts';

/** The text of a function of elementary.wgsl. */
function functionNamed(name: string): string {
  const text = elementary.functions[name];
  invariant(text !== undefined, `no function '${name}'`);
  return text;
}

const callsOf = (name: string): readonly string[] => elementary.calls[name] ?? [];

/** The weight of a call: compilers inline the function's body, and the bodies of the functions that it calls. */
const bodyWeight = (text: string): number => text.length - text.indexOf('{');
const weightOf = (name: string): number =>
  callsOf(name).reduce((sum, called) => sum + weightOf(called), bodyWeight(functionNamed(name)));

/** Returns an expression with the functions that it calls: some of elementary.wgsl, and an op's library. */
export function calling(
  expression: Snippet,
  { functions = [], library }: Pick<MapKernel, 'functions' | 'library'>,
): Snippet {
  const own = Object.values(library?.functions ?? {});
  const used = new Set(functions);
  for (const name of used) for (const called of callsOf(name)) used.add(called);
  const weights = [...functions.map(weightOf), ...own.map(bodyWeight)];
  return needing(
    expression,
    [...[...used].map(functionNamed), ...own],
    weights.reduce((sum, weight) => sum + weight, 0),
  );
}
