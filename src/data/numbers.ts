/**
 * Numbers of a user's own, in every form: copies of them, and the test for bytes.
 */
import { kindOf } from '../checks.ts';
import { DataError, InklingError } from '../errors.ts';
import { toNDArray, type NDArray, type NestedArray } from '../graph/ndarray.ts';

/** Bytes of images with their shape, row-major. They mean value/255. */
export interface ByteArray {
  readonly data: Uint8Array | Uint8ClampedArray;
  readonly shape: readonly number[];
  readonly dtype: 'uint8';
}

/** Numbers for `Dataset.from`: flat and row-major, or nested, one level an axis. */
export type Numbers = ArrayLike<number> | NestedArray | NDArray | ByteArray;

/** A copy of numbers, with their shape as given. */
export interface Copy<T> {
  readonly data: T;
  readonly shape: readonly number[];
}

/** A copy of features: bytes stay, other numbers become float32. */
export function copyFeatures(numbers: Numbers, what: string): Copy<Uint8Array | Float32Array> {
  // Floats in between would take four times the memory.
  if (isBytes(numbers)) return { data: Uint8Array.from(numbers), shape: [numbers.length] };
  const { data, shape } = copyNumbers(numbers, what);
  return holdsBytes(numbers) ? { data: Uint8Array.from(data), shape } : { data, shape };
}

/** Tests whether `given` is a typed array of bytes. */
export const isBytes = (given: unknown): given is Uint8Array => kindOf(given).startsWith('Uint8');

/** Tests whether numbers are bytes: in a typed array, one with its shape, or lists of either. */
export function holdsBytes(given: unknown): boolean {
  if (Array.isArray(given)) return given.length > 0 && given.every(holdsBytes);
  if (isBytes(given)) return true;
  const { dtype, data } = (given ?? {}) as Partial<NDArray | ByteArray>;
  return dtype !== 'bool' && data !== undefined && holdsBytes(data);
}

/** @throws DataError for numbers that are ragged, or something else */
export function copyNumbers(numbers: unknown, what: string): Copy<Float32Array> {
  try {
    const { data, shape } = toNDArray(numbers as NDArray, 'float32', what);
    return { data: data as Float32Array, shape };
  } catch (error) {
    throw error instanceof InklingError ? new DataError(error.message, { cause: error }) : error;
  }
}
