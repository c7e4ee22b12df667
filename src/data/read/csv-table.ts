/**
 * Reader of a whole table in CSV: features as bytes if all fit, else as floats, and labels as texts.
 */
import { show } from '../../checks.ts';
import { DataError } from '../../errors.ts';
import { pauses } from '../pause.ts';
import type { FileBytes } from '../source.ts';
import { CsvCells, numberOf } from './csv-cells.ts';
import { type Columns, columnsOf, type CsvOptions } from './csv-columns.ts';

export interface CsvTable {
  readonly columns: Columns;
  readonly rows: number;
  /** The features of all rows, row-major; bytes if all are integers of 0…255. */
  readonly features: Uint8Array | Float32Array;
  /** The distinct labels; none for a table without labels. */
  readonly texts: readonly string[];
  /** The index in `texts` of each row's label. */
  readonly labels: Int32Array;
  /** The position of a row's label, for messages. */
  readonly placeOf: (row: number) => string;
}

/**
 * Reads a table, with pauses for other work.
 *
 * @throws DataError, with the file, line, column and byte, for a feature that is not a number, an empty label, and a line with more
 * or fewer cells than the first; the signal's reason once it is aborted
 */
export async function parseCsv(
  file: FileBytes,
  options: CsvOptions,
  signal: AbortSignal | undefined,
): Promise<CsvTable> {
  const columns = columnsOf(file.name, firstLine(file), options);
  const cells = new CsvCells(file);
  const store = new Store(file, columns);
  if (columns.names !== undefined) {
    cells.nextLine();
    while (!cells.isLast) cells.nextCell();
  }
  const pause = pauses(signal);
  let rows = 0;
  for (; cells.nextLine(); rows++) {
    readRow(cells, columns, store, rows);
    if (rows % 16 === 0) await pause();
  }
  if (rows === 0)
    throw new DataError(
      `${file.name} has names of columns but no rows. Check that it is the right file, and complete.`,
    );
  const features = store.features.subarray(0, rows * store.rowSize);
  const { starts } = store;
  const placeOf = (row: number): string => cells.placeOf(starts[row] ?? 0, columns.label + 1);
  return {
    columns,
    rows,
    features,
    texts: [...store.texts.keys()],
    labels: store.labels.subarray(0, rows),
    placeOf,
  };
}

/** The cells of a file's first line. @throws DataError for an empty file */
export function firstLine(file: FileBytes): readonly string[] {
  const cells = new CsvCells(file);
  if (!cells.nextLine()) throw new DataError(`${file.name} is empty. Check that it is the right file, and complete.`);
  const texts: string[] = [];
  while (!cells.isLast) {
    cells.nextCell();
    texts.push(cells.text);
  }
  return texts;
}

/** Storage for as many rows as the file can have: a cell takes two bytes at least, one of them its delimiter. */
class Store {
  readonly rowSize: number;
  features: Uint8Array | Float32Array;
  readonly texts = new Map<string, number>();
  readonly labels: Int32Array;
  /** The offsets of the labels in the file. */
  readonly starts: Uint32Array;

  constructor({ bytes }: FileBytes, { count, label, index }: Columns) {
    let ends = 1;
    for (const byte of bytes) if (byte === 10 || byte === 13) ends++;
    const capacity = Math.min(ends, Math.ceil((bytes.length + 1) / (2 * count)));
    this.rowSize = count - Number(label >= 0) - Number(index >= 0);
    this.features = new Uint8Array(capacity * this.rowSize);
    this.labels = new Int32Array(capacity);
    this.starts = new Uint32Array(capacity);
  }

  set(at: number, value: number): void {
    if (this.features instanceof Uint8Array && (value & 255) !== value)
      this.features = Float32Array.from(this.features);
    this.features[at] = value;
  }
}

function readRow(cells: CsvCells, { count, label, index }: Columns, store: Store, row: number): void {
  let at = row * store.rowSize;
  for (let column = 0; column < count; column++) {
    const { features } = store;
    if (features instanceof Uint8Array && column !== label && column !== index) {
      // Up to the next column that is not a feature.
      const end = Math.min(count, ...[label, index].filter((other) => other > column));
      const read = cells.nextBytes(features, at, end - column);
      at += read;
      column += read;
      if (column === count) break;
    }
    if (cells.isLast) throw cells.fault(`the line ends after ${column} cells, but the first has ${count}`, COMPLETE);
    cells.nextCell();
    if (column === label) {
      readLabel(cells, store, row);
    } else if (column !== index) {
      const value = cells.number;
      if (!Number.isFinite(Math.fround(value))) throw notFinite(cells, value);
      store.set(at++, value);
    }
  }
  if (cells.isLast) return;
  cells.nextCell();
  throw cells.fault(`the line goes on after ${count} cells, as many as the first has`, COMPLETE);
}

const COMPLETE = 'Give every line as many cells, and check that the file is complete.';

function readLabel(cells: CsvCells, { texts, labels, starts }: Store, row: number): void {
  const { text } = cells;
  if (text === '') throw cells.fault('the label is empty', 'Fill it in, or leave the line out.');
  let id = texts.get(text);
  if (id === undefined) texts.set(text, (id = texts.size));
  labels[row] = id;
  starts[row] = cells.start;
}

function notFinite(cells: CsvCells, value: number): DataError {
  const { text } = cells;
  if (text === '') return cells.fault('the cell is empty', 'Fill it in, or leave the line or the column out.');
  if (!Number.isNaN(value)) return cells.fault(`${show(text)} is too large for float32`, 'Scale the column.');
  return cells.fault(
    `${show(text)} is not a number`,
    `Features are numbers: correct it, leave the column out, or name it by 'label' if it holds the labels.`,
  );
}

/** The kind of all labels: class ids or names; `fractions` for neither. */
export function kindOfLabels(texts: readonly string[]): 'ids' | 'names' | 'fractions' {
  const numbers = texts.map(numberOf);
  if (numbers.some((value) => Number.isNaN(value))) return 'names';
  if (!numbers.every(Number.isInteger)) return 'fractions';
  return numbers.every((value) => value >= 0) ? 'ids' : 'names';
}
