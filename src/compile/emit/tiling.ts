/**
 * How products are cut up among invocations, by the adapter and the product's sizes alone. No choice here changes a bit:
 * every element is one sum in ascending k.
 */
import type { Tensor } from '../../graph/tensor.ts';
import type { Group } from '../fuse.ts';
import { sizesOf } from '../internal-ops.ts';
import { QUAD, type WebGpuTarget } from '../plan.ts';
import { largestDivisor, partsOf, sumLength } from '../products.ts';
import { chainSize } from './module.ts';
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
}

/** The most sums that an invocation keeps where it makes whole rows. */
const MAX_ROWS_TILE = 48;

/** Rows of no more elements are made in one tile. */
const FEW = 12;

/** The tiles of other products: on a software adapter a load costs as much as ten sums, so sums may well spill. */
const TILES = { gpu: { TM: 4, TN: 4 }, software: { TM: 12, TN: 8 } };

/**
 * And where a quad shares its loads of B, which only software adapters are known to have: the best by measurement of those
 * that waste the least of the last tiles; heights where rows are few elements long and elsewhere.
 */
const QUAD_TILES = { heights: [4, 5, 6], heightsOfFew: [12, 8, 4], widths: [16, 20, 24, 12] };

/** Columns of A at a time, where they need not be words of bytes: with two, a software adapter keeps sums in registers. */
const COLUMNS_AT_A_TIME = { gpu: 1, software: 2 };

/** How a product is cut up on an adapter. `slice`: the rows that one workgroup takes, where it is chained. */
export function tilingOf(product: Tensor, group: Group, target: WebGpuTarget, slice: number | undefined): Tiling {
  const [M = 1, N = 1] = sizesOf(product).slice(-2);
  const K = sumLength(product);
  const software = target.adapterClass === 'software';
  const across = readsBytesAcross(product);
  const sizes = { M, N, K, KQ: columnsAtATime(product, target), SHARING: 1 };
  const shares = target.quads === true && slice === undefined && M >= QUAD;
  if (group.axes !== undefined) {
    const TM = software ? Math.max(1, Math.min(4, Math.floor(MAX_ROWS_TILE / N))) : 1;
    return { ...sizes, TM: largestDivisor(slice ?? TM, TM), TN: N, SHARING: shares ? QUAD : 1 };
  }
  if (shares && M >= QUAD * BYTES_A_WORD) {
    const heights = N <= FEW ? QUAD_TILES.heightsOfFew : across ? [BYTES_A_WORD] : QUAD_TILES.heights;
    const TN = N <= FEW ? N : leastWaste(N, QUAD_TILES.widths);
    return { ...sizes, TM: leastWaste(M / QUAD, heights), TN, SHARING: QUAD };
  }
  const tile = TILES[target.adapterClass];
  const TN = software && N <= FEW ? N : Math.min(N, tile.TN);
  const most = Math.min(M, tile.TM, Math.floor((tile.TM * tile.TN) / TN));
  // Tiles that share the rows evenly; where bytes are read across them in fours, by fours.
  const even = Math.ceil(M / Math.ceil(M / most));
  const TM = across && most >= BYTES_A_WORD ? most - (most % BYTES_A_WORD) : even;
  if (slice === undefined) return { ...sizes, TM, TN };
  // Tiles do not reach into the next slice, and are as small as it takes to keep a workgroup busy.
  const rows = partsOf(product) > 1 ? TM : largestDivisor(slice, TM);
  const columns = Math.ceil(((slice / rows) * N) / chainSize(target));
  const widest = software ? Math.floor((tile.TM * tile.TN) / rows) : tile.TN;
  return { ...sizes, TM: rows, TN: Math.min(N, widest, columns) };
}

/** Words of bytes where they lie together: two words have the bytes of five columns, wherever they begin. */
function columnsAtATime(product: Tensor, { adapterClass }: WebGpuTarget): number {
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
