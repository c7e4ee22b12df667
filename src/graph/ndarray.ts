/**
 * Values on the host: what is fed to a placeholder and what a fetch returns.
 */
import type { DType, TypedArray } from './dtype.ts';

/** An n-dimensional array on the host, row-major. */
export interface NDArray {
  readonly data: TypedArray;
  readonly shape: readonly number[];
  readonly dtype: DType;
}

/** Numbers (or booleans) nested in arrays, one level an axis. */
export type NestedArray = number | boolean | readonly NestedArray[];
