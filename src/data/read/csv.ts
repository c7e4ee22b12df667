/**
 * Reading of data sets from tables in CSV: Kaggle's digits, MNIST in CSV, EMNIST, a user's own.
 */
import { refuse } from '../../checks.ts';
import { DataError } from '../../errors.ts';
import type { Dataset } from '../dataset.ts';
import type { LoadOptions, Rows } from '../load-options.ts';
import type { FileBytes, FileSource } from '../source.ts';
import { numberOf } from './csv-cells.ts';
import { columnsOf, type CsvOptions } from './csv-columns.ts';
import { type CsvTable, firstLine, kindOfLabels, parseCsv } from './csv-table.ts';
import { refuseOthers } from './formats.ts';
import { featuresOf } from './layout.ts';
import { checkLoadOptions, readingOf } from './options.ts';
import { datasetOf, type Split } from './splits.ts';
import { factsOfNames } from './name-facts.ts';

export interface LoadCsvOptions extends LoadOptions, CsvOptions {}

/** Implements `loadCsv`. */
export async function readCsv(source: FileSource, options: LoadCsvOptions): Promise<Dataset | Rows> {
  checkLoadOptions('loadCsv', options);
  checkCsvOptions(options);
  const file = await readingOf([source], options).read(source, 'csv');
  const table = await tableOf(file, options);
  if (table.columns.label >= 0) return datasetOf(await splitOfTable(file, table, options), options);
  return rowsOfTable(file, table, options);
}

/** @throws UsageError for invalid {@link CsvOptions} */
export function checkCsvOptions({ label, header }: CsvOptions): void {
  if (
    label !== undefined &&
    label !== false &&
    !(typeof label === 'string' && label !== '') &&
    !Number.isInteger(label)
  )
    refuse('label', label, "the column's name, its index from 0, or false for none");
  if (header !== undefined && typeof header !== 'boolean') refuse('header', header, 'true or false');
}

/** Reads a file's table. @throws DataError for a file of another format, and errors of {@link parseCsv} */
export async function tableOf(file: FileBytes, options: LoadCsvOptions): Promise<CsvTable> {
  refuseOthers(file, 'csv');
  return parseCsv(file, options, options.signal);
}

/** Tests whether the first line of a table has a column of labels. */
export function hasLabels(file: FileBytes, options: CsvOptions): boolean {
  try {
    return columnsOf(file.name, firstLine(file), options).label >= 0;
  } catch (error) {
    if (error instanceof DataError) return false;
    throw error;
  }
}

/** Converts a table with labels. */
export async function splitOfTable(file: FileBytes, table: CsvTable, options: LoadCsvOptions): Promise<Split> {
  const { texts, placeOf } = table;
  const made = await rowsIn(file, table, options);
  const common = { file: file.name, labelFile: file.name, placeOf, ...made };
  const { classes } = options;
  const areNamed = typeof classes === 'object' && texts.every((text) => classes.includes(text));
  const kind = areNamed ? 'names' : kindOfLabels(texts);
  if (kind === 'names') return { ...common, labels: table.labels, texts };
  const ids = texts.map(numberOf);
  if (kind === 'fractions') {
    const row = table.labels.findIndex((at) => !Number.isInteger(ids[at]));
    throw new DataError(
      `${file.name}, ${placeOf(row)}: the label is ${texts[table.labels[row] ?? 0] ?? ''}, but labels are class ids or names. ` +
        `Correct the label, or name the column of labels by 'label'.`,
    );
  }
  return { ...common, labels: Float64Array.from(table.labels, (at) => ids[at] ?? 0) };
}

/** Converts a table without labels. */
export async function rowsOfTable(file: FileBytes, table: CsvTable, options: LoadCsvOptions): Promise<Rows> {
  const { features: data, shape: row } = await rowsIn(file, table, options);
  const shape = [table.rows, ...row];
  return data instanceof Uint8Array ? { data, shape, dtype: 'uint8' } : { data, shape, dtype: 'float32' };
}

/** The features of a table, as bytes for images. */
async function rowsIn(
  { name }: FileBytes,
  { rows, columns, features }: CsvTable,
  options: LoadCsvOptions,
): Promise<Pick<Split, 'features' | 'shape'>> {
  const side = Math.sqrt(features.length / rows);
  const isSquare = Number.isInteger(side) && side > 1;
  // Small integers in a square number of columns are not taken for images, nor are 0 and 1 for black and white.
  const areImages = options.shape
    ? options.shape.length === 3
    : columns.arePixels || (isSquare && features.some((value) => value > 127));
  const areBytes = areImages && features instanceof Uint8Array;
  const data = areBytes ? features : Float32Array.from(features);
  const square = columns.arePixels && isSquare ? [side, side, 1] : undefined;
  const { transposed = factsOfNames(name).transposed, shape = square } = options;
  return featuresOf(
    { name, shape: [rows, features.length / rows], data, unit: areBytes ? 'byte' : 'number' },
    { ...options, transposed, shape },
    options.signal,
  );
}
