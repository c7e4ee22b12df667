/**
 * Tells the formats of data files by their content, and refuses one that is given to another's loader by naming its own.
 */
import { DataError } from '../../errors.ts';
import { kindOfFile } from '../../formats/file-kind.ts';
import type { FileBytes } from '../source.ts';
import { recordsOf } from './cifar-records.ts';

export type Format = 'idx' | 'npy' | 'zip' | 'tar' | 'csv' | 'cifar';

/** What a format is called, and who loads it. */
const NAMES: Readonly<Record<Format, readonly [name: string, loader: string]>> = {
  idx: ['an IDX file', 'loadIdx()'],
  npy: ["NumPy's .npy", 'loadNpy()'],
  zip: ['a zip archive, as .npz files are', "loadNpz() if it is NumPy's .npz, and else loadDataset()"],
  tar: ['a tar archive', "loadCifar() if it is CIFAR's, and else loadDataset()"],
  csv: ['a table in CSV', 'loadCsv()'],
  cifar: ['a binary file of CIFAR', 'loadCifar()'],
};

/** The format of a file, gunzipped; `undefined` where it is none that is known. */
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

/** Whether a file begins with a header of tar, by its magic of POSIX or GNU. */
function isTar(bytes: Uint8Array): boolean {
  return new TextDecoder('latin1').decode(bytes.subarray(257, 262)) === 'ustar';
}

/** Whether a file begins as text whose first line has a separator. */
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
 * Refuses a file that seems to be of another kind.
 *
 * @throws DataError saying what it seems to be, and which loader takes it
 */
export function refuseOthers(file: FileBytes, wanted: Format): void {
  const format = formatOfFile(file);
  if (format === wanted) return;
  const [name] = NAMES[wanted];
  if (format !== undefined) {
    const [found, loader] = NAMES[format];
    throw new DataError(`${file.name} seems to be ${found}, not ${name}. Load it with ${loader}.`);
  }
  const kind = kindOfFile(file.bytes);
  if (kind !== undefined)
    throw new DataError(`${file.name} seems to be ${kind}, not ${name}. Check that the right file is given.`);
}
