// The common part of all kernels of a plan: bindings, and the beginning, the checks and the end of a step.
//
// State is double-buffered: it has two generations. A step reads one and writes the other, so no part of a step overwrites
// another part's input, and a failed step is rolled back by using the generation before it again.
// `control` holds one record per generation:
//   STEP      training steps done          POSITION  samples taken of this epoch
//   FAILED    0, or the check that failed  EPOCH     epochs of the shuffled data set done
//             in step STEP: twice its code,
//             plus the last good generation
// After the records it has small results, so a report is one copy.
// Implementations may assume that NaN never occurs, so `x != x` does not detect it: the checks compare bits.

struct Run {
  // The generation that the step reads.
  generation: u32,
  // The first row of a batch that is a range of rows.
  rowOffset: u32,
  seed: u32,
  // 0, which compilers do not know.
  zero: u32,
}

@group(0) @binding(0) var<uniform> params: Run;
@group(0) @binding(1) var<storage, read_write> control: array<atomic<u32>>;
// hook: of the length that a plan uses
@group(0) @binding(2) var<storage, read_write> state: array<u32>;
// hook: of the length that a plan uses
@group(0) @binding(3) var<storage, read_write> scratch: array<u32>;

const RECORD_WORDS: u32 = 4u;
const STEP: u32 = 0u;
const FAILED: u32 = 1u;
const POSITION: u32 = 2u;
const EPOCH: u32 = 3u;

var<private> generation: u32;
var<private> ok: bool;
// Position of the step's first sample in the shuffled order.
var<private> firstSample: u32;
var<private> firstEpoch: u32;

// Begins a step, in every invocation. After a failure, later steps read the last good generation.
fn begin() {
  let failed = now(FAILED);
  ok = failed == 0u;
  generation = select(failed & 1u, params.generation, ok);
  firstSample = now(POSITION);
  firstEpoch = now(EPOCH);
}

// A word of the record that this step reads.
fn now(word: u32) -> u32 {
  return atomicLoad(&control[params.generation * RECORD_WORDS + word]);
}

// The index of a word of the record that this step writes.
fn next(word: u32) -> u32 {
  return (1u - params.generation) * RECORD_WORDS + word;
}

// Records a failure of check `code` if `value` is not finite. The largest code of a step wins; after a failure, nothing is
// recorded.
fn check(value: f32, code: u32) {
  if (ok & ((bitcast<u32>(value) & 0x7f800000u) == 0x7f800000u)) {
    atomicMax(&control[next(FAILED)], 2u * code + params.generation);
  }
}

// A compensated sum: `sum.x` is the sum and `sum.y` its rounding error, which is added with the next term (Kahan, "Pracniques:
// further remarks on reducing truncation errors", 1965). A compiler that reorders sums would remove the error term; it cannot
// know that `mask`, which is `params.zero`, is 0. Once the sum is infinite, the error is 0.
fn plus(sum: vec2f, term: f32, mask: u32) -> vec2f {
  let bits = bitcast<u32>(sum.x + (term + sum.y)) ^ mask;
  let total = bitcast<f32>(bits);
  let grown = bitcast<u32>(total - sum.x) ^ mask;
  return vec2f(total, term + sum.y - bitcast<f32>(select(grown, 0u, (bits & 0x7f800000u) == 0x7f800000u)));
}

// Ends a step, in one invocation: writes the next record. After a failure the record stays.
fn commit(steps: u32, samples: u32, rows: u32) {
  if (!ok) {
    atomicMax(&control[next(FAILED)], now(FAILED));
    atomicStore(&control[next(STEP)], now(STEP));
    return;
  }
  let position = now(POSITION) + samples;
  let wraps = select(0u, 1u, position >= rows);
  atomicStore(&control[next(STEP)], now(STEP) + steps);
  atomicStore(&control[next(POSITION)], position - wraps * rows);
  atomicStore(&control[next(EPOCH)], now(EPOCH) + wraps);
}
