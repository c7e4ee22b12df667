/**
 * Loading of data sets of any known format, detected by content.
 */
import { checkOptions, kindOf, refuse } from '../checks.ts';
import { copySource } from './copy-source.ts';
import type { LoadedDataset } from './load-options.ts';
import type { LoadDatasetOptions } from './read/dataset.ts';
import type { FileSource } from './source.ts';

export type { LoadDatasetOptions };

/**
 * Loads a data set from a file or several: IDX, NumPy's .npz and .npy, tables in CSV, CIFAR's binary files; gzipped or not, alone
 * or in a zip or tar archive. Formats are detected by content. Names tell the files that belong together, and those for training,
 * testing or validation (`train-images-…`, `x_test.npy`, `val.csv`); a name that tells nothing is for training. The loaders of
 * single formats have more options.
 *
 * @throws DataError with the file and its fault; UsageError for invalid options; the signal's reason once it is aborted
 */
export async function loadDataset(
  sources: FileSource | Iterable<FileSource>,
  options: LoadDatasetOptions = {},
): Promise<LoadedDataset> {
  checkOptions('loadDataset', options);
  const files = isOne(sources) ? [sources] : listOf(sources);
  const copies = files.map((source, i) => copySource(`file ${i}`, source));
  const { readDataset } = await import('./read/dataset.ts');
  return readDataset(copies, { ...options });
}

/** Tests whether it is one file: bytes and texts can be iterated too. */
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
