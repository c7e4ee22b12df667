/**
 * Values on the host: feeds of placeholders and results of fetches.
 */
import { isList, isRecord, show } from '../checks.ts';
import { GraphError } from '../errors.ts';
import { checkIsDType, type DType, type TypedArray } from './dtype.ts';
import { sizeOfShape } from './shape.ts';

/** An n-dimensional array on the host, row-major. */
export interface NDArray {
  readonly data: TypedArray;
  readonly shape: readonly number[];
  readonly dtype: DType;
  /** The values as NumPy prints them, shortened above 1,000 elements. Only arrays that Inkling returns print so. */
  toString(): string;
}

const MAX_AXES = 32;

/** Numbers (or booleans) nested in arrays, one level per axis; the innermost may be typed arrays. */
export type NestedArray = number | boolean | ArrayLike<number> | readonly NestedArray[];

/**
 * A copy of `value` as an array of `dtype` (default: float32 for numbers, bool for booleans, int32 for integer typed arrays).
 * A typed array becomes one-dimensional; the innermost nested arrays may be typed.
 *
 * @param what - The value's name in messages.
 * @throws GraphError where nested arrays are ragged or hold something other than numbers.
 */
export function toNDArray(
  value: NestedArray | ArrayLike<number> | NDArray,
  dtype: DType | undefined,
  what: string,
): NDArray {
  if (ArrayBuffer.isView(value)) {
    const numbers = numbersIn(value, what);
    const natural = value instanceof Float32Array || value instanceof Float64Array ? 'float32' : 'int32';
    return { data: convert(numbers, dtype ?? natural), shape: [numbers.length], dtype: dtype ?? natural };
  }
  if (isNDArray(value)) {
    const numbers = numbersIn(value.data, what);
    if (numbers.length !== sizeOfShape(value.shape)) {
      throw new GraphError(
        `${what}: ${numbers.length} values do not fill shape [${value.shape.join(', ')}]; give as many as the shape holds.`,
      );
    }
    const to = dtype ?? value.dtype;
    checkIsDType(what, to);
    return { data: convert(numbers, to), shape: [...value.shape], dtype: to };
  }
  const nested: unknown =
    isRecord(value) && typeof value.length === 'number' ? Array.from(value as ArrayLike<number>) : value;
  const shape: number[] = [];
  // A list that contains itself has no end.
  for (let level = nested; isList(level) && shape.length < MAX_AXES; level = level[0]) shape.push(level.length);
  const flat: number[] = [];
  const booleans = flatten(nested, shape, 0, flat, what);
  const natural = booleans && flat.length > 0 ? 'bool' : 'float32';
  return { data: convert(flat, dtype ?? natural), shape, dtype: dtype ?? natural };
}

/** Tells whether `value` has the form of an {@link NDArray}. */
export function isNDArray(value: unknown): value is NDArray {
  return isRecord(value) && 'data' in value && Array.isArray(value.shape);
}

/** @throws GraphError unless `data` is a list. */
function numbersIn(data: unknown, what: string): ArrayLike<number> {
  return isList(data) ? (data as readonly number[]) : refuseElement(data, what);
}

function refuseElement(value: unknown, what: string): never {
  throw new GraphError(
    `${what}: found ${show(value)} where a number was expected; give numbers, nested evenly in arrays, one level per axis.`,
  );
}

/** Appends the numbers of `value` to `out`; tells whether all were booleans. */
function flatten(value: unknown, shape: readonly number[], axis: number, out: number[], what: string): boolean {
  if (axis === shape.length) {
    if (typeof value !== 'number' && typeof value !== 'boolean') refuseElement(value, what);
    out.push(Number(value));
    return typeof value === 'boolean';
  }
  if (!isList(value) || value.length !== shape[axis]) {
    throw new GraphError(
      `${what}: nested arrays are ragged at axis ${axis}; every row there needs ${shape[axis]} elements.`,
    );
  }
  let booleans = true;
  // Not reduce(), which skips holes.
  for (const row of value) booleans = flatten(row, shape, axis + 1, out, what) && booleans;
  return booleans;
}

/** A new typed array of `dtype` with the values of `from`. */
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
