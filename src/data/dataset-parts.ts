/**
 * What a data set is made of, and the checks that a user's own numbers have to pass.
 */
import { DataError, UsageError } from '../errors.ts';
import type { NDArray } from '../graph/ndarray.ts';
import { sizeOfShape } from '../graph/shape.ts';

/** What a `Dataset` is made of. */
export interface DatasetParts {
  readonly name: string;
  /** `rows × shape` elements, row-major: bytes stand for value/255, floats for themselves. */
  readonly features: Uint8Array | Float32Array;
  /** One class id a row. */
  readonly labels: Int32Array;
  /** The classes' names. */
  readonly classes: readonly string[];
  /** The shape of one row, e.g. `[28, 28, 1]`. */
  readonly shape: readonly number[];
}

/** The rows from `from` to before `to`, as views. */
export function rowsOf(parts: DatasetParts, from: number, to: number): DatasetParts {
  const rowSize = sizeOfShape(parts.shape);
  const features = parts.features.subarray(from * rowSize, to * rowSize);
  return { ...parts, features, labels: parts.labels.subarray(from, to) };
}

/** Numbers for `Dataset.from`, row-major. */
export type Numbers = ArrayLike<number> | NDArray;

export interface DatasetOptions {
  /** The rows. `Uint8Array` and `Uint8ClampedArray` are images' bytes, read as value/255; all else as float32. */
  readonly features: Numbers;
  /** One class id a row, from 0. */
  readonly labels: Numbers;
  /** The classes' names, or how many there are; default: as many as the labels need, named by their numbers. */
  readonly classes?: readonly string[] | number | undefined;
  /** The shape of one row; default: that of the NDArray's rows, or else flat. `[height, width, channels]` for images. */
  readonly shape?: readonly number[] | undefined;
  /** What to call the set in messages; default `dataset`. */
  readonly name?: string | undefined;
}

/** @throws UsageError unless `value` is an integer from `min` to `max` */
export function checkInteger(what: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  const remedy = min <= max ? `Give an integer from ${min} to ${max}.` : `There are too few rows for any.`;
  throw new UsageError(`${what} is ${String(value)}. ${remedy}`);
}

/** Checks and copies a user's numbers. Errors: see `Dataset.from`. */
export function checkedParts({ name = 'dataset', ...options }: DatasetOptions): DatasetParts {
  const features = copyFeatures(options.features);
  const ids = flat(options.labels);
  if (ids.length === 0) throw new DataError(`'${name}' has no rows. Give at least one label and its features.`);
  const rowShape = 'shape' in options.features ? options.features.shape.slice(1) : undefined;
  const shape = options.shape ?? rowShape ?? [features.length / ids.length];
  const rowSize = sizeOfShape(shape);
  if (options.shape && !options.shape.every((size) => Number.isInteger(size) && size > 0)) {
    throw new UsageError(`shape of '${name}' is [${options.shape.join(', ')}]. Give sizes that are integers above 0.`);
  }
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

/** The labels as ids and the classes' names. */
export function checkedLabels(
  ids: ArrayLike<number>,
  classes: readonly string[] | number | undefined,
  name: string,
): Pick<DatasetParts, 'labels' | 'classes'> {
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

function checkFinite(features: Uint8Array | Float32Array, rowSize: number, name: string): void {
  if (features instanceof Uint8Array) return;
  const at = features.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return;
  throw new DataError(
    `'${name}', row ${Math.floor(at / rowSize)}, column ${at % rowSize}: the feature is ${features[at] ?? NaN} as float32. ` +
      `Replace or drop what is missing, and scale what is huge.`,
  );
}

function copyFeatures(numbers: Numbers): Uint8Array | Float32Array {
  const values = flat(numbers);
  // A bool NDArray is stored as bytes, but its 1 means 1 and not 1/255.
  const bytes = values instanceof Uint8Array || values instanceof Uint8ClampedArray;
  return bytes && !('shape' in numbers) ? Uint8Array.from(values) : Float32Array.from(values);
}

function flat(numbers: Numbers): ArrayLike<number> {
  return 'shape' in numbers ? numbers.data : numbers;
}
