/**
 * A column of a data set, as the engine sees it: rows that live on the device and from which batches are drawn there.
 * `inkling/data` makes them; the engine only reads them.
 */

import { UsageError } from '../errors.ts';
import { describe, Printed } from '../print.ts';

/** What the columns of one data set share: they are uploaded together, once a device. */
export interface ColumnSource {
  readonly name: string;
  readonly columns: readonly Column[];
}

/** What a column is made of. */
export interface ColumnParts {
  readonly source: ColumnSource;
  /** What the column is called in messages, e.g. `mnist/train images`. */
  readonly name: string;
  /**
   * How `values` are read: `uint8` as value/255 in float32, `float32` as they are, `labels` as class ids
   * (fed to a float placeholder they become one-hot rows of `classes` elements).
   */
  readonly format: 'uint8' | 'float32' | 'labels';
  /** Row-major, `rows × rowSize` elements. */
  readonly values: Uint8Array | Float32Array | Int32Array;
  readonly rows: number;
  /** Elements a row: 784 for MNIST images, 1 for labels. */
  readonly rowSize: number;
  /** The number of classes of the data set. */
  readonly classes: number;
}

/** The rows of one kind (images or labels) of a data set. Immutable once made. */
export class Column extends Printed implements ColumnParts {
  readonly source: ColumnSource;
  readonly name: string;
  readonly format: ColumnParts['format'];
  readonly values: ColumnParts['values'];
  readonly rows: number;
  readonly rowSize: number;
  readonly classes: number;
  /** As float placeholders are fed it: `[55000, 784]` for MNIST's training images, `[55000, 10]` for their labels, one-hot. */
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
   * A copy of row `i` as a float placeholder is fed it: an image's values, bytes as 0…1; a label one-hot.
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

/** Where a column begins in its source as devices keep it: all columns one after the other, in 32-bit words. */
export function columnOffsetWords(column: Column): number {
  let offset = 0;
  for (const other of column.source.columns) {
    if (other === column) return offset;
    offset += columnWords(other);
  }
  return offset;
}

/** How many 32-bit words a column takes on a device: bytes are packed, labels are int32. */
export function columnWords({ format, rows, rowSize }: Pick<ColumnParts, 'format' | 'rows' | 'rowSize'>): number {
  return format === 'uint8' ? Math.ceil((rows * rowSize) / 4) : rows * rowSize;
}
