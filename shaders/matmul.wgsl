// Matrix product: C[M, N] = A[M, K] · B[K, N].
//
// One invocation computes a tile of TM × TN elements in registers: each step along K reads TM + TN values and multiplies all
// pairs. No barriers and no workgroup memory. Every element is one sum in ascending k, or for a large K the sum of RUNS sums of
// RUN terms, whatever the tile, so the tile never changes a bit. The loops over TM, TN and KQ are unrolled when the kernel is
// specialised, which keeps the tile in registers. Addresses are split into a part of the row and a part of the column, so
// transposes and rows sampled from a data set cost nothing in the inner loop. KQ columns of A are read at a time; K is a multiple
// of it. With SPLITS (split-K), the result is [SPLITS, M, N], to be summed over the first axis: each split sums an equal part of
// K. SHARING adjacent invocations, a quad or one, compute tiles below one another, so they can share their loads of B.

override M: u32 = 8u;
override N: u32 = 8u;
override K: u32 = 8u;
override SPLITS: u32 = 1u;
override RUNS: u32 = 1u;
override RUN: u32 = 8u;
const TM: u32 = 4u;
const KQ: u32 = 1u;
const TN: u32 = 4u;
const SHARING: u32 = 1u;

@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> c: array<f32>;

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

// hook, optional: the elements of A in TM rows (given by their addresses) and KQ columns from k on, for bytes read four at a
// time
fn elementsOfA(k: u32, rows: array<u32, TM>) -> array<array<f32, TM>, KQ> {
  var lhs: array<array<f32, TM>, KQ>;
  // unroll
  for (var q = 0u; q < KQ; q++) {
    let along = columnOfA(k + q);
    // unroll
    for (var i = 0u; i < TM; i++) {
      lhs[q][i] = loadA(along + rows[i]);
    }
  }
  return lhs;
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

// hook, optional: the column of its tile that invocation `id` sums as its j-th; a permutation where a quad shares its loads
fn columnIn(j: u32, id: u32) -> u32 {
  return j;
}

// hook, optional: the elements of B in row k and TN columns (given by their offsets in a row)
fn elementsOfB(k: u32, columns: array<u32, TN>) -> array<f32, TN> {
  let along = rowOfB(k);
  var rhs: array<f32, TN>;
  // unroll
  for (var j = 0u; j < TN; j++) {
    rhs[j] = loadB(along + columns[j]);
  }
  return rhs;
}

// hook, optional: stores the number of the data-set row in row m of A, once
fn storeBatchRow(m: u32) {
}

// hook: fused work on element (m, n), where the rows of one split follow those of another
fn finish(m: u32, n: u32, value: f32) {
  c[m * N + n] = value;
}

fn run(id: u32) {
  let tilesAcross = (N + TN - 1u) / TN;
  let tilesDown = (M + SHARING * TM - 1u) / (SHARING * TM);
  let tile = id / SHARING;
  let split = tile / (tilesAcross * tilesDown);
  let m0 = (tile / tilesAcross % tilesDown * SHARING + id % SHARING) * TM;
  let n0 = (tile % tilesAcross) * TN;
  if (split >= SPLITS) {
    return;
  }
  var rows: array<u32, TM>;
  // unroll
  for (var i = 0u; i < TM; i++) {
    rows[i] = rowOfA(min(m0 + i, M - 1u));
  }
  if (split == 0u && n0 == 0u) {
    for (var m = m0; m < min(m0 + TM, M); m++) {
      storeBatchRow(m);
    }
  }
  var columns: array<u32, TN>;
  // unroll
  for (var j = 0u; j < TN; j++) {
    columns[j] = columnOfB(min(n0 + columnIn(j, id), N - 1u));
  }
  var values: array<f32, TM * TN>;
  // Reset to zero after each run: declared in the loop, they kept their values (seen: Tint for Vulkan).
  var sums: array<array<f32, TN>, TM>;
  for (var r = 0u; r != RUNS; r++) {
    let first = split * (K / SPLITS) + r * RUN;
    for (var k = first; k < min(first + RUN, (split + 1u) * (K / SPLITS)); k += KQ) {
      let lhs = elementsOfA(k, rows);
      // unroll
      for (var q = 0u; q < KQ; q++) {
        let rhs = elementsOfB(k + q, columns);
        // unroll
        for (var i = 0u; i < TM; i++) {
          // unroll
          for (var j = 0u; j < TN; j++) {
            sums[i][j] = fma(lhs[q][i], rhs[j], sums[i][j]);
          }
        }
      }
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
  // Not unrolled: with the hook unrolled for every element, compiling took ten times as long.
  for (var m = m0; m < min(m0 + TM, M); m++) {
    for (var j = 0u; j != TN; j++) {
      let n = n0 + columnIn(j, id);
      if (n < N) {
        finish(split * M + m, n, values[(m - m0) * TN + j]);
      }
    }
  }
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  run(id.x);
}
