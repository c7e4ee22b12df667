/**
 * Index arithmetic as WGSL text: from a flat index in one shape to the flat index in another. Names and numbers, no tensors.
 */
import { stridesOf } from '../../graph/shape.ts';

/** `0u`, `784u`. */
export function u32(value: number): string {
  return `${value}u`;
}

/**
 * Σ of `strides` times the digits of `flat`, a flat index in `shape` (the name of a variable).
 * Axes that lie together stay together: a contiguous shape gives back `flat`.
 */
export function gather(flat: string, shape: readonly number[], strides: readonly number[]): string {
  const runs = mergeAxes(shape, strides);
  const total = runs.reduce((size, run) => size * run.size, 1);
  if (total === 0) return '0u';
  let below = total;
  const terms: string[] = [];
  for (const { size, stride } of runs) {
    const above = below;
    below /= size;
    if (stride === 0 || size === 1) continue;
    const high = below === 1 ? flat : `${flat} / ${u32(below)}`;
    const digit = above === total ? high : `(${high}) % ${u32(size)}`;
    terms.push(stride === 1 ? `(${digit})` : `(${digit}) * ${u32(stride)}`);
  }
  if (terms.length === 0) return '0u';
  return terms.length === 1 && terms[0] === `(${flat})` ? flat : terms.join(' + ');
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
