/**
 * The data set: labelled rows on the host, as columns that the engine uploads to the device, and as batches to feed.
 */
import { checkCount, checkOptions, refuse } from '../checks.ts';
import { DataError } from '../errors.ts';
import type { Column } from '../graph/column.ts';
import type { NDArray } from '../graph/ndarray.ts';
import { epochKey, permute } from '../graph/permutation.ts';
import { ndarray } from '../graph/print-array.ts';
import { concatenated } from './concat.ts';
import { DatasetCore, partsOf } from './dataset-core.ts';
import { checkedParts, type DatasetOptions } from './dataset-from.ts';
import { checkInteger, copiesOf, rowsOf, type Statistics } from './dataset-parts.ts';
import { mapped, type MapOptions } from './map.ts';
import { normalized } from './normalize.ts';
import type { Numbers } from './numbers.ts';
import type { IterableOptions, IterableRow } from './read/iterable.ts';
import { stratified, type SplitOptions } from './split.ts';

/** A batch to feed: float32, row-major. */
export interface Batch {
  /** `[n, elements a row]`, bytes as 0…1. Feeds any placeholder with as many elements a row. */
  readonly images: NDArray;
  /** `[n, classes]`, one-hot, or `[n, targets a row]`. */
  readonly labels: NDArray;
}

/** A row for the test of {@link Dataset.filter}. Its values are copied when they are read. */
export interface Example {
  /** The values as a placeholder gets them, bytes as 0…1. */
  readonly features: Float32Array;
  /** The class id; a UsageError for rows with targets. */
  readonly label: number;
  /** The targets; for rows with classes, the one-hot row. */
  readonly target: Float32Array;
}

/** A data set with the statistics by which it was normalized. */
export type NormalizedDataset = Dataset & { readonly statistics: Statistics };

/** The seed of {@link Dataset.nextBatch}. */
const BATCH_SEED = 0;

/** Images, or other rows of numbers, each with a class or with float targets. Rows never change; only {@link Dataset.nextBatch} has a position. */
export class Dataset extends DatasetCore {
  /** The number of rows that `nextBatch` has returned. */
  #drawn = 0;

  /**
   * Makes a data set of your own numbers, which are checked and copied. Rows have classes (`labels`) or float `targets`.
   *
   * @throws DataError, with the row, for numbers that do not fit: counts, a label out of range, a value that is not finite;
   * UsageError for invalid options
   */
  static from(options: DatasetOptions): Dataset {
    return new Dataset(checkedParts(options));
  }

  /**
   * Makes a data set of rows that come one by one, e.g. from a generator or a stream. They are checked and copied, with pauses for
   * other work.
   *
   * @throws DataError, with the row, as {@link Dataset.from}, and for rows of different lengths or kinds; UsageError for an invalid
   * option; the signal's reason once it is aborted, or the source's own error
   */
  static async fromIterable(
    rows: Iterable<IterableRow> | AsyncIterable<IterableRow>,
    options: IterableOptions = {},
  ): Promise<Dataset> {
    checkOptions('fromIterable', options);
    const { partsOfRows } = await import('./read/iterable.ts');
    return new Dataset(await partsOfRows(rows, options));
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
    return this.#batch(rows);
  }

  #batch(rows: readonly number[]): Batch {
    return { images: rowsOfColumn(this.images, rows), labels: rowsOfColumn(this.labels, rows) };
  }

  /**
   * Copies the data set with its rows in an order that depends on `seed`.
   *
   * @param seed - An integer from 0 to 2³² − 1.
   */
  shuffle(seed: number): Dataset {
    checkInteger('shuffle(seed)', seed, 0, 2 ** 32 - 1);
    const key = epochKey(seed, 0);
    const rows = Array.from({ length: this.size }, (_, i) => permute(i, this.size, key));
    return new Dataset(copiesOf(partsOf(this), rows));
  }

  /**
   * Splits the data set into the first rows and the others, as views, in their order: `train.split(50000)`, `train.split(0.8)`.
   *
   * @param n - The number of rows of the first part, or its share, above 0 and below 1. A share is rounded to whole rows, so that
   * no part is empty; 1 is one row.
   * @throws UsageError unless 1 ≤ n < size or 0 < n < 1, and for `stratify` without classes
   */
  override split(n: number, options: SplitOptions = {}): [Dataset, Dataset] {
    const { size } = this;
    checkOptions('split', options);
    const { stratify = false, seed } = options;
    if (typeof stratify !== 'boolean') refuse('split: `stratify`', stratify, 'true or false');
    const count = typeof n === 'number' && n > 0 && n < 1 ? Math.max(1, Math.min(Math.round(n * size), size - 1)) : n;
    checkInteger('split(n)', count, 1, size - 1);
    const parts = partsOf(seed === undefined ? this : this.shuffle(seed));
    const both = stratify
      ? stratified(parts, count).map((rows) => copiesOf(parts, rows))
      : [rowsOf(parts, 0, count), rowsOf(parts, count, size)];
    return both.map((part) => new Dataset(part)) as [Dataset, Dataset];
  }

  /**
   * Returns the first `n` rows, as a view.
   *
   * @throws UsageError unless 1 ≤ n ≤ size
   */
  take(n: number): Dataset {
    checkInteger('take(n)', n, 1, this.size);
    return new Dataset(rowsOf(partsOf(this), 0, n));
  }

  /**
   * Copies the rows that pass a test: `train.filter(({ label }) => label < 2)`. The classes stay, also those without rows.
   *
   * @throws UsageError for a test that returns something other than true or false; DataError if no row passes
   */
  filter(test: (row: Example, i: number) => boolean): Dataset {
    if (typeof test !== 'function') refuse('filter(test)', test, 'a function');
    const rows: number[] = [];
    for (let i = 0; i < this.size; i++) {
      const passes: unknown = test(exampleOf(this, i), i);
      if (typeof passes !== 'boolean') refuse(`filter(test): the result for row ${i}`, passes, 'true or false');
      if (passes) rows.push(i);
    }
    if (rows.length === 0)
      throw new DataError(`filter(test): no row of '${this.name}' passes. Make the test true for one at least.`);
    return new Dataset(copiesOf(partsOf(this), rows));
  }

  /**
   * Changes the features of each row; labels stay: `train.map((row) => row.map((value) => 1 - value))`. The function gets copies,
   * bytes as 0…1, and returns numbers as {@link Dataset.from} takes them: bytes are pixels. The preparation of pictures is not
   * known any more.
   *
   * @throws DataError, with the row, for a result of another length or with a value that is not finite; UsageError for an invalid
   * option
   */
  map(change: (features: Float32Array, i: number) => Numbers, options: MapOptions = {}): Dataset {
    if (typeof change !== 'function') refuse('map(change)', change, 'a function');
    return new Dataset(mapped(partsOf(this), (i) => change(this.images.row(i), i), options));
  }

  /**
   * Joins the rows of this set and of another one. The other's classes are matched by name, in any order; bytes stay bytes if both
   * sets have them.
   *
   * @throws UsageError for rows of another shape, a class that this set does not have, or targets beside classes
   */
  concat(other: Dataset): Dataset {
    if (!(other instanceof Dataset)) refuse('concat(other)', other, 'a Dataset');
    return new Dataset(concatenated(partsOf(this), partsOf(other)));
  }

  /**
   * Scales each feature to mean 0 and variance 1; a constant feature is only centred. The test set is scaled as the training set
   * was: `const scaled = train.normalize(); test.normalize(scaled.statistics)`.
   *
   * @param statistics - Mean and standard deviation of each feature; default: those of this set.
   * @throws UsageError for statistics that do not fit; DataError, with the row, for a value that is beyond float32 then
   */
  normalize(...statistics: readonly [] | readonly [given: Statistics<ArrayLike<number>>]): NormalizedDataset {
    return new Dataset(normalized(partsOf(this), statistics)) as NormalizedDataset;
  }

  /**
   * Returns all rows once, in order, `n` at a time; the last batch may have fewer.
   *
   * @throws UsageError unless `n` is a whole number from 1 on
   */
  batches(n: number): IterableIterator<Batch> {
    checkCount('batches(n)', n);
    return this.#batches(n);
  }

  *#batches(n: number): Generator<Batch, undefined> {
    for (let from = 0; from < this.size; from += n)
      yield this.#batch(Array.from({ length: Math.min(n, this.size - from) }, (_, i) => from + i));
  }
}

const exampleOf = (set: Dataset, i: number): Example => ({
  get features() {
    return set.images.row(i);
  },
  get label() {
    return set.label(i);
  },
  get target() {
    return set.labels.row(i);
  },
});

function rowsOfColumn(column: Column, rows: readonly number[]): NDArray {
  const [, width] = column.shape;
  const data = new Float32Array(rows.length * width);
  rows.forEach((row, i) => {
    data.set(column.row(row), i * width);
  });
  return ndarray({ data, shape: [rows.length, width], dtype: 'float32' });
}
