/**
 * Index arithmetic as WGSL text: from a flat index in one shape to the flat index in another. Names and numbers, no tensors.
 */
import { sizeOfShape, stridesOf } from '../../graph/shape.ts';

/** `0u`, `784u`. */
export function u32(value: number): string {
  return `${value}u`;
}

/** A name of where along an axis, or some axes together, an element lies. */
export interface Coordinate {
  readonly name: string;
  readonly size: number;
}

/**
 * Where along `axis` the element at `flat` in an array of `shape` lies. `known`: coordinates of `flat`, outermost first, in a
 * shape that may be another. What is made of them takes no division, or that of a smaller number.
 */
export function coordinate(
  flat: string,
  shape: readonly number[],
  axis: number,
  known: readonly Coordinate[] = [],
): string {
  const size = Math.max(1, shape[axis] ?? 1);
  const below = sizeOfShape(shape.slice(axis + 1));
  const above = below * size;
  if (size === 1 || below === 0) return '0u';
  const whole: string[] = [];
  let covered = 1;
  let place = 1;
  for (const { name, size: extent } of [...known].reverse()) {
    const end = place * extent;
    if (below % place === 0 && end % above === 0) return digit(name, below / place, size, end === above);
    if (place % below === 0 && above % end === 0 && extent > 1) {
      whole.unshift(place === below ? name : `${name} * ${u32(place / below)}`);
      covered *= extent;
    }
    place = end;
  }
  if (covered === size) return `(${whole.join(' + ')})`;
  return digit(flat, below, size, above === sizeOfShape(shape));
}

/** `last`: whether nothing is above the digit. */
function digit(flat: string, below: number, size: number, last: boolean): string {
  if (/^\d/.test(flat)) return u32(Math.floor(parseInt(flat) / below) % size);
  if (below === 1) return last ? flat : `(${flat} % ${u32(size)})`;
  return last ? `(${flat} / ${u32(below)})` : `(${flat} / ${u32(below)} % ${u32(size)})`;
}

/**
 * Σ of `strides` times the coordinates of `flat`, a flat index in `shape` (the name of a variable).
 * Axes that lie together stay together: a contiguous shape gives back `flat`. `at` writes a coordinate.
 */
export function gather(
  flat: string,
  shape: readonly number[],
  strides: readonly number[],
  at: typeof coordinate = coordinate,
): string {
  if (shape.includes(0)) return '0u';
  const runs = mergeAxes(shape, strides);
  const sizes = runs.map(({ size }) => size);
  const terms = runs.flatMap(({ stride }, run) => {
    if (stride === 0) return [];
    const place = at(flat, sizes, run);
    return stride === 1 ? place : `${place} * ${u32(stride)}`;
  });
  return terms.length === 0 ? '0u' : terms.join(' + ');
}

export interface Run {
  readonly size: number;
  readonly stride: number;
}

/** Neighbouring axes that step through memory evenly become one. */
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

/** The strides with which an array of shape `from` is read in `to`, to which it broadcasts: 0 along repeated axes. */
export function broadcastStrides(from: readonly number[], to: readonly number[]): number[] {
  const strides = stridesOf(from);
  const offset = to.length - from.length;
  return to.map((_, axis) => (axis < offset || from[axis - offset] === 1 ? 0 : (strides[axis - offset] ?? 0)));
}
