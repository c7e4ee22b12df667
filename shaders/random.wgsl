// Batch sampling and other counter-based random numbers.
//
// A library of functions with the same bits as src/graph/permutation.ts and random.ts. A keyed pseudo-random permutation:
//   row of sample k = permute(k % n, n, halfBits, epochKey(seed, k / n)),  halfBits = feistelBits(n) / 2
// A balanced Feistel network permutes 4^halfBits >= n values; results outside [0, n) are permuted again.
// Sources: Luby and Rackoff (1988); Black and Rogaway (2002), cycle walking; fmix32 of MurmurHash3.

const GOLDEN: u32 = 0x9e3779b9u;
const ROUNDS: u32 = 6u;

// Mixes 32 bits into 32 bits, one to one.
fn mix32(word: u32) -> u32 {
  var h = word;
  h = (h ^ (h >> 16u)) * 0x85ebca6bu;
  h = (h ^ (h >> 13u)) * 0xc2b2ae35u;
  return h ^ (h >> 16u);
}

// The key of an epoch's permutation.
fn epochKey(seed: u32, epoch: u32) -> u32 {
  return mix32(mix32(seed ^ GOLDEN) + epoch);
}

// The image of `index` < n under the permutation of [0, n) that `key` selects; n up to 2^31.
fn permute(index: u32, n: u32, halfBits: u32, key: u32) -> u32 {
  let mask = (1u << halfBits) - 1u;
  var value = index;
  loop {
    var left = value >> halfBits;
    var right = value & mask;
    for (var round = 1u; round <= ROUNDS; round++) {
      let next = left ^ (mix32(right ^ (key + round * GOLDEN)) & mask);
      left = right;
      right = next;
    }
    value = (left << halfBits) | right;
    if (value < n) { break; }
  }
  return value;
}

// The key of a step's random numbers.
fn stepKeyOf(seed: u32, step: u32) -> u32 {
  return mix32(mix32(~seed) + step);
}

// The i-th word of a key's lane.
fn randomWord(key: u32, lane: u32, i: u32) -> u32 {
  let laneKey = mix32(key + lane);
  return mix32(mix32(i ^ laneKey) + laneKey);
}
