/**
 * Reading of CIFAR-10 and CIFAR-100 from their binary files, alone or in their archive.
 * Source: A. Krizhevsky, "Learning multiple layers of features from tiny images", 2009, and the data sets' page.
 */
import { checkList, refuse } from '../../checks.ts';
import { DataError, UsageError } from '../../errors.ts';
import type { LoadedDataset, LoadOptions } from '../load-options.ts';
import { checkOneOf } from '../check-preprocessing.ts';
import { pauses } from '../pause.ts';
import type { Preprocessing } from '../preprocessing.ts';
import type { FileBytes, FileSource } from '../source.ts';
import { splitNamed } from './arrays.ts';
import { IMAGE_BYTES, RECORDS, type Records, recordsOf } from './cifar-records.ts';
import { formatOfFile, refuseOthers } from './formats.ts';
import { checkLoadOptions, readingOf } from './options.ts';
import { datasetsOf, type Split, type SplitName } from './splits.ts';
import { tarEntries } from './tar.ts';

export interface LoadCifarOptions extends Omit<LoadOptions, 'shape' | 'channels' | 'transposed' | 'firstLabel'> {
  /** The label to take in CIFAR-100: one of 100 fine classes (the default), or of 20 coarse ones. */
  readonly label?: 'fine' | 'coarse' | undefined;
}

const CLASSES = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'];
/** The preparation of photographs. */
const PHOTOGRAPHS: Preprocessing = { background: 'white' };
const SIDE = 32;

/** Implements `loadCifar`. */
export async function readCifar(sources: readonly FileSource[], options: LoadCifarOptions): Promise<LoadedDataset> {
  checkLoadOptions('loadCifar', options);
  checkOneOf('label', options.label, ['fine', 'coarse']);
  checkList('loadCifar: the files', sources, 'a file, or a list of them');
  if (sources.length === 0)
    throw new UsageError('loadCifar() was given no files. Give its archive, or its .bin files.');
  for (const option of ['shape', 'channels', 'transposed', 'firstLabel']) {
    const given = (options as Readonly<Record<string, unknown>>)[option];
    if (given !== undefined) refuse(option, given, 'nothing: leave it out, since the format has it');
  }
  const reading = readingOf(sources, options);
  const files: FileBytes[] = [];
  for (const [i, source] of sources.entries()) {
    const file = await reading.read(source, `file ${i}`);
    files.push(...(formatOfFile(file) === 'tar' ? tarEntries(file) : [file]));
  }
  const [archive] = files.length > sources.length ? ['the archive'] : [];
  return datasetsOfCifar(files, options, archive);
}

/**
 * Makes CIFAR's data sets: files of one split are joined in the order of their names. Files without records are skipped in an
 * archive, and else refused.
 */
export async function datasetsOfCifar(
  files: readonly FileBytes[],
  options: LoadCifarOptions,
  archive?: string,
): Promise<LoadedDataset> {
  const bins = files.filter(({ name }) => archive === undefined || /\.bin$/i.test(name));
  if (bins.length === 0) throw new DataError(`${archive ?? ''} has no .bin files. Give CIFAR's binary version.`);
  const kind = kindOf(bins);
  const groups = new Map<SplitName, FileBytes[]>();
  for (const file of [...bins].sort((a, b) => (baseName(a) < baseName(b) ? -1 : 1))) {
    const split = splitNamed(baseName(file)) ?? 'train';
    groups.set(split, [...(groups.get(split) ?? []), file]);
  }
  const splits = new Map<SplitName, Split>();
  for (const [split, group] of groups) splits.set(split, await splitOfRecords(group, kind, options));
  const names = kind.set === 'CIFAR-10' ? CLASSES : namesIn(files, options.label);
  const { classes = names, name = kind.set.toLowerCase() } = options;
  const stated = options.ink === undefined && options.handwriting === undefined && options.background === undefined;
  return datasetsOf(splits, { ...options, name, classes, ...(stated && PHOTOGRAPHS) });
}

const baseName = ({ name }: FileBytes): string => name.split('/').at(-1) ?? name;

/** The kind of record that all files share. @throws DataError, with the file and byte, for no kind or different ones */
function kindOf(files: readonly FileBytes[]): Records {
  const kinds = files.map((file) => {
    const possible = recordsOf(file.bytes);
    if (possible.length === 0) throw noRecords(file);
    return possible;
  });
  const kind = RECORDS.find((one) => kinds.every((possible) => possible.includes(one)));
  if (kind !== undefined) return kind;
  throw new DataError(
    `${files.map(({ name }) => name).join(', ')} are files of CIFAR-10 and of CIFAR-100. Load one set at a time.`,
  );
}

function noRecords(file: FileBytes): DataError {
  refuseOthers(file, 'cifar');
  const { name, bytes } = file;
  const records = RECORDS.find(({ size }) => bytes.length > 0 && bytes.length % size === 0);
  if (records === undefined) {
    return new DataError(
      `${name} has ${bytes.length} bytes, which are not whole records of 3,073 bytes (CIFAR-10) or 3,074 (CIFAR-100). ` +
        `Check that it is the right file, and complete.`,
    );
  }
  const { set, size, classes } = records;
  const at = bytes.findIndex((label, i) => label >= (classes[i % size] ?? 256));
  return new DataError(
    `${name} is not a file of ${set}: record ${Math.floor(at / size)} has label ${bytes[at] ?? 0} of ${classes[at % size] ?? 0} classes ` +
      `(at byte ${at}). Check that it is the right file, and download it again.`,
  );
}

/** The names of CIFAR-100's classes, if its archive's file of them is given; else their number. */
function namesIn(files: readonly FileBytes[], label: 'fine' | 'coarse' = 'fine'): readonly string[] | number {
  const file = files.find((one) => baseName(one) === `${label}_label_names.txt`);
  const names = new TextDecoder().decode(file?.bytes).split(/\r?\n/).filter(Boolean);
  const count = label === 'fine' ? 100 : 20;
  return names.length === count ? names : count;
}

/** Reads the records of files to rows `[32, 32, 3]`, channels last, and labels. */
async function splitOfRecords(
  files: readonly FileBytes[],
  { set, size }: Records,
  { label = 'fine', signal }: LoadCifarOptions,
): Promise<Split> {
  const pause = pauses(signal);
  const rows = files.reduce((sum, { bytes }) => sum + bytes.length / size, 0);
  const features = new Uint8Array(rows * IMAGE_BYTES);
  const labels = new Uint8Array(rows);
  const plane = SIDE * SIDE;
  let row = 0;
  for (const { bytes } of files) {
    for (let at = 0; at < bytes.length; at += size, row++) {
      labels[row] = bytes[at + (set === 'CIFAR-100' && label === 'fine' ? 1 : 0)] ?? 0;
      const [from, to] = [at + size - IMAGE_BYTES, row * IMAGE_BYTES];
      for (let i = 0; i < plane; i++) {
        features[to + 3 * i] = bytes[from + i] ?? 0;
        features[to + 3 * i + 1] = bytes[from + plane + i] ?? 0;
        features[to + 3 * i + 2] = bytes[from + 2 * plane + i] ?? 0;
      }
      if (row % 64 === 0) await pause();
    }
  }
  const name = files.map((file) => baseName(file)).join(', ');
  return { file: name, labelFile: name, features, labels, shape: [SIDE, SIDE, 3] };
}
