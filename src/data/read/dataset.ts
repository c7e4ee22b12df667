/**
 * Reading of data files of any known format: detects it by content, opens archives, and calls the format's reader.
 */
import { refuse } from '../../checks.ts';
import { DataError, UsageError } from '../../errors.ts';
import { kindOfFile } from '../../formats/file-kind.ts';
import { isNamedAsPicture, systemReason } from '../images/foreign.ts';
import type { LoadedDataset, LoadOptions, Rows } from '../load-options.ts';
import { type FileBytes, type FileSource, readFile } from '../source.ts';
import type { NamedArray } from './arrays.ts';
import { type Format, formatOfFile } from './formats.ts';
import { checkLoadOptions, type Reading, readingOf } from './options.ts';
import type { Split, SplitName } from './splits.ts';

export interface LoadDatasetOptions extends LoadOptions {
  /** The column of labels of a table, by name or index; for CIFAR-100, `'fine'` (the default) or `'coarse'`. */
  readonly label?: string | number | undefined;
  /** True for a table whose first line has the columns' names; default: by its cells. */
  readonly header?: boolean | undefined;
}

/** A file whose format is known. */
interface Known {
  readonly file: FileBytes;
  readonly format: Exclude<Format, 'tar'>;
}

/** Tests whether a file in an archive may be data: not a file of the system's, nor Kaggle's sample of a submission. */
const isCandidate = (path: string): boolean =>
  systemReason(path) === undefined && !/(^|\/)sample_?submission\.csv$/i.test(path);

/** Implements `loadDataset`. */
export async function readDataset(sources: readonly FileSource[], options: LoadDatasetOptions): Promise<LoadedDataset> {
  checkLoadOptions('loadDataset', options);
  const { label, header } = options;
  if (label !== undefined && !(typeof label === 'string' && label !== '') && !Number.isInteger(label))
    refuse('label', label, "the column's name, or its index from 0");
  if (header !== undefined && typeof header !== 'boolean') refuse('header', header, 'true or false');
  if (sources.length === 0) throw new UsageError('loadDataset() was given no files. Give at least one.');
  const reading = readingOf(sources, options);
  const read = await Promise.all(sources.map((source, i) => reading.read(source, `file ${i}`)));
  const files: FileBytes[] = [];
  const budget = { bytes: reading.maxBytes };
  for (const file of read) files.push(...(await openArchives(file, reading, budget)));
  const known = files.flatMap((file) => {
    const format = formatOfFile(file);
    if (format !== undefined && format !== 'tar') return [{ file, format }];
    if (read.includes(file)) throw unknown(file);
    return [];
  });
  if (known.length === 0) throw unknown(read[0]);
  const name = options.name ?? commonName(read);
  return readKnown(known, files, { ...options, name }, reading);
}

/** The bytes that all archives together may still expand to: archives in archives would multiply. */
interface Budget {
  bytes: number;
}

/** The files in an archive, and in archives in it; another file alone. */
async function openArchives(
  file: FileBytes,
  reading: Reading,
  budget: Budget,
  depth = 0,
): Promise<readonly FileBytes[]> {
  const format = depth < 3 ? formatOfFile(file) : undefined;
  if (format !== 'zip' && format !== 'tar') return [file];
  const entries = format === 'zip' ? await zipFiles(file, reading, budget) : await tarFiles(file);
  if (entries === undefined) return [file];
  const files: FileBytes[] = [];
  for (const { name, bytes } of entries) {
    const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
    const limits = { role: name, maxBytes: budget.bytes, signal: reading.signal };
    const content = isGzip ? await readFile(bytes, limits) : { name, bytes };
    if (isGzip) budget.bytes -= content.bytes.length;
    files.push(...(await openArchives(content, reading, budget, depth + 1)));
  }
  return files;
}

/** The files of a zip archive; `undefined` for NumPy's. */
async function zipFiles(
  file: FileBytes,
  { maxBytes, signal }: Reading,
  budget: Budget,
): Promise<readonly FileBytes[] | undefined> {
  const { zipEntries } = await import('../zip.ts');
  const { checkTotal, isNpz } = await import('./npz.ts');
  const entries = zipEntries(file, { maxBytes }).filter(({ path }) => isCandidate(path));
  if (isNpz(entries)) return undefined;
  refusePictures(file, entries.map(({ path }) => path)); // prettier-ignore
  budget.bytes -= checkTotal(file.name, entries, budget.bytes);
  const files: FileBytes[] = [];
  for (const { path, read } of entries) files.push({ name: path, bytes: await read(signal) });
  return files;
}

async function tarFiles(file: FileBytes): Promise<readonly FileBytes[]> {
  const { tarEntries } = await import('./tar.ts');
  const files = tarEntries(file).filter(({ name }) => isCandidate(name));
  refusePictures(file, files.map(({ name }) => name)); // prettier-ignore
  return files;
}

function refusePictures({ name }: FileBytes, paths: readonly string[]): void {
  const picture = paths.find(isNamedAsPicture);
  if (picture !== undefined)
    throw new DataError(`${name} holds images, e.g. ${picture.slice(-200)}. Load them with loadImages().`);
}

function unknown(file: FileBytes | undefined): DataError {
  const kind = file && kindOfFile(file.bytes);
  const isPicture = kind?.endsWith(' image');
  return new DataError(
    `${file?.name ?? 'The file'} ${kind === undefined ? 'is' : `seems to be ${kind},`} not a known format of data sets. ` +
      (isPicture
        ? `Load images with loadImages().`
        : `Give IDX, .npz, .npy, CSV or CIFAR's binary files, alone, gzipped, or in a zip or tar archive.`),
  );
}

/** The common beginning of all files' names, without the letters that distinguish them. */
function commonName(files: readonly FileBytes[]): string {
  const [first = '', ...others] = files.map(({ name }) => name.replace(/(\.(gz|csv|npz|npy|zip|tar|tgz|bin))+$/i, ''));
  let length = first.length;
  for (const other of others) while (!other.startsWith(first.slice(0, length))) length--;
  const name = others.length === 0 ? first : first.slice(0, length).replace(/[^a-z0-9]*(t|tr|te|x|y)?$/i, '');
  return name === '' ? 'dataset' : name;
}

async function readKnown(
  known: readonly Known[],
  all: readonly FileBytes[],
  options: LoadDatasetOptions,
  reading: Reading,
): Promise<LoadedDataset> {
  const files = known.map(({ file }) => file);
  const kinds = new Set(known.map(({ format }) => (format === 'csv' || format === 'cifar' ? format : 'arrays')));
  if (kinds.size > 1) {
    const list = known.map(({ file, format }) => `${file.name} (${format})`).join(', ');
    throw new DataError(`The files are of different formats: ${list}. Load them one by one, each data set by itself.`);
  }
  if (kinds.has('csv')) return tables(files, options);
  if (kinds.has('cifar')) {
    const { datasetsOfCifar } = await import('./cifar.ts');
    const { label = 'fine', ...others } = options;
    if (label !== 'fine' && label !== 'coarse') refuse('label of CIFAR', label, "'fine' or 'coarse'");
    const isArchive = all.length > files.length;
    return datasetsOfCifar(all, { ...others, label }, isArchive ? 'the archive' : undefined);
  }
  const { datasetsOfArrays } = await import('./arrays.ts');
  const arrays: NamedArray[] = [];
  for (const one of known) arrays.push(...(await arraysOf(one, reading)));
  return datasetsOfArrays(arrays, options);
}

async function arraysOf({ file, format }: Known, { maxBytes, signal }: Reading): Promise<readonly NamedArray[]> {
  const key = file.name.split('/').at(-1) ?? '';
  if (format === 'zip') {
    const { arraysIn } = await import('./npz.ts');
    return arraysIn(file, maxBytes, signal);
  }
  if (format === 'npy') {
    const { parseNpy } = await import('./npy.ts');
    return [{ key, file: file.name, array: parseNpy(file) }];
  }
  const { parseIdx } = await import('../idx.ts');
  const array = { name: file.name, unit: 'byte' as const, ...parseIdx(file, 'images or labels', [1, 3, 4]) };
  return [{ key, file: file.name, array }];
}

/** Reads a table for each split, and one without labels. */
async function tables(files: readonly FileBytes[], options: LoadDatasetOptions): Promise<LoadedDataset> {
  const { hasLabels, splitOfTable, rowsOfTable, tableOf } = await import('./csv.ts');
  const { splitNamed } = await import('./arrays.ts');
  const { datasetsOf } = await import('./splits.ts');
  const splits = new Map<SplitName, Split>();
  let unlabelled: Rows | undefined;
  for (const file of files) {
    if (files.length > 1 && !hasLabels(file, options)) {
      if (unlabelled !== undefined)
        throw new DataError(`${file.name} has no labels, nor has another file. Load them one by one with loadCsv().`);
      unlabelled = await rowsOfTable(file, await tableOf(file, { ...options, label: false }), options);
      continue;
    }
    const split = splitNamed(file.name.split('/').at(-1) ?? '') ?? splitNamed(file.name) ?? 'train';
    const other = splits.get(split);
    if (other !== undefined) {
      throw new DataError(
        `${other.file} and ${file.name} both seem to be the '${split}' set, by their names. Load them one by one with loadCsv().`,
      );
    }
    splits.set(split, await splitOfTable(file, await tableOf(file, options), options));
  }
  return { ...datasetsOf(splits, options), ...(unlabelled && { unlabelled }) };
}
