/**
 * Data sets from tables in CSV: Kaggle's digits, MNIST in CSV, EMNIST's, one's own.
 */
import { checkOptions } from '../checks.ts';
import type { Dataset } from './dataset.ts';
import { copySource } from './copy-source.ts';
import type { Rows } from './load-options.ts';
import type { LoadCsvOptions } from './read/csv.ts';
import type { FileSource } from './source.ts';

export type { LoadCsvOptions };

/**
 * Loads a data set from a table in CSV, gzipped or not: one row a line, one feature a cell, and a column of labels. It may have a
 * line of names. A first column named `id`, `index` or nothing numbers the rows and is left out. Labels that are integers from 0
 * are class ids, others are class names, sorted.
 *
 * Integers of 0…255 are pixels, read as value/255, if the columns are named so (`pixel0`), if `shape` has three axes, or if their
 * number is a square and some are above 127. Other features are float32.
 *
 * @returns with `label: false`, the rows of a table without labels, for `classifier.predict`
 * @throws DataError with the file, line, column and byte for an invalid cell; UsageError for invalid options; the signal's reason
 * once it is aborted
 */
export async function loadCsv(source: FileSource, options: LoadCsvOptions & { readonly label: false }): Promise<Rows>;
export async function loadCsv(source: FileSource, options?: LoadCsvOptions): Promise<Dataset>;
export async function loadCsv(source: FileSource, options: LoadCsvOptions = {}): Promise<Dataset | Rows> {
  checkOptions('loadCsv', options);
  const file = copySource('csv', source);
  const { readCsv } = await import('./read/csv.ts');
  return readCsv(file, { ...options });
}
