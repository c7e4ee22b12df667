/**
 * CIFAR-10 and CIFAR-100 in their binary files.
 */
import { checkOptions } from '../checks.ts';
import { held } from './held.ts';
import type { LoadedDataset } from './load-options.ts';
import type { LoadCifarOptions } from './read/cifar.ts';
import type { FileSource } from './source.ts';

export type { LoadCifarOptions };

/**
 * Loads CIFAR-10 or CIFAR-100 from the binary version's archive (`cifar-10-binary.tar.gz`), or from its files
 * (`data_batch_1.bin`, …, `test_batch.bin`; `train.bin`, `test.bin`): 32 × 32 images of 3 channels, which come last. Files whose
 * names do not say `test` are for training. The names of CIFAR-10's classes are known, those of CIFAR-100 are in its archive.
 *
 * @throws DataError naming the file and the byte where it is damaged; UsageError for options that cannot be used; the signal's
 * reason once it is aborted
 */
export async function loadCifar(
  sources: FileSource | readonly FileSource[],
  options: LoadCifarOptions = {},
): Promise<LoadedDataset> {
  checkOptions('loadCifar', options);
  const files = [sources].flat().map((source, i) => held(`file ${i}`, source));
  const { readCifar } = await import('./read/cifar.ts');
  return readCifar(files, { ...options });
}
