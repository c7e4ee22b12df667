/**
 * Loading of data sets in NumPy's formats: Keras' MNIST, MedMNIST, Kuzushiji-MNIST, a user's own.
 */
import { checkOptions } from '../checks.ts';
import type { Dataset } from './dataset.ts';
import { copySource } from './copy-source.ts';
import type { LoadedDataset, LoadOptions } from './load-options.ts';
import type { LoadNpyOptions } from './read/npz.ts';
import type { FileSource } from './source.ts';

export type { LoadNpyOptions };

/**
 * Loads a data set from an .npz archive with arrays named as in Keras' files (`x_train`, `y_train`, `x_test`, …) or MedMNIST's
 * (`train_images`, `train_labels`, `val_images`, …); `x` and `y` alone are for training. Arrays of uint8 are pixels, read as
 * value/255; numbers of other dtypes are read unchanged. Labels are class ids, `[n]` or `[n, 1]`.
 *
 * @throws DataError with the file, the array and its fault; UsageError for invalid options; the signal's reason once it is aborted
 */
export async function loadNpz(source: FileSource, options: LoadOptions = {}): Promise<LoadedDataset> {
  checkOptions('loadNpz', options);
  const file = copySource('npz', source);
  const { readNpz } = await import('./read/npz.ts');
  return readNpz(file, { ...options });
}

/**
 * Loads a data set from two .npy files, or .npz archives of one array each, with the rules of {@link loadNpz}.
 *
 * @throws DataError with the file and its fault; UsageError for invalid options; the signal's reason once it is aborted
 */
export async function loadNpy(options: LoadNpyOptions): Promise<Dataset> {
  checkOptions('loadNpy', options, "{ images: 'images.npy', labels: 'labels.npy' }");
  const files = { images: copySource('images', options.images), labels: copySource('labels', options.labels) };
  const { readNpy } = await import('./read/npz.ts');
  return readNpy({ ...options, ...files });
}
