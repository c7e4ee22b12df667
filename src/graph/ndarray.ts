/**
 * Values on the host: what is fed to a placeholder and what a fetch returns.
 */
import { GraphError } from '../errors.ts';
import type { DType, TypedArray } from './dtype.ts';
import { sizeOfShape } from './shape.ts';

/** An n-dimensional array on the host, row-major. */
export interface NDArray {
  readonly data: TypedArray;
  readonly shape: readonly number[];
  readonly dtype: DType;
}

/** Numbers (or booleans) nested in arrays, one level an axis. */
export type NestedArray = number | boolean | readonly NestedArray[];

/**
 * A copy of `value` as an array of `dtype` (default: float32 for numbers, bool for booleans, int32 for integer typed arrays).
 * A typed array comes out one-dimensional.
 *
 * @throws GraphError where nested arrays are ragged or hold something other than numbers; `what` names the value there.
 */
export function toNDArray(
  value: NestedArray | ArrayLike<number> | NDArray,
  dtype: DType | undefined,
  what: string,
): NDArray {
  if (ArrayBuffer.isView(value)) {
    const numbers = value as unknown as ArrayLike<number>;
    const natural = value instanceof Float32Array || value instanceof Float64Array ? 'float32' : 'int32';
    return { data: convert(numbers, dtype ?? natural), shape: [numbers.length], dtype: dtype ?? natural };
  }
  if (isNDArray(value)) {
    if (value.data.length !== sizeOfShape(value.shape)) {
      throw new GraphError(
        `${what}: ${value.data.length} values do not fill shape [${value.shape.join(', ')}]; give as many as the shape holds.`,
      );
    }
    return { data: convert(value.data, dtype ?? value.dtype), shape: [...value.shape], dtype: dtype ?? value.dtype };
  }
  const shape: number[] = [];
  for (let level: unknown = value; Array.isArray(level); level = level[0]) shape.push(level.length);
  const flat: number[] = [];
  const booleans = flatten(value, shape, 0, flat, what);
  const natural = booleans && flat.length > 0 ? 'bool' : 'float32';
  return { data: convert(flat, dtype ?? natural), shape, dtype: dtype ?? natural };
}

/** Whether `value` has the form of an {@link NDArray}. */
export function isNDArray(value: unknown): value is NDArray {
  return (
    typeof value === 'object' && value !== null && 'data' in value && 'shape' in value && Array.isArray(value.shape)
  );
}

/** Appends the numbers of `value` to `out`; tells whether all were booleans. */
function flatten(value: unknown, shape: readonly number[], axis: number, out: number[], what: string): boolean {
  if (axis === shape.length) {
    if (typeof value !== 'number' && typeof value !== 'boolean') {
      throw new GraphError(
        `${what}: found ${Array.isArray(value) ? 'an array' : typeof value} where a number was expected; nest arrays evenly, one level an axis.`,
      );
    }
    out.push(Number(value));
    return typeof value === 'boolean';
  }
  if (!Array.isArray(value) || value.length !== shape[axis]) {
    throw new GraphError(
      `${what}: nested arrays are ragged at axis ${axis}; every row there needs ${shape[axis]} elements.`,
    );
  }
  return value.reduce((all: boolean, row: unknown) => flatten(row, shape, axis + 1, out, what) && all, true);
}

/** A fresh typed array of `dtype` with the values of `from`. */
export function convert(from: ArrayLike<number>, dtype: DType): TypedArray {
  switch (dtype) {
    case 'float32':
      return Float32Array.from(from);
    case 'int32':
      return Int32Array.from(from);
    case 'bool':
      return Uint8Array.from(from, (value) => (value === 0 ? 0 : 1));
    default:
      return dtype satisfies never;
  }
}
