/**
 * Keys of pseudo-random numbers, and a keyed permutation of [0, n), which shuffles an epoch without a table.
 * `shaders/random.wgsl` computes the same bits in WGSL, so all arithmetic here is modulo 2³².
 */

/** 2³² divided by the golden ratio. Its multiples are spread evenly, so the rounds' keys differ in many bits. */
const GOLDEN = 0x9e3779b9;
/** Four are enough for wide blocks; with few bits per half, neighbours stay together too often with up to five rounds. */
const ROUNDS = 6;

/**
 * Mixes 32 bits into 32 bits, one to one; each bit of the input flips each bit of the output with probability ½.
 * Source: `fmix32` of MurmurHash3 (Austin Appleby, public domain).
 */
export function mix32(word: number): number {
  let h = word;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** The key of an epoch's permutation: 32 bits of `seed` and `epoch` (both taken modulo 2³²). */
export function epochKey(seed: number, epoch: number): number {
  return mix32(mix32(seed ^ GOLDEN) + epoch);
}

/** The key of a step's random numbers: 32 bits of `seed` and `step` (both taken modulo 2³²), different from an epoch's. */
export function stepKeyOf(seed: number, step: number): number {
  return mix32(mix32(~seed) + step);
}

/** The width of the Feistel network for `n` values: the smallest even number of bits, at least 2, that holds n − 1. */
export function feistelBits(n: number): number {
  const bits = 32 - Math.clz32(n - 1);
  return Math.max(2, bits + (bits & 1));
}

/**
 * The image of `index` under the permutation of [0, n) that `key` selects; one to one for a fixed `n` and `key`.
 *
 * A balanced Feistel network permutes the smallest 4ᵏ ≥ n values; results outside [0, n) are permuted again until
 * one falls inside (at most 4 times on average). Sources: Luby and Rackoff, "How to construct pseudorandom permutations
 * from pseudorandom functions" (1988); Black and Rogaway, "Ciphers with arbitrary finite domains" (2002), cycle walking.
 *
 * @param index in [0, n)
 * @param n from 1 to 2³¹
 * @param key from {@link epochKey}
 */
export function permute(index: number, n: number, key: number): number {
  const halfBits = feistelBits(n) / 2;
  const mask = (1 << halfBits) - 1;
  let value = index;
  do {
    let left = value >>> halfBits;
    let right = value & mask;
    for (let round = 1; round <= ROUNDS; round++) {
      const next = left ^ (mix32(right ^ (key + Math.imul(round, GOLDEN))) & mask);
      left = right;
      right = next;
    }
    value = ((left << halfBits) | right) >>> 0;
  } while (value >= n);
  return value;
}
