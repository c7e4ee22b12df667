/**
 * Data sets from tables in CSV: Kaggle's digits, MNIST in CSV, EMNIST's, one's own.
 */
import { checkOptions } from '../checks.ts';
import type { Dataset } from './dataset.ts';
import { held } from './held.ts';
import type { Rows } from './load-options.ts';
import type { LoadCsvOptions } from './read/csv.ts';
import type { FileSource } from './source.ts';

export type { LoadCsvOptions };

/**
 * Loads a data set from a table in CSV, gzipped or not: one row a line, one feature a cell, and a column of labels. It may have a
 * line of names; a first column named `id`, `index` or nothing numbers the rows and is left out. Labels that are integers from 0
 * are class ids, others are class names, sorted. Integers of 0…255 are images' bytes, which stand for value/255, where names
 * (`pixel0`), a `shape` of three axes, or a square number of columns with values above 127 say so; all else is float32.
 *
 * @returns with `label: false`, the rows of a table without labels, as `classifier.predict` takes them
 * @throws DataError naming the file, line, column and byte, and what is wrong there; UsageError for options that cannot be used;
 * the signal's reason once it is aborted
 */
export async function loadCsv(source: FileSource, options: LoadCsvOptions & { readonly label: false }): Promise<Rows>;
export async function loadCsv(source: FileSource, options?: LoadCsvOptions): Promise<Dataset>;
export async function loadCsv(source: FileSource, options: LoadCsvOptions = {}): Promise<Dataset | Rows> {
  checkOptions('loadCsv', options);
  const file = held('csv', source);
  const { readCsv } = await import('./read/csv.ts');
  return readCsv(file, { ...options });
}
