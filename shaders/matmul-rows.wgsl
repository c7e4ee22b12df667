// Matrix product by whole rows: C[M, N] = A[M, K] · B[K, N] for a small N.
//
// One invocation computes TM rows of N elements in registers. Work on whole rows is fused and needs no trip through memory.
// The file itself computes a typical use, the cross-entropy of a classifier and its gradient:
//   z = a · b,  loss[r] = -Σ_n y[r, n] · log softmax(z)[r, n],  dz[r, n] = softmax(z)[r, n] · Σ_n y[r, n] - y[r, n]
// with the row's maximum subtracted in every exponential, so it is stable for logits of any size.
// Sums run in ascending k, as in matmul.wgsl. The loops over TM, N and KQ are unrolled when specialised. KQ columns of A
// are read at a time; K is a multiple of it. SHARING adjacent invocations, a quad or one, can share their loads of B.

override M: u32 = 8u;
override K: u32 = 8u;
override RUNS: u32 = 1u;
override RUN: u32 = 8u;
const N: u32 = 10u;
const TM: u32 = 4u;
const KQ: u32 = 1u;
const SHARING: u32 = 1u;

@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read> y: array<f32>;
@group(0) @binding(3) var<storage, read_write> loss: array<f32>;
@group(0) @binding(4) var<storage, read_write> dz: array<f32>;

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

// hook, optional: the column that invocation `id` sums as its j-th; a permutation where a quad shares its loads
fn columnIn(j: u32, id: u32) -> u32 {
  return j;
}

// hook, optional: the elements of B in row k and N columns (given by their offsets in a row)
fn elementsOfB(k: u32, columns: array<u32, N>) -> array<f32, N> {
  let along = rowOfB(k);
  var rhs: array<f32, N>;
  // unroll
  for (var j = 0u; j < N; j++) {
    rhs[j] = loadB(along + columns[j]);
  }
  return rhs;
}

// hook: fused work on row r
fn finishRow(r: u32, row: array<f32, N>) {
  var z = row;
  var largest = z[0];
  for (var n = 1u; n < N; n++) {
    largest = max(largest, z[n]);
  }
  var sum = 0.0;
  var weight = 0.0;
  for (var n = 0u; n < N; n++) {
    sum += exp(z[n] - largest);
    weight += y[r * N + n];
  }
  var total = 0.0;
  for (var n = 0u; n < N; n++) {
    total += y[r * N + n] * (log(sum) + largest - z[n]);
    dz[r * N + n] = exp(z[n] - largest) / sum * weight - y[r * N + n];
  }
  loss[r] = total;
}

fn run(id: u32) {
  let m0 = id * TM;
  if (m0 - id % SHARING * TM >= M) {
    return;
  }
  var rows: array<u32, TM>;
  // unroll
  for (var i = 0u; i < TM; i++) {
    rows[i] = rowOfA(min(m0 + i, M - 1u));
  }
  var columns: array<u32, N>;
  // unroll
  for (var j = 0u; j < N; j++) {
    columns[j] = columnOfB(columnIn(j, id));
  }
  var products: array<array<f32, N>, TM>;
  var sums: array<array<f32, N>, TM>;
  for (var runIndex = 0u; runIndex != RUNS; runIndex++) {
    for (var k = runIndex * RUN; k < min((runIndex + 1u) * RUN, K); k += KQ) {
      let lhs = elementsOfA(k, rows);
      // unroll
      for (var q = 0u; q < KQ; q++) {
        let rhs = elementsOfB(k + q, columns);
        // unroll
        for (var i = 0u; i < TM; i++) {
          // unroll
          for (var j = 0u; j < N; j++) {
            sums[i][j] = fma(lhs[q][i], rhs[j], sums[i][j]);
          }
        }
      }
    }
    // unroll
    for (var i = 0u; i < TM; i++) {
      // unroll
      for (var j = 0u; j < N; j++) {
        products[i][columnIn(j, id)] += sums[i][j];
        sums[i][j] = 0.0;
      }
    }
  }
  // The hook is in a loop that is not unrolled: unrolled for every row, compiling took three times as long.
  for (var r = m0; r < min(m0 + TM, M); r++) {
    finishRow(r, products[r - m0]);
  }
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  run(id.x);
}
