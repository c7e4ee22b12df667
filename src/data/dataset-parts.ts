/**
 * Contents of a data set, and the checks of a user's own numbers.
 */
import { checkList, checkOptions, checkText, kindOf, refuse, show } from '../checks.ts';
import { DataError, InklingError, UsageError } from '../errors.ts';
import { toNDArray, type NDArray, type NestedArray } from '../graph/ndarray.ts';
import { sizeOfShape } from '../graph/shape.ts';
import type { Preprocessing } from './preprocessing.ts';

/** The contents of a `Dataset`. */
export interface DatasetParts {
  readonly name: string;
  /** `rows × shape` elements, row-major. Bytes mean value/255. */
  readonly features: Uint8Array | Float32Array;
  /** One class id a row. */
  readonly labels: Int32Array;
  /** The classes' names. */
  readonly classes: readonly string[];
  /** The shape of one row, e.g. `[28, 28, 1]`. */
  readonly shape: readonly number[];
  /** The preparation of its images, if it is known. */
  readonly preprocessing?: Preprocessing | undefined;
}

/** The rows from `from` to before `to`, as views. */
export function rowsOf(parts: DatasetParts, from: number, to: number): DatasetParts {
  const rowSize = sizeOfShape(parts.shape);
  const features = parts.features.subarray(from * rowSize, to * rowSize);
  return { ...parts, features, labels: parts.labels.subarray(from, to) };
}

/** Bytes of images with their shape, row-major. They mean value/255. */
export interface ByteArray {
  readonly data: Uint8Array | Uint8ClampedArray;
  readonly shape: readonly number[];
  readonly dtype: 'uint8';
}

/** Numbers for `Dataset.from`: flat and row-major, or nested, one level an axis. */
export type Numbers = ArrayLike<number> | NestedArray | NDArray | ByteArray;

export interface DatasetOptions {
  /**
   * The rows. Bytes (`Uint8Array` or `Uint8ClampedArray`, also in lists, or with a shape and the dtype `uint8`) are pixels, read
   * as value/255. Other numbers are read as float32.
   */
  readonly features: Numbers;
  /** One class id a row, from 0. */
  readonly labels: Numbers;
  /** The classes' names, or their number; default: as many as the labels need, named by their numbers. */
  readonly classes?: readonly string[] | number | undefined;
  /** The shape of one row, `[height, width, channels]` for images; default: the shape in a nested array or NDArray, else flat. */
  readonly shape?: readonly number[] | undefined;
  /** The name in messages; default `dataset`. */
  readonly name?: string | undefined;
}

/** @throws UsageError unless `value` is an integer from `min` to `max` */
export function checkInteger(what: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  const remedy = min <= max ? `Give an integer from ${min} to ${max}.` : `There are too few rows for any.`;
  throw new UsageError(`${what} is ${show(value)}. ${remedy}`);
}

/** Checks and copies a user's numbers, with the errors of `Dataset.from`. */
export function checkedParts(options: DatasetOptions): DatasetParts {
  checkOptions('Dataset.from', options);
  const { name = 'dataset' } = options;
  checkText('name', name);
  const { data: features, shape: featureShape } = copyFeatures(options.features, `'${name}', features`);
  const { data: ids, shape: idShape } = copyNumbers(options.labels, `'${name}', labels`);
  if (ids.length === 0) throw new DataError(`'${name}' has no rows. Give at least one label and its features.`);
  if (ids.length !== idShape[0])
    throw new DataError(`'${name}', labels are [${idShape.join(', ')}]. Give one class id a row, an integer from 0.`);
  const rowShape = featureShape.length > 1 ? featureShape.slice(1) : undefined;
  const { shape = rowShape ?? [features.length / ids.length] } = options;
  checkList(`shape of '${name}'`, shape, 'a list of sizes');
  const rowSize = sizeOfShape(shape);
  if (options.shape && !shape.every((size) => Number.isInteger(size) && size > 0))
    throw new UsageError(`shape of '${name}' is ${show(shape)}. Give sizes that are integers above 0.`);
  if (rowSize < 1 || features.length !== rowSize * ids.length || !Number.isInteger(rowSize)) {
    const rows = Number.isInteger(rowSize) ? ` of [${shape.join(', ')}] = ${rowSize} elements` : '';
    throw new DataError(
      `'${name}' has ${features.length} features and ${ids.length} labels: they do not make ${ids.length} rows${rows}. ` +
        `Give each label one whole row of features.`,
    );
  }
  checkFinite(features, rowSize, name);
  return { name, features, shape: [...shape], ...checkedLabels(ids, options.classes, name) };
}

/** Checks class ids. Returns them with the classes' names. */
export function checkedLabels(
  ids: ArrayLike<number>,
  classes: readonly string[] | number | undefined,
  name: string,
): Pick<DatasetParts, 'labels' | 'classes'> {
  const isNames = Array.isArray(classes) && classes.every((label) => typeof label === 'string');
  if (classes !== undefined && typeof classes !== 'number' && !isNames)
    refuse(`\`classes\` of '${name}'`, classes, "the classes' names, or their number");
  const count = typeof classes === 'object' ? classes.length : classes;
  if (count !== undefined) checkInteger(`The number of classes of '${name}'`, count, 1, 2 ** 24);
  let highest = 0;
  for (let row = 0; row < ids.length; row++) {
    const id = ids[row] ?? NaN;
    if (!Number.isInteger(id) || id < 0 || id >= (count ?? 2 ** 24)) {
      throw new DataError(
        `'${name}', row ${row}: the label is ${id}, but labels are class ids, integers ` +
          (count === undefined ? `from 0. ` : `from 0 to ${count - 1} for ${count} classes. `) +
          `Correct the label, or give 'classes' as many names as there are.`,
      );
    }
    highest = Math.max(highest, id);
  }
  const names =
    typeof classes === 'object' ? [...classes] : Array.from({ length: count ?? highest + 1 }, (_, i) => `${i}`);
  return { labels: Int32Array.from(ids), classes: names };
}

/** @throws DataError at the first feature that is not finite */
export function checkFinite(features: Uint8Array | Float32Array, rowSize: number, name: string): void {
  if (features instanceof Uint8Array) return;
  const at = features.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return;
  throw new DataError(
    `'${name}', row ${Math.floor(at / rowSize)}, column ${at % rowSize}: the feature is ${features[at] ?? NaN} as float32. ` +
      `Replace or drop what is missing, and scale what is huge.`,
  );
}

/** A copy of numbers, with their shape as given. */
interface Copy<T> {
  readonly data: T;
  readonly shape: readonly number[];
}

function copyFeatures(numbers: Numbers, what: string): Copy<Uint8Array | Float32Array> {
  // Floats in between would take four times the memory.
  if (isBytes(numbers)) return { data: Uint8Array.from(numbers), shape: [numbers.length] };
  const { data, shape } = copyNumbers(numbers, what);
  return holdsBytes(numbers) ? { data: Uint8Array.from(data), shape } : { data, shape };
}

const isBytes = (given: unknown): given is Uint8Array => kindOf(given).startsWith('Uint8');

/** Tests whether numbers are bytes: in a typed array, one with its shape, or lists of either. */
export function holdsBytes(given: unknown): boolean {
  if (Array.isArray(given)) return given.length > 0 && given.every(holdsBytes);
  if (isBytes(given)) return true;
  const { dtype, data } = (given ?? {}) as Partial<NDArray | ByteArray>;
  return dtype !== 'bool' && data !== undefined && holdsBytes(data);
}

function copyNumbers(numbers: Numbers, what: string): Copy<Float32Array> {
  try {
    const { data, shape } = toNDArray(numbers as NDArray, 'float32', what);
    return { data: data as Float32Array, shape };
  } catch (error) {
    throw error instanceof InklingError ? new DataError(error.message, { cause: error }) : error;
  }
}
