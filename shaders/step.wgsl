// What every kernel of a plan shares: the memory it works in, and how a step begins, is watched and ends.
//
// All state has two generations. A step reads one and writes the other, so that nothing in a step can disturb what another
// part of it reads, and a step that goes wrong is undone by not going on: the generation before it is still whole.
// `control` holds one record a generation:
//   STEP      training steps done          POSITION  samples drawn of this epoch
//   FAILED    0, or which check failed in  EPOCH     epochs of the shuffled data set done
//             step STEP: twice its code,
//             plus the generation kept
// and after the records small results, so that a report is one copy.
// Implementations may assume that NaN never occurs, so `x != x` is no test: the bits are looked at.

struct Run {
  generation: u32,
  rowOffset: u32,
  seed: u32,
  unused: u32,
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
var<private> healthy: bool;
// Where the step's samples begin in the shuffled order.
var<private> firstSample: u32;
var<private> firstEpoch: u32;

// The first thing an invocation does. After a failure, whatever still runs reads the generation that was kept.
fn begin() {
  let failed = now(FAILED);
  healthy = failed == 0u;
  generation = select(failed & 1u, params.generation, healthy);
  firstSample = now(POSITION);
  firstEpoch = now(EPOCH);
}

// A word of the record this step reads.
fn now(word: u32) -> u32 {
  return atomicLoad(&control[params.generation * RECORD_WORDS + word]);
}

// Where the record that this step writes keeps a word.
fn next(word: u32) -> u32 {
  return (1u - params.generation) * RECORD_WORDS + word;
}

// Notes that check `code` failed if `value` is not finite. Of several, the largest code stays; nothing counts after a failure.
fn check(value: f32, code: u32) {
  if (healthy & ((bitcast<u32>(value) & 0x7f800000u) == 0x7f800000u)) {
    atomicMax(&control[next(FAILED)], 2u * code + params.generation);
  }
}

// A sum of very many terms: `sum.x`, and in `sum.y` what rounding took from it, which goes with the next term (Kahan, "Pracniques:
// further remarks on reducing truncation errors", 1965). Compilers may reorder sums, and would find that nothing is lost; what
// they cannot know is that `zero` (which was loaded: `unused`) is 0. Once the sum is infinite, nothing is kept.
fn plus(sum: vec2f, term: f32, zero: u32) -> vec2f {
  let bits = bitcast<u32>(sum.x + (term + sum.y)) ^ zero;
  let total = bitcast<f32>(bits);
  let grown = bitcast<u32>(total - sum.x) ^ zero;
  return vec2f(total, term + sum.y - bitcast<f32>(select(grown, 0u, (bits & 0x7f800000u) == 0x7f800000u)));
}

// The last thing a step does, once: hands the record on. After a failure it no longer moves.
fn commit(steps: u32, samples: u32, rows: u32) {
  if (!healthy) {
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
