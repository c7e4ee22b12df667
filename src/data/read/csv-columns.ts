/**
 * Roles of the columns in a table in CSV: names in its first line, labels, row numbers, features.
 */
import { show } from '../../checks.ts';
import { DataError } from '../../errors.ts';
import { numberOf } from './csv-cells.ts';

export interface CsvOptions {
  /**
   * The column of labels: its name, or its index from 0, negative from the end; `false` for a table without labels. Default: the
   * one named label, class or target; without names, the only one of texts, or else the first.
   */
  readonly label?: string | number | false | undefined;
  /** True for a first line with the columns' names; default: by its cells. */
  readonly header?: boolean | undefined;
}

export interface Columns {
  /** The names, if the first line has them. */
  readonly names: readonly string[] | undefined;
  readonly count: number;
  /** The index of the labels' column, or −1. */
  readonly label: number;
  /** The index of the column of row numbers, which is not a feature, or −1. */
  readonly index: number;
  /** True if the features are pixels by their names. */
  readonly arePixels: boolean;
}

const LABEL = /^(labels?|class|classes|targets?|y|digit|species|category)$/i;
/** Names of the labels' column that are never the name of a class. */
const ONLY_LABEL = /^(labels?|class|targets?|species)$/i;
/** Names of row numbers: pandas' index, Kaggle's ids. */
const INDEX = /^(|unnamed: ?\d+|index|(image|row)?[ _]?id)$/i;
const PIXEL = /^((pixels?|px|pix)[ _-]?\d+([ _x-]\d+)?|\d+x\d+)$/i;

/** Finds the columns of a table by its first line. @throws DataError without the column of labels */
export function columnsOf(file: string, first: readonly string[], options: CsvOptions): Columns {
  const texts = first.flatMap((cell, i) => (Number.isNaN(numberOf(cell)) ? [i] : []));
  const isLabel = texts.some((i) => ONLY_LABEL.test(first[i] ?? ''));
  // In a line of names all cells are texts, or most of them: pandas names columns by their numbers.
  const { header = isLabel || texts.length * 2 > first.length } = options;
  const names = header ? first : undefined;
  const label = labelAt(file, first, names, texts, options.label);
  const index = names !== undefined && label !== 0 && INDEX.test(first[0] ?? '') ? 0 : -1;
  const features = first.filter((_, i) => i !== label && i !== index);
  if (features.length === 0)
    throw new DataError(
      `${file} has no features beside its labels. Check that it is the right file, with one row a line.`,
    );
  const arePixels = names !== undefined && features.every((name) => PIXEL.test(name));
  return { names, count: first.length, label, index, arePixels };
}

function labelAt(
  file: string,
  first: readonly string[],
  names: readonly string[] | undefined,
  texts: readonly number[],
  given: CsvOptions['label'],
): number {
  if (given === false) return -1;
  if (typeof given === 'number') {
    const at = given < 0 ? first.length + given : given;
    if (at >= 0 && at < first.length) return at;
    throw new DataError(
      `${file} has ${first.length} columns, none at index ${given}. Give 'label' an index from 0 to ${first.length - 1}.`,
    );
  }
  if (names === undefined) {
    if (given === undefined) return texts.length === 1 ? (texts[0] ?? 0) : 0;
    throw new DataError(
      `${file} has no line of names, so no column named ${show(given)}. Give 'label' its index, counted from 0.`,
    );
  }
  const at = names.findIndex((name) => (given === undefined ? LABEL.test(name) : name === given));
  if (at >= 0) return at;
  const some = `${names
    .slice(0, 4)
    .map((name) => show(name))
    .join(', ')}${names.length > 4 ? ', …' : ''}`;
  throw new DataError(
    `${file} has no column named ${given === undefined ? 'label, class or target' : show(given)}; its names are ${some}. ` +
      `Give 'label' the name of the column of labels, or label: false for rows without labels.`,
  );
}
