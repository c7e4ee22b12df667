/**
 * Loading of data sets in MNIST's file format: Fashion-MNIST, KMNIST, EMNIST, a user's own.
 */
import { checkOptions } from '../checks.ts';
import type { Dataset } from './dataset.ts';
import { copySource } from './copy-source.ts';
import type { LoadIdxOptions } from './read/idx-set.ts';

export type { LoadIdxOptions };

/**
 * Loads a data set from two IDX files (unsigned bytes). Files with EMNIST's names (`emnist-letters-train-…`) have transposed
 * images of handwriting, EMNIST's first label and its classes' names, unless options say otherwise.
 *
 * @throws DataError with the file and its fault; UsageError for invalid options; the signal's reason once it is aborted
 */
export async function loadIdx(options: LoadIdxOptions): Promise<Dataset> {
  checkOptions('loadIdx', options, "{ images: 'images.gz', labels: 'labels.gz' }");
  const files = { images: copySource('images', options.images), labels: copySource('labels', options.labels) };
  const { readIdxSet } = await import('./read/idx-set.ts');
  return readIdxSet({ ...options, ...files });
}
