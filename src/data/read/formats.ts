/**
 * Detection of the formats of data files by content, and refusal of files in another format.
 */
import { DataError } from '../../errors.ts';
import { kindOfFile } from '../../formats/file-kind.ts';
import type { FileBytes } from '../source.ts';
import { recordsOf } from './cifar-records.ts';

export type Format = 'idx' | 'npy' | 'zip' | 'tar' | 'csv' | 'cifar';

/** The name and the loader of each format. */
const NAMES: Readonly<Record<Format, readonly [name: string, loader: string]>> = {
  idx: ['an IDX file', 'loadIdx()'],
  npy: ["NumPy's .npy", 'loadNpy()'],
  zip: ['a zip archive, as .npz files are', "loadNpz() if it is NumPy's .npz, and else loadDataset()"],
  tar: ['a tar archive', "loadCifar() if it is CIFAR's, and else loadDataset()"],
  csv: ['a table in CSV', 'loadCsv()'],
  cifar: ['a binary file of CIFAR', 'loadCifar()'],
};

/** The format of a decompressed file; `undefined` for an unknown one. */
export function formatOfFile({ bytes }: FileBytes): Format | undefined {
  const kind = kindOfFile(bytes) ?? '';
  if (kind.startsWith('an IDX')) return 'idx';
  if (kind.startsWith("NumPy's")) return 'npy';
  if (kind.startsWith('a zip')) return 'zip';
  if (isTar(bytes)) return 'tar';
  if (kind !== '') return undefined;
  if (isTable(bytes)) return 'csv';
  return recordsOf(bytes).length > 0 ? 'cifar' : undefined;
}

/** Tests whether a file begins with a tar header, by the magic of POSIX or GNU. */
function isTar(bytes: Uint8Array): boolean {
  return new TextDecoder('latin1').decode(bytes.subarray(257, 262)) === 'ustar';
}

/** Tests whether a file begins with text and a delimiter in its first line. */
function isTable(bytes: Uint8Array): boolean {
  const start = bytes.subarray(0, 4096);
  if (start.some((byte) => byte < 32 && ![9, 10, 13].includes(byte))) return false;
  const [line = ''] = new TextDecoder()
    .decode(start)
    .trimStart()
    .split(/[\r\n]/);
  return /[,;\t]/.test(line);
}

/**
 * Refuses a file of another format.
 *
 * @throws DataError with the file's probable format and its loader
 */
export function refuseOthers(file: FileBytes, wanted: Format): void {
  const format = formatOfFile(file);
  if (format === wanted) return;
  const [name] = NAMES[wanted];
  if (format !== undefined) {
    const [other, loader] = NAMES[format];
    throw new DataError(`${file.name} seems to be ${other}, not ${name}. Load it with ${loader}.`);
  }
  const kind = kindOfFile(file.bytes);
  if (kind !== undefined)
    throw new DataError(`${file.name} seems to be ${kind}, not ${name}. Check that the right file is given.`);
}
