/**
 * A column of a data set as the engine sees it: rows that are stored on the device, where batches are drawn from them.
 * `inkling/data` makes columns; the engine only reads them.
 */

import { UsageError } from '../errors.ts';
import { describe, Printed } from '../print.ts';

/** The columns of one data set, which are uploaded together, once per device. */
export interface ColumnSource {
  readonly name: string;
  readonly columns: readonly Column[];
}

/** The arguments of a column's constructor. */
export interface ColumnParts {
  readonly source: ColumnSource;
  /** The column's name in messages, e.g. `mnist/train images`. */
  readonly name: string;
  /**
   * The meaning of `values`: `uint8` is value/255 in float32, `float32` is the value itself, `labels` are class ids
   * (a float placeholder gets them as one-hot rows of `classes` elements).
   */
  readonly format: 'uint8' | 'float32' | 'labels';
  /** Row-major, `rows × rowSize` elements. */
  readonly values: Uint8Array | Float32Array | Int32Array;
  readonly rows: number;
  /** Elements per row: 784 for MNIST images, 1 for labels. */
  readonly rowSize: number;
  /** The number of classes of the data set. */
  readonly classes: number;
}

/** The rows of one kind (images or labels) of a data set. Immutable. */
export class Column extends Printed implements ColumnParts {
  readonly source: ColumnSource;
  readonly name: string;
  readonly format: ColumnParts['format'];
  readonly values: ColumnParts['values'];
  readonly rows: number;
  readonly rowSize: number;
  readonly classes: number;
  /** Shape in a float placeholder: `[55000, 784]` for MNIST's training images, `[55000, 10]` for their labels, one-hot. */
  readonly shape: readonly [number, number];

  /** @internal Data sets make their columns. */
  constructor({ source, name, format, values, rows, rowSize, classes }: ColumnParts) {
    super('Column');
    this.name = name;
    this.shape = [rows, format === 'labels' ? classes : rowSize];
    this.format = format;
    this.values = values;
    this.rows = rows;
    this.rowSize = rowSize;
    this.classes = classes;
    this.source = source;
  }

  override toString(): string {
    const { name, shape, format } = this;
    return describe('Column', name, { shape, dtype: 'float32', format });
  }

  /** The number of rows. */
  get length(): number {
    return this.rows;
  }

  /**
   * A copy of row `i` in the form that a float placeholder gets: an image's values, bytes as 0…1; a label one-hot.
   *
   * @throws UsageError unless 0 ≤ i < length
   */
  row(i: number): Float32Array {
    const { format, values, rowSize, rows, classes } = this;
    if (!Number.isInteger(i) || i < 0 || i >= rows)
      throw new UsageError(`row(${i}): '${this.name}' has ${rows} rows; give a whole number from 0 to ${rows - 1}.`);
    if (format === 'labels') return new Float32Array(classes).fill(1, values[i], (values[i] ?? 0) + 1);
    const row = new Float32Array(values.subarray(i * rowSize, (i + 1) * rowSize));
    if (format === 'uint8') for (let k = 0; k < rowSize; k++) row[k] = (row[k] ?? 0) / 255;
    return row;
  }
}

/** Offset of a column in its source's device buffer, which holds all columns one after the other, in 32-bit words. */
export function columnOffsetWords(column: Column): number {
  let offset = 0;
  for (const other of column.source.columns) {
    if (other === column) return offset;
    offset += columnWords(other);
  }
  return offset;
}

/** Size of a column on a device in 32-bit words: bytes are packed, labels are int32. */
export function columnWords({ format, rows, rowSize }: Pick<ColumnParts, 'format' | 'rows' | 'rowSize'>): number {
  return format === 'uint8' ? Math.ceil((rows * rowSize) / 4) : rows * rowSize;
}
