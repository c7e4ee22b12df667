/**
 * Matrix product [M, K] · [K, N], either operand transposed or not, accumulated in float64.
 * Operands are packed as float64 panels of 2 rows and of 4 columns, in the order of reading, so one inner loop serves all
 * transposes; it has 2 × 4 sums in registers.
 */
import type { Tensor } from '../graph/tensor.ts';
import { concreteShape, unitsPerBlock, type CpuKernel, type Operand, type Values } from './kernel.ts';

/** Rows of `a` packed at a time, at most: 16 floats are a cache line of a transposed `a`. */
const MAX_ROWS = 16;
/** Multiply-adds of a unit, at most, unless two rows have more: about a millisecond. */
const UNIT_WORK = 1 << 21;

/** A kernel whose unit is a few rows of the result, an even number. */
export function matmulKernel(node: Tensor, a: Operand, b: Operand, out: Values): CpuKernel {
  const [m = 0, n = 0] = concreteShape(node);
  const transposeA = node.attrs.transposeA === true;
  const transposeB = node.attrs.transposeB === true;
  const k = a.shape[transposeA ? 0 : 1] ?? 0;
  if (m === 1 && k > 0) return rowKernel(a.values, b.values, k, n, transposeB, out);
  const rowsPerUnit = Math.min(MAX_ROWS, 2 * Math.ceil(UNIT_WORK / 2 / Math.max(1, k * n)));
  const packedB = new Float64Array(k * Math.ceil(n / 4) * 4);
  const packedA = new Float64Array(k * rowsPerUnit);
  return {
    units: Math.ceil(m / rowsPerUnit),
    unitsPerBlock: unitsPerBlock((k * n * rowsPerUnit) / 8),
    run(from, to) {
      if (from === 0) pack(b.values, !transposeB, k, n, 0, n, packedB, 4);
      for (let unit = from; unit < to; unit++) {
        const row = unit * rowsPerUnit;
        const rows = Math.min(rowsPerUnit, m - row);
        pack(a.values, transposeA, k, m, row, rows, packedA, 2);
        multiply(packedA, packedB, k, rows, n, out, row * n);
      }
    },
  };
}

/**
 * A kernel for one row of `a`, without packing, which would take longer than the product. A unit is eight columns of `b`, or one
 * if it is transposed.
 */
function rowKernel(a: Values, b: Values, k: number, n: number, transposeB: boolean, out: Values): CpuKernel {
  const width = transposeB ? 1 : 8;
  return {
    units: Math.ceil(n / width),
    unitsPerBlock: unitsPerBlock(k * width),
    run(from, to) {
      for (let unit = from; unit < to; unit++) {
        const j = unit * width;
        if (transposeB) out[unit] = dot(a, b, unit * k, 1, k);
        else if (j + width <= n) eightColumns(a, b, k, n, j, out);
        else for (let c = j; c < n; c++) out[c] = dot(a, b, c, n, k);
      }
    },
  };
}

/** The product of a row and one column, whose elements are `step` apart. */
function dot(a: Values, b: Values, at: number, step: number, k: number): number {
  let sum = 0;
  for (let i = 0, p = at; i < k; i++, p += step) sum += (a[i] ?? 0) * (b[p] ?? 0);
  return sum;
}

/** The product of a row and columns `j … j + 7`, with sums in registers. */
function eightColumns(a: Values, b: Values, k: number, n: number, j: number, out: Values): void {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let s4 = 0;
  let s5 = 0;
  let s6 = 0;
  let s7 = 0;
  for (let i = 0, p = j; i < k; i++, p += n) {
    const x = a[i] ?? 0;
    s0 += x * (b[p] ?? 0);
    s1 += x * (b[p + 1] ?? 0);
    s2 += x * (b[p + 2] ?? 0);
    s3 += x * (b[p + 3] ?? 0);
    s4 += x * (b[p + 4] ?? 0);
    s5 += x * (b[p + 5] ?? 0);
    s6 += x * (b[p + 6] ?? 0);
    s7 += x * (b[p + 7] ?? 0);
  }
  store(out, j, 4, s0, s1, s2, s3);
  store(out, j + 4, 4, s4, s5, s6, s7);
}

/**
 * Copies rows [first, first + rows) of an [all, k] matrix to `packed`, in panels of `width` rows: element i of each row, then
 * i + 1. A `transposed` matrix is stored as [k, all].
 */
function pack(
  x: Values,
  transposed: boolean,
  k: number,
  all: number,
  first: number,
  rows: number,
  packed: Float64Array,
  width: 2 | 4,
): void {
  const packedOffset = (row: number): number => row * k - (row % width) * (k - 1);
  if (transposed) {
    for (let i = 0; i < k; i++) {
      for (let r = 0, p = i * all + first; r < rows; r++, p++) packed[packedOffset(r) + i * width] = x[p] ?? 0;
    }
  } else {
    for (let r = 0, p = first * k; r < rows; r++) {
      for (let i = 0, q = packedOffset(r); i < k; i++, q += width) packed[q] = x[p++] ?? 0;
    }
  }
}

/** The product of packed panels, in blocks of 2 × 4 results. Results past the last row or column are not written. */
function multiply(a: Float64Array, b: Float64Array, k: number, rows: number, n: number, out: Values, at: number): void {
  for (let j = 0; j < n; j += 4) {
    for (let r = 0; r < rows; r += 2) {
      let u = r * k;
      let v = j * k;
      const end = u + 2 * k;
      let s00 = 0;
      let s01 = 0;
      let s02 = 0;
      let s03 = 0;
      let s10 = 0;
      let s11 = 0;
      let s12 = 0;
      let s13 = 0;
      for (; u < end; u += 2, v += 4) {
        const x = a[u] ?? 0;
        const y = a[u + 1] ?? 0;
        const p = b[v] ?? 0;
        const q = b[v + 1] ?? 0;
        const s = b[v + 2] ?? 0;
        const t = b[v + 3] ?? 0;
        s00 += x * p;
        s01 += x * q;
        s02 += x * s;
        s03 += x * t;
        s10 += y * p;
        s11 += y * q;
        s12 += y * s;
        s13 += y * t;
      }
      const o = at + r * n + j;
      store(out, o, Math.min(4, n - j), s00, s01, s02, s03);
      if (r + 1 < rows) store(out, o + n, Math.min(4, n - j), s10, s11, s12, s13);
    }
  }
}

function store(out: Values, at: number, count: number, x0: number, x1: number, x2: number, x3: number): void {
  out[at] = x0;
  if (count > 1) out[at + 1] = x1;
  if (count > 2) out[at + 2] = x2;
  if (count > 3) out[at + 3] = x3;
}
