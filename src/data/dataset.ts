/**
 * The data set: labelled rows on the host, as columns that the engine uploads to the device, and as batches to feed.
 */
import { show } from '../checks.ts';
import { UsageError } from '../errors.ts';
import { Column, type ColumnSource } from '../graph/column.ts';
import type { NDArray } from '../graph/ndarray.ts';
import { epochKey, permute } from '../graph/permutation.ts';
import { ndarray } from '../graph/print-array.ts';
import { sizeOfShape } from '../graph/shape.ts';
import { describe, Printed } from '../print.ts';
import { checkedParts, checkInteger, type DatasetOptions, type DatasetParts, rowsOf } from './dataset-parts.ts';
import { toImageData } from './image-data.ts';
import type { Preprocessing } from './preprocessing.ts';

/** A batch to feed: float32, row-major. */
export interface Batch {
  /** `[n, elements a row]`, bytes as 0…1. Feeds any placeholder with as many elements a row. */
  readonly images: NDArray;
  /** `[n, classes]`, one-hot. */
  readonly labels: NDArray;
}

/** The seed of {@link Dataset.nextBatch}. */
const BATCH_SEED = 0;

/** Labelled images, or other rows of numbers. Rows never change; only {@link Dataset.nextBatch} has a position. */
export class Dataset extends Printed {
  readonly name: string;
  /** The number of rows. */
  readonly size: number;
  /** The shape of one row: `[height, width, channels]` for images. */
  readonly imageShape: readonly number[];
  /** The classes' names; a label is an index into them. */
  readonly classes: readonly string[];
  /** The rows, for `session.train` and `evaluate`. */
  readonly images: Column;
  /** The class ids, for `session.train` and `evaluate`, of the same source as `images`. */
  readonly labels: Column;
  /** The preparation of its images, which pictures to classify get too; `undefined` for an unknown one. */
  readonly preprocessing: Preprocessing | undefined;
  readonly #parts: DatasetParts;
  /** The number of rows that `nextBatch` has returned. */
  #drawn = 0;

  /** @internal Neither checks nor copies, unlike {@link Dataset.from}. */
  constructor(parts: DatasetParts) {
    const { name, features, labels, classes, shape } = parts;
    super('Dataset');
    this.#parts = parts;
    this.name = name;
    this.size = labels.length;
    this.imageShape = shape;
    this.classes = classes;
    this.preprocessing = parts.preprocessing;
    const columns: Column[] = [];
    const source: ColumnSource = { name, columns };
    const common = { source, rows: labels.length, classes: classes.length };
    const format = features instanceof Uint8Array ? 'uint8' : 'float32';
    this.images = new Column({
      ...common,
      name: `${name} images`,
      format,
      values: features,
      rowSize: sizeOfShape(shape),
    });
    this.labels = new Column({ ...common, name: `${name} labels`, format: 'labels', values: labels, rowSize: 1 });
    columns.push(this.images, this.labels);
  }

  override toString(): string {
    const { name, size, imageShape, classes } = this;
    return describe('Dataset', name, { size, imageShape, classes: classes.length });
  }

  /**
   * Makes a data set of your own numbers, which are checked and copied.
   *
   * @throws DataError, with the row, for numbers that do not fit: counts, a label out of range, a value that is not finite;
   * UsageError for invalid options
   */
  static from(options: DatasetOptions): Dataset {
    return new Dataset(checkedParts(options));
  }

  /**
   * Returns the next `n` rows, shuffled anew each epoch by a fixed seed, the same for every data set. A batch is always full: it
   * may straddle two epochs. Every row comes once an epoch.
   *
   * @throws UsageError unless 1 ≤ n ≤ size
   */
  nextBatch(n: number): Batch {
    checkInteger('nextBatch(n)', n, 1, this.size);
    const rows = Array.from({ length: n }, () => {
      const epoch = Math.floor(this.#drawn / this.size);
      return permute(this.#drawn++ % this.size, this.size, epochKey(BATCH_SEED, epoch));
    });
    return { images: rowsOfColumn(this.images, rows), labels: rowsOfColumn(this.labels, rows) };
  }

  /**
   * Copies the data set with its rows in an order that depends on `seed`.
   *
   * @param seed - An integer from 0 to 2³² − 1.
   */
  shuffle(seed: number): Dataset {
    checkInteger('shuffle(seed)', seed, 0, 2 ** 32 - 1);
    const { features, labels } = this.#parts;
    const { rowSize } = this.images;
    const key = epochKey(seed, 0);
    const rows = Int32Array.from(labels, (_, i) => permute(i, this.size, key));
    const shuffled = features.slice();
    rows.forEach((row, i) => {
      shuffled.set(features.subarray(row * rowSize, (row + 1) * rowSize), i * rowSize);
    });
    return new Dataset({ ...this.#parts, features: shuffled, labels: rows.map((row) => this.label(row)) });
  }

  /**
   * Splits the data set into the first `n` rows and the others, as views: `train.shuffle(1).split(50000)`.
   *
   * @throws UsageError unless 1 ≤ n < size
   */
  split(n: number): [Dataset, Dataset] {
    checkInteger('split(n)', n, 1, this.size - 1);
    return [new Dataset(rowsOf(this.#parts, 0, n)), new Dataset(rowsOf(this.#parts, n, this.size))];
  }

  /**
   * Returns the first `n` rows, as a view.
   *
   * @throws UsageError unless 1 ≤ n ≤ size
   */
  take(n: number): Dataset {
    checkInteger('take(n)', n, 1, this.size);
    return new Dataset(rowsOf(this.#parts, 0, n));
  }

  /**
   * Returns row `i` as an image for a canvas (in Node, a plain object of the same form). One and three channels are grey and RGB,
   * a second or fourth one is alpha; floats are read as 0…1.
   *
   * @throws UsageError unless 0 ≤ i < size and the rows are images
   */
  image(i: number): ImageData {
    checkInteger('image(i)', i, 0, this.size - 1);
    const { rowSize, values } = this.images;
    const [height, width, channels] = this.imageShape;
    if (this.imageShape.length !== 3 || !height || !width || !channels || channels > 4) {
      throw new UsageError(
        `image(i): the rows of '${this.name}' are not images but of shape [${this.imageShape.join(', ')}]. ` +
          `Give Dataset.from a shape [height, width, channels] of 1 to 4 channels.`,
      );
    }
    return toImageData(values.subarray(i * rowSize, (i + 1) * rowSize), [height, width, channels]);
  }

  /**
   * The class id of row `i`, an index into `classes`.
   *
   * @throws UsageError unless 0 ≤ i < size
   */
  label(i: number): number {
    const label = Number.isInteger(i) ? this.#parts.labels[i] : undefined;
    if (label === undefined)
      throw new UsageError(`label(i): i is ${show(i)}. Give an integer from 0 to ${this.size - 1}.`);
    return label;
  }
}

function rowsOfColumn(column: Column, rows: readonly number[]): NDArray {
  const [, width] = column.shape;
  const data = new Float32Array(rows.length * width);
  rows.forEach((row, i) => {
    data.set(column.row(row), i * width);
  });
  return ndarray({ data, shape: [rows.length, width], dtype: 'float32' });
}
