/**
 * The division of products among invocations: a pure function of the adapter and the product's sizes. It does not change a bit of
 * the result: `runsOf` gives the order of every element's sum, by shapes alone.
 */
import type { Tensor } from '../../graph/tensor.ts';
import type { Group } from '../schedule/fuse.ts';
import { sizesOf } from '../../compile/known-shapes.ts';
import type { TileChoice } from '../../compile/plan.ts';
import { QUAD, type WebGpuFacts } from '../plan.ts';
import { largestDivisor, runsOf, splitsOf, sumLength } from '../lower/split-k.ts';
import { viewOf } from '../lower/matrix-view.ts';
import { chainSize } from './workgroups.ts';
import { BYTES_PER_WORD, lhsRunsOf, type LhsRuns } from './lhs-runs.ts';

/** A product's sizes and division: an invocation computes `TM × TN` elements and reads `KQ` columns of A at a time. */
export interface Tiling {
  readonly M: number;
  readonly N: number;
  readonly K: number;
  readonly TM: number;
  readonly TN: number;
  readonly KQ: number;
  /** The number of invocations that share their loads of B: 1, or {@link QUAD}. */
  readonly SHARING: number;
  /** Each sum is made in `RUNS` runs of `RUN` terms. */
  readonly RUNS: number;
  readonly RUN: number;
  /** The layout of A. */
  readonly lhs: LhsRuns;
  /** The choice of tile sizes; `undefined` if the product is not worth tuning. */
  readonly choice?: TileChoice | undefined;
  /** Set where workgroups share their loads of A and B, in workgroup memory. */
  readonly shared?: typeof SHARED_TILE | undefined;
}

/** The constants of matmul-shared.wgsl: `SIDE × SIDE` invocations copy `KB` columns of A at a time to 4 kB of workgroup memory. */
const SHARED_TILE = { SIDE: 8, TM: 4, TN: 4, KB: 16 };

/** The most sums per invocation in a kernel of whole rows. */
const MAX_ROWS_TILE = 48;

/** The widest rows that are one tile wide where tiles could be narrower. */
const NARROW = 12;

/**
 * The tiles of other products, the most likely first. The best depends on the GPU: one choice for all GPUs has 44 to 100 % of the
 * speed of the best. On a software adapter a load costs as much as ten sums, so spilled sums are cheaper than more loads.
 */
const TILES = {
  gpu: [{ TM: 4, TN: 4 }, { TM: 8, TN: 4 }, { TM: 8, TN: 8 }, SHARED_TILE],
  software: [{ TM: 12, TN: 8 }],
} as const;

/** The widest tile in a chain on a software adapter. The text of a kernel grows with its tile, and a chain has many kernels. */
const MAX_CHAINED_WIDTH = 24;

/** The least work of a product that is worth tuning, in floating-point operations: about 20 µs on a GPU. */
const MIN_TUNED_FLOPS = 5e7;

/**
 * The tiles of products where a quad shares its loads of B: the best by measurement on SwiftShader. The size that wastes the least
 * of the last tiles is taken. Tiles of narrow products are as wide as the product, and higher.
 */
const QUAD_TILES = { heights: [4, 5, 6], heightOfNarrow: 8, widths: [16, 20, 24, 12] };

/** Columns of A read at a time if they are not bytes: with two, a software adapter keeps the sums in registers. */
const COLUMNS_AT_A_TIME = { gpu: 1, software: 2 };

/**
 * Returns the division of a product.
 *
 * @param rowsPerWorkgroup - The rows that one workgroup takes, if the kernel is chained.
 */
export function tilingOf(
  product: Tensor,
  group: Group,
  target: WebGpuFacts,
  rowsPerWorkgroup: number | undefined,
): Tiling {
  const [M = 1, N = 1] = sizesOf(product).slice(-2);
  const K = sumLength(product);
  const software = target.adapterClass === 'software';
  const lhs = lhsRunsOf(product);
  const across = lhs.isAcross;
  const KQ = columnsAtATime(K / splitsOf(product), lhs, target);
  const sizes = { M, N, K, KQ, SHARING: 1, ...runsOf(product), lhs };
  const shares = target.quads === true && rowsPerWorkgroup === undefined && M >= QUAD;
  if (group.axes !== undefined) {
    const TM = software ? Math.max(1, Math.min(4, Math.floor(MAX_ROWS_TILE / N))) : 1;
    return { ...sizes, TM: largestDivisor(rowsPerWorkgroup ?? TM, TM), TN: N, SHARING: shares ? QUAD : 1 };
  }
  if (shares && M >= QUAD * BYTES_PER_WORD) {
    const height = M / QUAD;
    const by = across ? BYTES_PER_WORD : 1;
    if (N <= NARROW) return { ...sizes, TM: evenly(height, QUAD_TILES.heightOfNarrow, by), TN: N, SHARING: QUAD };
    const TM = across ? BYTES_PER_WORD : leastWaste(height, QUAD_TILES.heights);
    return { ...sizes, TM, TN: leastWaste(N, QUAD_TILES.widths), SHARING: QUAD };
  }
  const choices = TILES[target.adapterClass];
  const key = keyOf(product);
  const chosen = target.tiles?.get(key) ?? 0;
  const tile = choices[chosen] ?? choices[0];
  const TN = software && N <= NARROW ? N : Math.min(N, tile.TN);
  const most = Math.min(M, tile.TM, Math.floor((tile.TM * tile.TN) / TN));
  const TM = across && most >= BYTES_PER_WORD ? most - (most % BYTES_PER_WORD) : evenly(M, most);
  if (rowsPerWorkgroup === undefined) {
    const isTuned = choices.length > 1 && 2 * M * N * K >= MIN_TUNED_FLOPS;
    const choice = isTuned ? { key, count: choices.length, tile: chosen } : undefined;
    const shared = 'KB' in tile && sharesMemory(target) ? tile : undefined;
    return shared === undefined ? { ...sizes, TM, TN, choice } : { ...sizes, ...shared, shared, choice };
  }
  // A tile must not reach into the next slice. Tiles are narrow enough that all invocations of the workgroup have one.
  const rows = splitsOf(product) > 1 ? TM : largestDivisor(rowsPerWorkgroup, TM);
  const columns = Math.ceil(((rowsPerWorkgroup / rows) * N) / chainSize(target));
  const widest = software ? Math.min(MAX_CHAINED_WIDTH, Math.floor((tile.TM * tile.TN) / rows)) : tile.TN;
  return { ...sizes, TM: rows, TN: Math.min(N, widest, columns) };
}

/** Tells whether workgroups can have the invocations and the memory that {@link SHARED_TILE} needs. */
function sharesMemory({ limits }: WebGpuFacts): boolean {
  const { SIDE, TM, TN, KB } = SHARED_TILE;
  return (
    limits.maxComputeInvocationsPerWorkgroup >= SIDE * SIDE &&
    limits.maxComputeWorkgroupStorageSize >= 4 * SIDE * KB * (TM + TN)
  );
}

/** The key of a product for tuning: the number of splits, and the layouts of its operands. */
function keyOf(product: Tensor): string {
  const { transposeA, transposeB } = product.attrs;
  const operands = product.inputs.map((operand) => {
    const { base, rows, columns } = viewOf(operand);
    return [base.attrs.format, rows, columns];
  });
  return JSON.stringify([splitsOf(product), transposeA, transposeB, operands]);
}

/** The number of columns of A read at a time. Runs of bytes are read by words: two words have five bytes from any address on. */
function columnsAtATime(length: number, { size, bytes }: LhsRuns, { adapterClass }: WebGpuFacts): number {
  if (bytes === undefined) return largestDivisor(length, COLUMNS_AT_A_TIME[adapterClass]);
  const most = bytes === 'words' ? BYTES_PER_WORD : BYTES_PER_WORD + 1;
  return largestDivisor(greatestCommonDivisor(size, length), most);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** The first of `sizes` whose multiples cover `extent` with the fewest elements. */
function leastWaste(extent: number, sizes: readonly number[]): number {
  const covered = (size: number): number => Math.ceil(extent / size) * size;
  return sizes.reduce((best, size) => (covered(size) < covered(best) ? size : best));
}

/** The height, a multiple of `by` up to `most`, of tiles that divide `extent` most evenly. */
function evenly(extent: number, most: number, by = 1): number {
  const even = Math.ceil(extent / Math.ceil(extent / most));
  return Math.min(Math.ceil(even / by) * by, most);
}
