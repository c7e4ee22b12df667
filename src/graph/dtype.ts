/**
 * Element types of tensors, and their typed arrays on the host.
 */

import { refuse } from '../checks.ts';

/** The element type of a tensor. A `bool` is stored as 0 or 1. */
export type DType = 'float32' | 'int32' | 'bool';

/** The host array of a dtype; `bool` is bytes of 0 and 1. */
export type TypedArray = Float32Array | Int32Array | Uint8Array;

/** A zeroed host array for `length` elements of `dtype`. */
export function allocate(dtype: DType, length: number): TypedArray {
  switch (dtype) {
    case 'float32':
      return new Float32Array(length);
    case 'int32':
      return new Int32Array(length);
    case 'bool':
      return new Uint8Array(length);
    default:
      return dtype satisfies never;
  }
}

/** @throws UsageError unless `given` is the name of a dtype. */
export function checkIsDType(what: string, given: unknown): void {
  if (!['float32', 'int32', 'bool'].includes(given as DType))
    refuse(`${what}: the dtype`, given, "'float32', 'int32' or 'bool'");
}
