/**
 * The CPU's kernels: work divided into units that run in order, so a long kernel can be interrupted.
 * Also the stride arithmetic of kernels.
 */
import { GraphError } from '../errors.ts';
import type { TypedArray } from '../graph/dtype.ts';
import { formatShape, isConcrete } from '../graph/shape.ts';
import type { Tensor } from '../graph/tensor.ts';

/** The elements of a tensor: its dtype's array, or float64 where the CPU is the reference of tests. */
export type Values = TypedArray | Float64Array;

export interface CpuKernel {
  readonly units: number;
  /** Number of units that take about a millisecond. */
  readonly unitsPerBlock: number;
  /** Runs the units [from, to). Calls cover 0…units in ascending order. */
  run(from: number, to: number): void;
}

/** An operand of a kernel: elements and their sizes. */
export interface Operand {
  readonly values: Values;
  readonly shape: readonly number[];
}

/** Multiply-adds, or elements of a map, that take about a millisecond. */
const WORK_PER_BLOCK = 1 << 18;

/** The number of units of `work` elements in a block. */
export function unitsPerBlock(work: number): number {
  return Math.max(1, Math.floor(WORK_PER_BLOCK / Math.max(1, work)));
}

/** A kernel of one unit. */
export function wholeKernel(run: () => void): CpuKernel {
  return { units: 1, unitsPerBlock: 1, run };
}

/** The sizes of a tensor whose feeds are known. */
export function concreteShape(tensor: Tensor): readonly number[] {
  if (isConcrete(tensor.shape)) return tensor.shape;
  throw new GraphError(
    `The result of ${tensor.op.name} has shape ${formatShape(tensor.shape)}; feed the placeholders it depends on.`,
  );
}

/** Axes of a loop nest, outermost first, and the strides of each operand along them; at least one axis. */
export interface Walk {
  readonly sizes: readonly number[];
  readonly strides: readonly (readonly number[])[];
}

/** The same walk with fewer axes: drops axes of size 1 and merges adjacent axes that are contiguous in every operand. */
export function collapse(sizes: readonly number[], strides: readonly (readonly number[])[]): Walk {
  const outSizes: number[] = [];
  const outStrides: number[][] = strides.map(() => []);
  sizes.forEach((size, axis) => {
    if (size === 1) return;
    const last = outSizes.length - 1;
    const follows = (s: readonly number[], i: number): boolean => outStrides[i]?.[last] === (s[axis] ?? 0) * size;
    const merges = last >= 0 && strides.every(follows);
    outSizes.splice(merges ? last : last + 1, 1, merges ? (outSizes[last] ?? 1) * size : size);
    strides.forEach((s, i) => outStrides[i]?.splice(merges ? last : last + 1, 1, s[axis] ?? 0));
  });
  if (outSizes.length === 0) return { sizes: [1], strides: strides.map(() => [0]) };
  return { sizes: outSizes, strides: outStrides };
}

/** The offset of the `row`-th index of `sizes` (row-major) in an operand with these strides. */
export function offsetOf(row: number, sizes: readonly number[], strides: readonly number[]): number {
  let offset = 0;
  let rest = row;
  for (let axis = sizes.length - 1; axis >= 0; axis--) {
    const size = sizes[axis] ?? 1;
    const next = Math.floor(rest / size);
    offset += (rest - next * size) * (strides[axis] ?? 0);
    rest = next;
  }
  return offset;
}
