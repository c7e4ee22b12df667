/**
 * Index arithmetic in WGSL: from a flat index in one shape to the flat index in another.
 */
import { sizeOfShape } from '../../graph/shape.ts';
import { join, u32, wgsl, type Snippet } from '../../graph/snippet.ts';

/** The index of an element along an axis, or along consecutive axes together. */
export interface Coordinate {
  readonly name: Snippet;
  readonly size: number;
}

/**
 * Returns the coordinate along `axis` of the element at `flat` in an array of `shape`.
 *
 * @param known - Coordinates of `flat`, outermost first, in a shape that may differ. A coordinate computed from them takes no
 *   division, or one of a smaller number.
 */
export function coordinate(
  flat: Snippet,
  shape: readonly number[],
  axis: number,
  known: readonly Coordinate[] = [],
): Snippet {
  const size = Math.max(1, shape[axis] ?? 1);
  const below = sizeOfShape(shape.slice(axis + 1));
  const above = below * size;
  if (size === 1 || below === 0) return u32(0);
  const terms: Snippet[] = [];
  let covered = 1;
  let stride = 1;
  for (const { name, size: extent } of [...known].reverse()) {
    const end = stride * extent;
    if (below % stride === 0 && end % above === 0) return digit(name, below / stride, size, end === above);
    if (stride % below === 0 && above % end === 0 && extent > 1) {
      terms.unshift(stride === below ? name : wgsl`${name} * ${stride / below}u`);
      covered *= extent;
    }
    stride = end;
  }
  if (covered === size) return wgsl`(${join(terms, ' + ')})`;
  return digit(flat, below, size, above === sizeOfShape(shape));
}

/** The digit of `flat` at stride `below`. `last`: set for the most significant digit. */
function digit(flat: Snippet, below: number, size: number, last: boolean): Snippet {
  if (flat.value !== undefined) return u32(Math.floor(flat.value / below) % size);
  if (below === 1) return last ? flat : wgsl`(${flat} % ${size}u)`;
  return last ? wgsl`(${flat} / ${below}u)` : wgsl`(${flat} / ${below}u % ${size}u)`;
}

/**
 * Returns Σ of `strides` times the coordinates of `flat`, the name of a flat index in `shape`. Contiguous axes are one, so `flat`
 * itself is returned for a contiguous shape.
 *
 * @param at - Writes a coordinate.
 */
export function gather(
  flat: Snippet,
  shape: readonly number[],
  strides: readonly number[],
  at: typeof coordinate = coordinate,
): Snippet {
  if (shape.includes(0)) return u32(0);
  const runs = mergeAxes(shape, strides);
  const sizes = runs.map(({ size }) => size);
  const terms = runs.flatMap(({ stride }, run) => {
    if (stride === 0) return [];
    const index = at(flat, sizes, run);
    return stride === 1 ? index : wgsl`${index} * ${stride}u`;
  });
  return terms.length === 0 ? u32(0) : join(terms, ' + ');
}

/** Consecutive axes with one stride. */
export interface Run {
  readonly size: number;
  readonly stride: number;
}

/** Merges consecutive axes that step through memory evenly. */
export function mergeAxes(shape: readonly number[], strides: readonly number[]): Run[] {
  const runs: Run[] = [];
  shape.forEach((size, axis) => {
    const stride = strides[axis] ?? 0;
    const last = runs.at(-1);
    if (size === 1) return;
    if (last?.stride === stride * size) runs[runs.length - 1] = { size: last.size * size, stride };
    else runs.push({ size, stride });
  });
  return runs;
}
