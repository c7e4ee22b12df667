/**
 * Index arithmetic in WGSL: from a flat index in one shape to the flat index in another. No tensors.
 */
import { sizeOfShape } from '../../graph/shape.ts';
import { join, u32, wgsl, type Snippet } from '../../graph/snippet.ts';

/** The index of an element along one axis, or along some axes together. */
export interface Coordinate {
  readonly name: Snippet;
  readonly size: number;
}

/**
 * The coordinate along `axis` of the element at `flat` in an array of `shape`. `known`: coordinates of `flat`, outermost
 * first, in a shape that may be another. A coordinate made of them takes no division, or that of a smaller number.
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
  const whole: Snippet[] = [];
  let covered = 1;
  let place = 1;
  for (const { name, size: extent } of [...known].reverse()) {
    const end = place * extent;
    if (below % place === 0 && end % above === 0) return digit(name, below / place, size, end === above);
    if (place % below === 0 && above % end === 0 && extent > 1) {
      whole.unshift(place === below ? name : wgsl`${name} * ${place / below}u`);
      covered *= extent;
    }
    place = end;
  }
  if (covered === size) return wgsl`(${join(whole, ' + ')})`;
  return digit(flat, below, size, above === sizeOfShape(shape));
}

/** `last`: whether nothing is above the digit. */
function digit(flat: Snippet, below: number, size: number, last: boolean): Snippet {
  if (flat.value !== undefined) return u32(Math.floor(flat.value / below) % size);
  if (below === 1) return last ? flat : wgsl`(${flat} % ${size}u)`;
  return last ? wgsl`(${flat} / ${below}u)` : wgsl`(${flat} / ${below}u % ${size}u)`;
}

/**
 * Σ of `strides` times the coordinates of `flat`, a flat index in `shape` (the name of a variable).
 * Axes that lie together stay together: a contiguous shape gives back `flat`. `at` writes a coordinate.
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
    const place = at(flat, sizes, run);
    return stride === 1 ? place : wgsl`${place} * ${stride}u`;
  });
  return terms.length === 0 ? u32(0) : join(terms, ' + ');
}

export interface Run {
  readonly size: number;
  readonly stride: number;
}

/** Neighbouring axes that step through memory evenly, as one. */
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
