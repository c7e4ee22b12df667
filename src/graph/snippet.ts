/**
 * Pieces of WGSL. A snippet has the names that it reads and the declarations that it needs, so no pass searches its text.
 */
import { invariant } from '../errors.ts';

declare const printed: unique symbol;

/** Finished WGSL: opaque except to the device, which compiles it. */
export interface Wgsl {
  readonly [printed]: never;
}

const NOTHING: ReadonlySet<never> = new Set<never>();

/** A piece of WGSL. */
export interface Snippet {
  /** The text, a key for equal snippets. */
  readonly key: string;
  /** The names of the variables in it. */
  readonly reads: ReadonlySet<string>;
  /** The declarations that a module has once for all its kernels, as text; and `quads`, if it swaps values within quads. */
  readonly needs: ReadonlySet<string>;
  /** The cost for a compiler: its length, and the weight of the function at each call. */
  readonly weight: number;
  /** Set for a variable's name or a literal, which need no name. */
  readonly isAtom?: true;
  /** Set for a literal index. */
  readonly value?: number;
}

function literalText(key: string): Snippet {
  return { key, reads: NOTHING, needs: NOTHING, weight: key.length };
}

/** A variable by its name. */
export function name(text: string): Snippet {
  return { ...literalText(text), reads: new Set([text]), isAtom: true };
}

/** A `u32` literal: `784u`. */
export function u32(value: number): Snippet {
  return { ...literalText(`${value}u`), isAtom: true, value };
}

/** The same snippet with `needs`; `weight` is that of its calls of them. */
export function needing(snippet: Snippet, needs: Iterable<string>, weight = 0): Snippet {
  return { ...snippet, needs: new Set([...snippet.needs, ...needs]), weight: snippet.weight + weight };
}

/** A snippet of literal text and other snippets, with all their reads and needs. Strings are literal text, too. */
export function wgsl(
  text: TemplateStringsArray,
  ...parts: readonly (Snippet | string | number | undefined)[]
): Snippet {
  let key = text[0] ?? '';
  parts.forEach((part, i) => {
    invariant(part !== undefined, 'no part');
    key += `${typeof part === 'object' ? part.key : part}${text[i + 1] ?? ''}`;
  });
  return merge(
    key,
    parts.filter((part) => typeof part === 'object'),
  );
}

/** Concatenates snippets, by default as lines. */
export function join(snippets: readonly Snippet[], separator = '\n'): Snippet {
  return merge(snippets.map((snippet) => snippet.key).join(separator), snippets);
}

/** The snippet of a text that is made of others. */
function merge(key: string, parts: readonly Snippet[]): Snippet {
  const [first] = parts;
  if (first?.key === key) return first;
  return {
    key,
    reads: union(parts.map(({ reads }) => reads)),
    needs: union(parts.map(({ needs }) => needs)),
    weight: parts.reduce((sum, part) => sum + part.weight - part.key.length, key.length),
  };
}

function union(sets: readonly ReadonlySet<string>[]): ReadonlySet<string> {
  const [first = NOTHING, ...others] = new Set(sets.filter(({ size }) => size > 0));
  return others.length === 0 ? first : new Set([first, ...others].flatMap((set) => [...set]));
}

/** The finished text. */
export function print(snippet: Snippet): Wgsl {
  return snippet.key as unknown as Wgsl;
}

/** The text that a device compiles. */
export function wgslText(code: Wgsl): string {
  return code as unknown as string;
}
