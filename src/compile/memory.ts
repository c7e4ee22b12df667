/**
 * Plans memory: tensors whose lifetimes do not overlap share words of one arena. First fit, in order of birth.
 */

/** Offsets are multiples of this many 32-bit words, so that a kernel may read four at a time. */
const ALIGNMENT_WORDS = 4;

export interface Lifetime<K> {
  readonly key: K;
  readonly words: number;
  /** The first stage that writes it and the last that reads it, both included. */
  readonly from: number;
  readonly to: number;
}

export interface MemoryPlan<K> {
  readonly offsets: ReadonlyMap<K, number>;
  readonly totalWords: number;
}

/** Gives each lifetime its place at or after `startWords`. */
export function planMemory<K>(lifetimes: readonly Lifetime<K>[], startWords = 0): MemoryPlan<K> {
  const offsets = new Map<K, number>();
  const placed: (Lifetime<K> & { readonly offset: number })[] = [];
  let totalWords = align(startWords);
  for (const lifetime of [...lifetimes].sort((a, b) => a.from - b.from || b.words - a.words)) {
    const neighbours = placed
      .filter((other) => other.from <= lifetime.to && lifetime.from <= other.to)
      .sort((a, b) => a.offset - b.offset);
    let offset = align(startWords);
    for (const other of neighbours) {
      if (offset + lifetime.words <= other.offset) break;
      offset = Math.max(offset, align(other.offset + other.words));
    }
    placed.push({ ...lifetime, offset });
    offsets.set(lifetime.key, offset);
    totalWords = Math.max(totalWords, align(offset + lifetime.words));
  }
  return { offsets, totalWords };
}

function align(words: number): number {
  return Math.ceil(words / ALIGNMENT_WORDS) * ALIGNMENT_WORDS;
}
