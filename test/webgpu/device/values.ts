/** Comparing what backends computed: bits where they must agree, tolerances where only rounding may differ. */
import { allocate, type DType, type TypedArray } from '../../../src/graph/dtype.ts';

/** `data` in the array of a dtype. */
export function arrayFor(dtype: DType, data: ArrayLike<number>): TypedArray {
  const array = allocate(dtype, data.length);
  array.set(data);
  return array;
}

/** The first element out of tolerance, as text: |a − b| ≤ absolute + relative · |b|, non-finite ones alike. */
export function firstDifference(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  absolute: number,
  relative = 1e-4,
): string | undefined {
  if (actual.length !== expected.length) return `${actual.length} elements, ${expected.length} expected`;
  for (let i = 0; i < expected.length; i++) {
    const [a = NaN, b = NaN] = [actual[i], expected[i]];
    if (Object.is(a, b) || a === b) continue;
    if (!(Math.abs(a - b) <= absolute + relative * Math.abs(b))) return `element ${i}: ${a}, expected ${b}`;
  }
  return undefined;
}
