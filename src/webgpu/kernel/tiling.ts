/**
 * How products are cut up among invocations, by the adapter and the product's sizes alone. No choice here changes a bit:
 * every element is summed in the order that `runsOf` says, by shapes alone.
 */
import type { Tensor } from '../../graph/tensor.ts';
import type { Group } from '../schedule/fuse.ts';
import { sizesOf } from '../../compile/known-shapes.ts';
import type { TileChoice } from '../../compile/plan.ts';
import { QUAD, type WebGpuFacts } from '../plan.ts';
import { largestDivisor, partsOf, runsOf, sumLength } from '../lower/split-k.ts';
import { viewOf } from '../lower/matrix-view.ts';
import { chainSize } from './workgroups.ts';
import { BYTES_A_WORD, readsBytesAcross, runAlongK } from './operands.ts';

/** A product's sizes, and how it is cut up: `TM × TN` elements an invocation, `KQ` columns of A at a time. */
export interface Tiling {
  readonly M: number;
  readonly N: number;
  readonly K: number;
  readonly TM: number;
  readonly TN: number;
  readonly KQ: number;
  /** How many invocations share what they read of B: 1, or {@link QUAD}. */
  readonly SHARING: number;
  /** Sums are made in `RUNS` of `RUN` terms. */
  readonly RUNS: number;
  readonly RUN: number;
  /** Set where a workgroup shares all it reads, in its memory. */
  readonly shared?: typeof SHARED_TILE | undefined;
}

/** Tiles in workgroup memory: `SIDE × SIDE` invocations, `KB` columns of A at a time; 4 kB, as matmul-shared.wgsl has it. */
const SHARED_TILE = { SIDE: 8, TM: 4, TN: 4, KB: 16 };

/** The most sums that an invocation keeps where it makes whole rows. */
const MAX_ROWS_TILE = 48;

/** Rows of no more elements are made in one tile. */
const FEW = 12;

/**
 * The tiles of other products, the likeliest first. Which is best on a GPU is a question to that GPU: one choice for all comes
 * to 44 to 100 % of what each can do. On a software adapter a load costs as much as ten sums, so sums may well spill.
 */
const TILES = {
  gpu: [{ TM: 4, TN: 4 }, { TM: 8, TN: 4 }, { TM: 8, TN: 8 }, SHARED_TILE],
  software: [{ TM: 12, TN: 8 }],
} as const;

/** Chains have many kernels in one module, whose text is longer the wider tiles are. */
const MAX_CHAINED_WIDTH = 24;

/** Floating-point operations from which on a product is worth measuring: a GPU takes some 20 µs for them. */
const WORTH_MEASURING = 5e7;

/**
 * And where a quad shares its loads of B: the best by measurement on SwiftShader, of which those are taken that waste the least
 * of the last tiles. Where rows have few elements, tiles are as wide and higher.
 */
const QUAD_TILES = { heights: [4, 5, 6], heightOfFew: 8, widths: [16, 20, 24, 12] };

/** Columns of A at a time, where they need not be words of bytes: with two, a software adapter keeps sums in registers. */
const COLUMNS_AT_A_TIME = { gpu: 1, software: 2 };

/** How a product is cut up on an adapter. `slice`: the rows that one workgroup takes, where it is chained. */
export function tilingOf(product: Tensor, group: Group, target: WebGpuFacts, slice: number | undefined): Tiling {
  const [M = 1, N = 1] = sizesOf(product).slice(-2);
  const K = sumLength(product);
  const software = target.adapterClass === 'software';
  const across = readsBytesAcross(product);
  const sizes = { M, N, K, KQ: columnsAtATime(product, target), SHARING: 1, ...runsOf(product) };
  const shares = target.quads === true && slice === undefined && M >= QUAD;
  if (group.axes !== undefined) {
    const TM = software ? Math.max(1, Math.min(4, Math.floor(MAX_ROWS_TILE / N))) : 1;
    return { ...sizes, TM: largestDivisor(slice ?? TM, TM), TN: N, SHARING: shares ? QUAD : 1 };
  }
  if (shares && M >= QUAD * BYTES_A_WORD) {
    const height = M / QUAD;
    const by = across ? BYTES_A_WORD : 1;
    if (N <= FEW) return { ...sizes, TM: evenly(height, QUAD_TILES.heightOfFew, by), TN: N, SHARING: QUAD };
    const TM = across ? BYTES_A_WORD : leastWaste(height, QUAD_TILES.heights);
    return { ...sizes, TM, TN: leastWaste(N, QUAD_TILES.widths), SHARING: QUAD };
  }
  const tile = TILES[target.adapterClass][chosenTile(product, target)] ?? TILES[target.adapterClass][0];
  const TN = software && N <= FEW ? N : Math.min(N, tile.TN);
  const most = Math.min(M, tile.TM, Math.floor((tile.TM * tile.TN) / TN));
  const TM = across && most >= BYTES_A_WORD ? most - (most % BYTES_A_WORD) : evenly(M, most);
  if (slice === undefined) {
    const shared = 'KB' in tile && sharesMemory(target) ? tile : undefined;
    return shared === undefined ? { ...sizes, TM, TN } : { ...sizes, ...shared, shared };
  }
  // Tiles do not reach into the next slice, and are as small as it takes to keep a workgroup busy.
  const rows = partsOf(product) > 1 ? TM : largestDivisor(slice, TM);
  const columns = Math.ceil(((slice / rows) * N) / chainSize(target));
  const widest = software ? Math.min(MAX_CHAINED_WIDTH, Math.floor((tile.TM * tile.TN) / rows)) : tile.TN;
  return { ...sizes, TM: rows, TN: Math.min(N, widest, columns) };
}

/** The index of the tile size that was measured to be the fastest for a product; 0 before. */
function chosenTile(product: Tensor, { tiles }: WebGpuFacts): number {
  return tiles?.get(keyOf(product)) ?? 0;
}

/** Whether workgroups have the invocations and the memory that {@link SHARED_TILE} takes. */
function sharesMemory({ limits }: WebGpuFacts): boolean {
  const { SIDE, TM, TN, KB } = SHARED_TILE;
  return (
    limits.maxComputeInvocationsPerWorkgroup >= SIDE * SIDE &&
    limits.maxComputeWorkgroupStorageSize >= 4 * SIDE * KB * (TM + TN)
  );
}

/** Set where it is worth measuring in which tiles a product is fastest. */
export function tileChoice(
  product: Tensor,
  group: Group,
  target: WebGpuFacts,
  chained: boolean,
): TileChoice | undefined {
  const count = TILES[target.adapterClass].length;
  const [M = 1, N = 1] = sizesOf(product).slice(-2);
  if (chained || count === 1 || group.axes !== undefined || 2 * M * N * sumLength(product) < WORTH_MEASURING)
    return undefined;
  return { key: keyOf(product), count, tile: chosenTile(product, target) };
}

/** What a product is like, whatever it is of: in how many parts, and where its operands' elements lie. */
function keyOf(product: Tensor): string {
  const { transposeA, transposeB } = product.attrs;
  const operands = product.inputs.map((operand) => {
    const { base, rows, columns } = viewOf(operand);
    return [base.attrs.format, rows, columns];
  });
  return JSON.stringify([partsOf(product), transposeA, transposeB, operands]);
}

/** Words of bytes where they lie together: two words have the bytes of five columns, wherever they begin. */
function columnsAtATime(product: Tensor, { adapterClass }: WebGpuFacts): number {
  const each = sumLength(product) / partsOf(product);
  const { size, bytes } = runAlongK(product);
  if (bytes === undefined) return largestDivisor(each, COLUMNS_AT_A_TIME[adapterClass]);
  const most = bytes === 'words' ? BYTES_A_WORD : BYTES_A_WORD + 1;
  return largestDivisor(greatestCommonDivisor(size, each), most);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** The first of `sizes` in which the fewest elements are needed to cover `extent`. */
function leastWaste(extent: number, sizes: readonly number[]): number {
  const covered = (size: number): number => Math.ceil(extent / size) * size;
  return sizes.reduce((best, size) => (covered(size) < covered(best) ? size : best));
}

/** The height of tiles no higher than `most` that share `extent` evenly; `by` a multiple of it. */
function evenly(extent: number, most: number, by = 1): number {
  const even = Math.ceil(extent / Math.ceil(extent / most));
  return Math.min(Math.ceil(even / by) * by, most);
}
