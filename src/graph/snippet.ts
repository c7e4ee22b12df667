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
export class Snippet {
  /** The text, a key for equal snippets. */
  readonly key: string;
  /** The names of the variables in it. */
  readonly reads: ReadonlySet<string>;
  /** The declarations that a module makes once for all its kernels: functions by their texts, and features. */
  readonly needs: ReadonlySet<string>;
  /** The cost for a compiler: its length, and the weight of the function at each call. */
  readonly weight: number;
  /** Set for a literal index. */
  readonly value: number | undefined;

  constructor(
    key: string,
    reads: ReadonlySet<string> = NOTHING,
    needs: ReadonlySet<string> = NOTHING,
    weight = key.length,
    value?: number,
  ) {
    this.key = key;
    this.reads = reads;
    this.needs = needs;
    this.weight = weight;
    this.value = value;
  }

  /** Set for a variable's name or a literal, which need no name. */
  get isAtom(): boolean {
    return this.value !== undefined || (this.reads.size === 1 && this.reads.has(this.key));
  }

  /** The same snippet with `needs`; `weight` is that of its calls of them. */
  needing(needs: Iterable<string>, weight = 0): Snippet {
    return new Snippet(this.key, this.reads, new Set([...this.needs, ...needs]), this.weight + weight);
  }
}

/** A variable by its name. */
export function name(text: string): Snippet {
  return new Snippet(text, new Set([text]));
}

/** A `u32` literal: `784u`. */
export function u32(value: number): Snippet {
  return new Snippet(`${value}u`, undefined, undefined, undefined, value);
}

/** A snippet of literal text and other snippets, with all their reads and needs. Strings are literal text, too. */
export function wgsl(
  text: TemplateStringsArray,
  ...parts: readonly (Snippet | string | number | undefined)[]
): Snippet {
  const pieces = text.flatMap((words, i): Snippet[] => {
    const part = i === 0 ? '' : parts[i - 1];
    invariant(part !== undefined, 'a snippet lacks an operand');
    return [part instanceof Snippet ? part : new Snippet(String(part)), new Snippet(words)];
  });
  return join(
    pieces.filter(({ key }) => key !== ''),
    '',
  );
}

/** Concatenates snippets, by default as lines. */
export function join(snippets: readonly Snippet[], separator = '\n'): Snippet {
  const [only, another] = snippets;
  if (only !== undefined && another === undefined) return only;
  const texts: string[] = [];
  let weight = separator.length * Math.max(0, snippets.length - 1);
  for (const snippet of snippets) {
    texts.push(snippet.key);
    weight += snippet.weight;
  }
  return new Snippet(
    texts.join(separator),
    union(snippets.map(({ reads }) => reads)),
    union(snippets.map(({ needs }) => needs)),
    weight,
  );
}

function union<T>(sets: readonly ReadonlySet<T>[]): ReadonlySet<T> {
  const filled = sets.filter(({ size }) => size > 0);
  const [first = NOTHING, ...others] = filled;
  return others.length === 0 ? first : new Set(filled.flatMap((set) => [...set]));
}

/** The finished text. */
export function print(snippet: Snippet): Wgsl {
  return snippet.key as unknown as Wgsl;
}

/** The text that a device compiles. */
export function textOf(code: Wgsl): string {
  return code as unknown as string;
}
