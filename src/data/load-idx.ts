/**
 * Data sets in MNIST's file format: Fashion-MNIST, KMNIST, EMNIST, one's own.
 */
import { checkOptions } from '../checks.ts';
import type { Dataset } from './dataset.ts';
import { held } from './held.ts';
import type { LoadIdxOptions } from './read/idx-set.ts';

export type { LoadIdxOptions };

/**
 * Loads a data set from two IDX files (unsigned bytes). Files that are named as EMNIST's (`emnist-letters-train-…`) tell that
 * their images lie transposed, where labels begin, the classes' names and that they are handwriting; options say otherwise.
 *
 * @throws DataError naming the file and what is wrong with it; UsageError for options that cannot be used; the signal's reason
 * once it is aborted
 */
export async function loadIdx(options: LoadIdxOptions): Promise<Dataset> {
  checkOptions('loadIdx', options, "{ images: 'images.gz', labels: 'labels.gz' }");
  const files = { images: held('images', options.images), labels: held('labels', options.labels) };
  const { readIdxSet } = await import('./read/idx-set.ts');
  return readIdxSet({ ...options, ...files });
}
