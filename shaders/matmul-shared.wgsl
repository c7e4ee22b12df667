// Matrix product through workgroup memory: C[M, N] = A[M, K] · B[K, N], for GPUs, where barriers are cheap.
//
// A workgroup of SIDE × SIDE invocations computes SIDE·TM × SIDE·TN elements, each invocation TM × TN of them in registers. KB
// columns of A and rows of B at a time are copied to workgroup memory, so each element is loaded once per workgroup. Beyond the
// end they are zero, which adds nothing: every element is summed in the order of matmul.wgsl, to the bit. See there for hooks,
// SPLITS and RUNS; RUN is a multiple of KB if there are several. A workgroup has exactly one tile.

override M: u32 = 8u;
override N: u32 = 8u;
override K: u32 = 8u;
override SPLITS: u32 = 1u;
override RUNS: u32 = 1u;
override RUN: u32 = 8u;
const SIDE: u32 = 8u;
const TM: u32 = 4u;
const TN: u32 = 4u;
const KB: u32 = 16u;

@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> c: array<f32>;

var<workgroup> tileA: array<f32, 512>;
var<workgroup> tileB: array<f32, 512>;

// hook: address of row m of A
fn rowOfA(m: u32) -> u32 {
  return m * K;
}

// hook: offset of column k in a row of A
fn columnOfA(k: u32) -> u32 {
  return k;
}

// hook: the element of A at an address
fn loadA(address: u32) -> f32 {
  return a[address];
}

// hook: address of row k of B
fn rowOfB(k: u32) -> u32 {
  return k * N;
}

// hook: offset of column n in a row of B
fn columnOfB(n: u32) -> u32 {
  return n;
}

// hook: the element of B at an address
fn loadB(address: u32) -> f32 {
  return b[address];
}

// hook, optional: stores the number of the data-set row in row m of A, once
fn storeBatchRow(m: u32) {
}

// hook: fused work on element (m, n), where the rows of one split follow those of another
fn finish(m: u32, n: u32, value: f32) {
  c[m * N + n] = value;
}

fn run(id: u32) {
  let lane = id % (SIDE * SIDE);
  let tile = id / (SIDE * SIDE);
  let tilesAcross = (N + SIDE * TN - 1u) / (SIDE * TN);
  let tilesDown = (M + SIDE * TM - 1u) / (SIDE * TM);
  let split = tile / (tilesAcross * tilesDown);
  let m0 = (tile / tilesAcross % tilesDown) * SIDE * TM;
  let n0 = (tile % tilesAcross) * SIDE * TN;
  let row = lane / SIDE * TM;
  let column = lane % SIDE * TN;
  if (split == 0u && n0 == 0u && column == 0u) {
    for (var m = m0 + row; m < min(m0 + row + TM, M); m++) {
      storeBatchRow(m);
    }
  }
  var values: array<f32, TM * TN>;
  var sums: array<array<f32, TN>, TM>;
  for (var r = 0u; r != RUNS; r++) {
    for (var first = r * RUN; first < min((r + 1u) * RUN, K / SPLITS); first += KB) {
      for (var e = lane; e < SIDE * TM * KB; e += SIDE * SIDE) {
        let k = first + e % KB;
        let along = columnOfA(split * (K / SPLITS) + min(k, K / SPLITS - 1u));
        tileA[e] = select(0.0, loadA(rowOfA(min(m0 + e / KB, M - 1u)) + along), k < K / SPLITS);
      }
      for (var e = lane; e < SIDE * TN * KB; e += SIDE * SIDE) {
        let k = first + e / (SIDE * TN);
        let along = rowOfB(split * (K / SPLITS) + min(k, K / SPLITS - 1u));
        tileB[e] = select(0.0, loadB(along + columnOfB(min(n0 + e % (SIDE * TN), N - 1u))), k < K / SPLITS);
      }
      workgroupBarrier();
      for (var k = 0u; k != KB; k++) {
        var lhs: array<f32, TM>;
        var rhs: array<f32, TN>;
        // unroll
        for (var i = 0u; i < TM; i++) {
          lhs[i] = tileA[(row + i) * KB + k];
        }
        // unroll
        for (var j = 0u; j < TN; j++) {
          rhs[j] = tileB[k * SIDE * TN + column + j];
        }
        // unroll
        for (var i = 0u; i < TM; i++) {
          // unroll
          for (var j = 0u; j < TN; j++) {
            sums[i][j] = fma(lhs[i], rhs[j], sums[i][j]);
          }
        }
      }
      workgroupBarrier();
    }
    // unroll
    for (var i = 0u; i < TM; i++) {
      // unroll
      for (var j = 0u; j < TN; j++) {
        values[i * TN + j] += sums[i][j];
        sums[i][j] = 0.0;
      }
    }
  }
  for (var e = 0u; e != TM * TN; e++) {
    let m = m0 + row + e / TN;
    let n = n0 + column + e % TN;
    if (m < M && n < N) {
      finish(split * M + m, n, values[e]);
    }
  }
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  run(id.x);
}
