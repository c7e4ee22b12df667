/**
 * Data sets in MNIST's file format: Fashion-MNIST, KMNIST, EMNIST, one's own.
 */
import { checkOptions, checkSignal, checkText, refuse } from '../checks.ts';
import { DataError } from '../errors.ts';
import { checkedLabels, type DatasetParts } from './dataset-parts.ts';
import { Dataset } from './dataset.ts';
import { parseIdx, readIdx } from './idx.ts';
import type { FileBytes, FileSource } from './source.ts';

export interface LoadIdxOptions {
  /** The file of images: greyscale `[n, height, width]` or coloured `[n, height, width, channels]`, gzipped or not. */
  readonly images: FileSource;
  /** The file of labels: `[n]`, gzipped or not. */
  readonly labels: FileSource;
  /** The classes' names, or how many there are; default: as many as the labels need, named by their numbers. */
  readonly classes?: readonly string[] | number;
  /** What to call the set in messages; default: the name of the file of images. */
  readonly name?: string;
  /** The most bytes that each file may have when decompressed; default 256 MiB. */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
}

/**
 * Loads a data set from two IDX files (unsigned bytes).
 *
 * @throws DataError naming the file and what is wrong with it; the signal's reason once it is aborted
 */
export async function loadIdx(options: LoadIdxOptions): Promise<Dataset> {
  checkOptions('loadIdx', options, "{ images: 'images.gz', labels: 'labels.gz' }");
  const { maxBytes = 256 * 2 ** 20, signal } = options;
  checkSignal('loadIdx', signal);
  if (options.name !== undefined) checkText('name', options.name);
  if (typeof maxBytes !== 'number' || !(maxBytes > 0)) refuse('maxBytes', maxBytes, 'a number of bytes');
  const [images, labels] = await Promise.all([
    readIdx(options.images, { role: 'images', maxBytes, signal }),
    readIdx(options.labels, { role: 'labels', maxBytes, signal }),
  ]);
  return new Dataset(idxParts(images, labels, options.name ?? images.name, options.classes));
}

/** Two IDX files as the parts of a data set. */
export function idxParts(
  imageFile: FileBytes,
  labelFile: FileBytes,
  name: string,
  classes?: readonly string[] | number,
): DatasetParts {
  const images = parseIdx(imageFile, 'images', [3, 4]);
  const labels = parseIdx(labelFile, 'labels', [1]);
  const [rows = 0, height = 0, width = 0, channels = 1] = images.shape;
  if (rows !== labels.data.length) {
    throw new DataError(
      `${imageFile.name} has ${rows} images, ${labelFile.name} has ${labels.data.length} labels. ` +
        `Check that the two files belong together.`,
    );
  }
  return {
    name,
    features: images.data,
    shape: [height, width, channels],
    ...checkedLabels(labels.data, classes, labelFile.name),
  };
}
