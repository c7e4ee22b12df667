/**
 * Random numbers that are the same on every machine and in every run.
 */

/**
 * Numbers of 0…1 from a seed.
 * Source: T. Ettinger, "mulberry32", a generator with 32 bits of state.
 */
export function random(seed: number): () => number {
  let state = Math.imul(seed + 1, 0x9e3779b9);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 4294967296;
  };
}

/** A normally distributed number of mean 0 and standard deviation 1. Source: G. Box, M. Muller (1958). */
export function normal(next: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}
