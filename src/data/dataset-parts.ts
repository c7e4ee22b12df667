/**
 * Contents of a data set, and checks of them.
 */
import { checkList, show } from '../checks.ts';
import { DataError, UsageError } from '../errors.ts';
import { sizeOfShape } from '../graph/shape.ts';
import type { Preprocessing } from './preprocessing.ts';

/** Mean and standard deviation of each feature of a row. */
export interface Statistics<Values extends ArrayLike<number> = Float32Array> {
  readonly mean: Values;
  /** The root of the mean squared distance from the mean; 0 for a constant feature. */
  readonly stdDev: Values;
}

/** The contents of a `Dataset`. */
export interface DatasetParts {
  readonly name: string;
  /** `rows × shape` elements, row-major. Bytes mean value/255. */
  readonly features: Uint8Array | Float32Array;
  /** One class id a row, or as many float targets a row. */
  readonly labels: Int32Array | Float32Array;
  /** The classes' names; none with targets. */
  readonly classes: readonly string[];
  /** The shape of one row, e.g. `[28, 28, 1]`. */
  readonly shape: readonly number[];
  /** The preparation of its images, if it is known. */
  readonly preprocessing?: Preprocessing | undefined;
  /** The statistics that its features were normalized by, if they were. */
  readonly statistics?: Statistics | undefined;
}

/** The number of rows. */
export const sizeOf = ({ features, shape }: DatasetParts): number => features.length / sizeOfShape(shape);

/** The values of a column. @inline */
type Values = Uint8Array | Int32Array | Float32Array;

/** Takes rows out of each column by `take`, which gets its values and their number in a row. */
function taken(parts: DatasetParts, take: (values: Values, width: number) => Values): DatasetParts {
  const of = <T extends Values>(values: T): T => take(values, values.length / sizeOf(parts)) as T;
  return { ...parts, features: of(parts.features), labels: of(parts.labels) };
}

/** The rows from `from` to before `to`, as views. */
export const rowsOf = (parts: DatasetParts, from: number, to: number): DatasetParts =>
  taken(parts, (values, width) => values.subarray(from * width, to * width));

/** Copies of some rows, at most as many as there are, in the order of `rows`. */
export const copiesOf = (parts: DatasetParts, rows: ArrayLike<number>): DatasetParts =>
  taken(parts, (values, width) => {
    const copies = values.slice(0, rows.length * width);
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] ?? 0;
      copies.set(values.subarray(row * width, (row + 1) * width), i * width);
    }
    return copies;
  });

/** A copy of features as float32: bytes mean value/255. */
export const floatsOf = (features: Uint8Array | Float32Array): Float32Array =>
  features instanceof Uint8Array ? Float32Array.from(features, (byte) => byte / 255) : features.slice();

/** @throws UsageError unless `value` is an integer from `min` to `max` */
export function checkInteger(what: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  const remedy = min <= max ? `Give an integer from ${min} to ${max}.` : `There are too few rows for any.`;
  throw new UsageError(`${what} is ${show(value)}. ${remedy}`);
}

/** @throws UsageError unless `shape` is a list of sizes above 0 */
export function checkShape(what: string, shape: unknown): asserts shape is readonly number[] {
  checkList(what, shape, 'a list of sizes');
  if (!(shape as unknown[]).every((size) => Number.isInteger(size) && Number(size) > 0))
    throw new UsageError(`${what} is ${show(shape)}. Give sizes that are integers above 0.`);
}

/** @throws DataError at the first number that is not finite; `kind` is its name in the message */
export function checkFinite(
  features: Uint8Array | Float32Array,
  rowSize: number,
  name: string,
  kind = 'feature',
): void {
  if (features instanceof Uint8Array) return;
  const at = features.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return;
  throw new DataError(
    `'${name}', row ${Math.floor(at / rowSize)}, column ${at % rowSize}: the ${kind} is ${features[at] ?? NaN} as float32. ` +
      `Replace or drop what is missing, and scale what is huge.`,
  );
}
