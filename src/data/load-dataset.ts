/**
 * Data sets of whatever format: it is told by the files' content.
 */
import { checkOptions, kindOf, refuse } from '../checks.ts';
import { held } from './held.ts';
import type { LoadedDataset } from './load-options.ts';
import type { LoadDatasetOptions } from './read/dataset.ts';
import type { FileSource } from './source.ts';

export type { LoadDatasetOptions };

/**
 * Loads a data set from a file or several: IDX, NumPy's .npz and .npy, tables in CSV, CIFAR's binary files; gzipped or not, alone
 * or in a zip or tar archive. The formats are told by content; which files belong together, and which are for training, testing
 * or validation, by their names (`train-images-…`, `x_test.npy`, `val.csv`). What says nothing is for training. Each format has a
 * loader of its own too, which says more of it.
 *
 * @throws DataError naming the file and what is wrong with it; UsageError for options that cannot be used; the signal's reason
 * once it is aborted
 */
export async function loadDataset(
  sources: FileSource | Iterable<FileSource>,
  options: LoadDatasetOptions = {},
): Promise<LoadedDataset> {
  checkOptions('loadDataset', options);
  const files = isOne(sources) ? [sources] : listOf(sources);
  const copies = files.map((source, i) => held(`file ${i}`, source));
  const { readDataset } = await import('./read/dataset.ts');
  return readDataset(copies, { ...options });
}

/** Bytes can be iterated, and so can texts, but they are one file. */
const isOne = (given: unknown): given is FileSource =>
  typeof given === 'string' ||
  given instanceof URL ||
  given instanceof Blob ||
  ArrayBuffer.isView(given) ||
  kindOf(given).endsWith('ArrayBuffer');

function listOf(given: Iterable<FileSource> | null): readonly FileSource[] {
  const isIterable = typeof given === 'object' && given !== null && Symbol.iterator in given;
  return isIterable ? Array.from(given) : refuse('loadDataset: the files', given, 'a file, or a list of them');
}
