/**
 * Reading of a data set from two IDX files.
 */
import type { Dataset } from '../dataset.ts';
import { parseIdx } from '../idx.ts';
import type { LoadOptions } from '../load-options.ts';
import type { FileBytes, FileSource } from '../source.ts';
import { refuseOthers } from './formats.ts';
import type { RawArray } from './layout.ts';
import { checkLoadOptions, readingOf } from './options.ts';
import { datasetOf, splitOf } from './splits.ts';

export interface LoadIdxOptions extends LoadOptions {
  /**
   * The file of images, gzipped or not: greyscale `[n, height, width]`, coloured `[n, height, width, channels]` or with the
   * channels first.
   */
  readonly images: FileSource;
  /** The file of labels: `[n]`, gzipped or not. */
  readonly labels: FileSource;
}

/** Implements `loadIdx`. */
export async function readIdxSet(options: LoadIdxOptions): Promise<Dataset> {
  checkLoadOptions('loadIdx', options);
  const reading = readingOf([options.images, options.labels], options);
  const [images, labels] = await Promise.all([
    reading.read(options.images, 'images'),
    reading.read(options.labels, 'labels'),
  ]);
  const split = await splitOf(arrayOf(images, 'images', [3, 4]), arrayOf(labels, 'labels', [1]), options);
  return datasetOf(split, options);
}

/** A file's array. @throws DataError for a file that is not of IDX, or of another rank */
export function arrayOf(file: FileBytes, expected: string, ranks: readonly number[]): RawArray {
  refuseOthers(file, 'idx');
  return { name: file.name, unit: 'byte', ...parseIdx(file, expected, ranks) };
}
