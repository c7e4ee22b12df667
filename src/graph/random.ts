/**
 * Counter-based random numbers: the i-th number of a stream is a pure function of (seed, name, i), or of (seed, step, salt, i).
 * There is no state, so a variable's initial values do not depend on other variables or on their order.
 */
import { mix32 } from './permutation.ts';

/** A stream of random numbers with random access. */
export interface RandomStream {
  /** The i-th uniform number in [0, 1): a multiple of 2⁻²⁴, exact in float32. */
  uniform(i: number): number;
  /**
   * The i-th standard normal number truncated to two sigma, |x| < 2, as TensorFlow's `truncated_normal`. The standard deviation
   * of such numbers is 0.8796, not 1. Independent of `uniform(i)`.
   */
  normal(i: number): number;
}

/**
 * The stream of random numbers of `seed` and `name`.
 *
 * @param seed an integer, taken modulo 2³²
 * @param name e.g. the variable's name; different names have different streams
 */
export function randomStream(seed: number, name: string): RandomStream {
  const key = mix32(mix32(seed) ^ hashName(name));
  return {
    uniform: (i) => (randomWord(key, 0, i) >>> 8) / 2 ** 24,
    normal: (i) => truncatedNormal(key, i),
  };
}

/** The i-th 32-bit word of a key's lane. `shaders/random.wgsl` computes the same bits in WGSL. */
export function randomWord(key: number, lane: number, i: number): number {
  const laneKey = mix32(key + lane);
  return mix32(mix32(i ^ laneKey) + laneKey);
}

/**
 * Rejection sampling from the uniform density on (−2, 2). Lanes (1, 2), (3, 4), … are the attempts; 60 % are accepted.
 * The value itself is exact arithmetic, so JavaScript engines whose `exp` differs in the last bit still agree.
 */
function truncatedNormal(key: number, i: number): number {
  for (let lane = 1; ; lane += 2) {
    const x = (randomWord(key, lane, i) + 0.5) / 2 ** 30 - 2;
    if (randomWord(key, lane + 1, i) / 2 ** 32 < Math.exp(-(x * x) / 2)) return x;
  }
}

/** FNV-1a (Fowler, Noll, Vo) over a text's UTF-16 code units. */
export function hashName(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
