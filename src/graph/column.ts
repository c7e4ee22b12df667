/**
 * A column of a data set, as the engine sees it: rows that live on the device and from which batches are drawn there.
 * `inkling/data` makes them; the engine only reads them.
 */

/** What the columns of one data set share: they are uploaded together, once a device. */
export interface ColumnSource {
  readonly name: string;
  readonly columns: readonly Column[];
}

/** The rows of one kind (images or labels) of a data set. Immutable once made. */
export interface Column {
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
export function columnWords({ format, rows, rowSize }: Pick<Column, 'format' | 'rows' | 'rowSize'>): number {
  return format === 'uint8' ? Math.ceil((rows * rowSize) / 4) : rows * rowSize;
}
