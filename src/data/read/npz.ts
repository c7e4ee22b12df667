/**
 * Reading of data sets from NumPy's .npz archives and pairs of .npy files.
 */
import { DataError } from '../../errors.ts';
import type { Dataset } from '../dataset.ts';
import type { LoadedDataset, LoadOptions } from '../load-options.ts';
import type { FileBytes, FileSource } from '../source.ts';
import { zipEntries, type ZipEntry } from '../zip.ts';
import { datasetsOfArrays, type NamedArray } from './arrays.ts';
import { refuseOthers } from './formats.ts';
import type { RawArray } from './layout.ts';
import { parseNpy } from './npy.ts';
import { checkLoadOptions, readingOf } from './options.ts';
import { datasetOf, splitOf } from './splits.ts';

export interface LoadNpyOptions extends LoadOptions {
  /** The array of images, `[n, height, width]` or with channels, or of other rows, `[n, …]`: .npy, or .npz of a single array. */
  readonly images: FileSource;
  /** The array of labels, `[n]` or `[n, 1]`. */
  readonly labels: FileSource;
}

/** Implements `loadNpz`. */
export async function readNpz(source: FileSource, options: LoadOptions): Promise<LoadedDataset> {
  checkLoadOptions('loadNpz', options);
  const reading = readingOf([source], options);
  const file = await reading.read(source, 'npz');
  refuseOthers(file, 'zip');
  const { name = file.name.replace(/\.npz$/i, '') } = options;
  return datasetsOfArrays(await arraysIn(file, reading.maxBytes, options.signal), { ...options, name });
}

/** Implements `loadNpy`. */
export async function readNpy(options: LoadNpyOptions): Promise<Dataset> {
  checkLoadOptions('loadNpy', options);
  const reading = readingOf([options.images, options.labels], options);
  const [images, labels] = await Promise.all(
    (['images', 'labels'] as const).map(async (role) =>
      arrayOf(await reading.read(options[role], role), reading.maxBytes, options.signal),
    ),
  );
  if (images === undefined || labels === undefined) throw new DataError('There is no array. Give images and labels.');
  return datasetOf(await splitOf(images, labels, options), options);
}

/** The array of an .npy file, or the only one of an .npz archive. */
async function arrayOf(file: FileBytes, maxBytes: number, signal: AbortSignal | undefined): Promise<RawArray> {
  if (file.bytes[0] !== 0x50) refuseOthers(file, 'npy');
  else refuseOthers(file, 'zip');
  if (file.bytes[0] !== 0x50) return parseNpy(file);
  const arrays = await arraysIn(file, maxBytes, signal);
  const [first] = arrays;
  if (first !== undefined && arrays.length === 1) return first.array;
  throw new DataError(
    `${file.name} has ${arrays.length} arrays: ${arrays.map(({ key }) => key).join(', ')}. Load it with loadNpz().`,
  );
}

/**
 * Reads the arrays of an .npz archive.
 *
 * @throws DataError, before any is read, for stated sizes above `maxBytes` in all
 */
export async function arraysIn(
  file: FileBytes,
  maxBytes: number,
  signal: AbortSignal | undefined,
): Promise<readonly NamedArray[]> {
  const entries = zipEntries(file, { maxBytes }).filter(({ path }) => path.endsWith('.npy'));
  if (entries.length === 0) {
    throw new DataError(
      `${file.name} has no arrays: it is a zip archive, but not NumPy's .npz. ` +
        `Load it with loadDataset() if it holds data files, or with loadImages() if it holds images.`,
    );
  }
  checkTotal(file.name, entries, maxBytes);
  const arrays: NamedArray[] = [];
  for (const { path, read } of entries) {
    const bytes = await read(signal);
    const key = path.slice(0, -'.npy'.length);
    const name = `'${key}' of ${file.name}`;
    arrays.push({ key, file: file.name, array: parseNpy({ name, bytes }) });
  }
  return arrays;
}

/** Tests whether an archive is NumPy's: it has arrays only. */
export const isNpz = (entries: readonly Pick<ZipEntry, 'path'>[]): boolean =>
  entries.length > 0 && entries.every(({ path }) => /^[^/]*\.npy$/.test(path));

/** The sum of the files' stated sizes. @throws DataError if it exceeds `maxBytes` */
export function checkTotal(name: string, entries: readonly Pick<ZipEntry, 'size'>[], maxBytes: number): number {
  const total = entries.reduce((sum, { size }) => sum + size, 0);
  if (total <= maxBytes) return total;
  throw new DataError(
    `${name} expands to ${total} bytes, above the limit of ${maxBytes}. Check that it is the right file; ` +
      `give 'maxBytes' to let in a data set that is really this large.`,
  );
}
