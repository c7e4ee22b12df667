/**
 * Data sets in NumPy's formats: Keras' MNIST, MedMNIST, Kuzushiji-MNIST, one's own.
 */
import { checkOptions } from '../checks.ts';
import type { Dataset } from './dataset.ts';
import { held } from './held.ts';
import type { LoadedDataset, LoadOptions } from './load-options.ts';
import type { LoadNpyOptions } from './read/npz.ts';
import type { FileSource } from './source.ts';

export type { LoadNpyOptions };

/**
 * Loads the parts of a data set from an .npz archive, whose arrays are named as in Keras' files (`x_train`, `y_train`, `x_test`,
 * …) or MedMNIST's (`train_images`, `train_labels`, `val_images`, …); `x` and `y` alone are for training. Arrays of uint8 are
 * images' bytes and stand for value/255, numbers of all other dtypes for themselves. Labels are class ids, `[n]` or `[n, 1]`.
 *
 * @throws DataError naming the file, the array and what is wrong with it; UsageError for options that cannot be used; the
 * signal's reason once it is aborted
 */
export async function loadNpz(source: FileSource, options: LoadOptions = {}): Promise<LoadedDataset> {
  checkOptions('loadNpz', options);
  const file = held('npz', source);
  const { readNpz } = await import('./read/npz.ts');
  return readNpz(file, { ...options });
}

/**
 * Loads a data set from two .npy files, or .npz archives of one array each; for the rest as {@link loadNpz}.
 *
 * @throws DataError naming the file and what is wrong with it; UsageError for options that cannot be used; the signal's reason
 * once it is aborted
 */
export async function loadNpy(options: LoadNpyOptions): Promise<Dataset> {
  checkOptions('loadNpy', options, "{ images: 'images.npy', labels: 'labels.npy' }");
  const files = { images: held('images', options.images), labels: held('labels', options.labels) };
  const { readNpy } = await import('./read/npz.ts');
  return readNpy({ ...options, ...files });
}
