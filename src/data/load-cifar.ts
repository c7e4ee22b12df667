/**
 * Loading of CIFAR-10 and CIFAR-100 from their binary files.
 */
import { checkOptions } from '../checks.ts';
import { copySource } from './copy-source.ts';
import type { LoadedDataset } from './load-options.ts';
import type { LoadCifarOptions } from './read/cifar.ts';
import type { FileSource } from './source.ts';

export type { LoadCifarOptions };

/**
 * Loads CIFAR-10 or CIFAR-100 from the binary version's archive (`cifar-10-binary.tar.gz`), or from its files
 * (`data_batch_1.bin`, …, `test_batch.bin`; `train.bin`, `test.bin`): images of `[32, 32, 3]`. Files without `test` in their
 * names are for training. The names of CIFAR-10's classes are built in, those of CIFAR-100 are in its archive.
 *
 * @throws DataError with the file and the byte for a damaged file; UsageError for invalid options; the signal's reason once it is
 * aborted
 */
export async function loadCifar(
  sources: FileSource | readonly FileSource[],
  options: LoadCifarOptions = {},
): Promise<LoadedDataset> {
  checkOptions('loadCifar', options);
  const files = [sources].flat().map((source, i) => copySource(`file ${i}`, source));
  const { readCifar } = await import('./read/cifar.ts');
  return readCifar(files, { ...options });
}
