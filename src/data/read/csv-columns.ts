/**
 * What the columns of a table in CSV are: whether its first line names them, which holds the labels, which are features.
 */
import { show } from '../../checks.ts';
import { DataError } from '../../errors.ts';
import { numberOf } from './csv-cells.ts';

export interface CsvOptions {
  /**
   * The column of labels: its name, or its place counted from 0, from the end if negative; `false` where there is none. Default:
   * the one named label, class or target, without names the one that holds no numbers, or else the first.
   */
  readonly label?: string | number | false | undefined;
  /** Whether the first line has the columns' names; default: told by its cells. */
  readonly header?: boolean | undefined;
}

export interface Columns {
  /** The names, where the first line has them. */
  readonly names: readonly string[] | undefined;
  readonly count: number;
  /** The place of the labels; −1 where there are none. */
  readonly label: number;
  /** The place of what numbers the rows, which is no feature; −1 where there is none. */
  readonly index: number;
  /** Whether names say that the features are pixels. */
  readonly arePixels: boolean;
}

const LABEL = /^(labels?|class|classes|targets?|y|digit|species|category)$/i;
/** Those of them that are never the name of a class. */
const ONLY_LABEL = /^(labels?|class|targets?|species)$/i;
/** What numbers the rows: pandas' index, Kaggle's ids. */
const INDEX = /^(|unnamed: ?\d+|index|(image|row)?[ _]?id)$/i;
const PIXEL = /^((pixels?|px|pix)[ _-]?\d+([ _x-]\d+)?|\d+x\d+)$/i;

/** The columns of a table by its first line. @throws DataError where the labels' is not found */
export function columnsOf(file: string, first: readonly string[], options: CsvOptions): Columns {
  const texts = first.flatMap((cell, i) => (Number.isNaN(numberOf(cell)) ? [i] : []));
  const isLabel = texts.some((i) => ONLY_LABEL.test(first[i] ?? ''));
  // In a line of names all cells are texts, or most: pandas names columns by their numbers.
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
    const place = given < 0 ? first.length + given : given;
    if (place >= 0 && place < first.length) return place;
    throw new DataError(
      `${file} has ${first.length} columns, none at place ${given}. Give 'label' a place from 0 to ${first.length - 1}.`,
    );
  }
  if (names === undefined) {
    if (given === undefined) return texts.length === 1 ? (texts[0] ?? 0) : 0;
    throw new DataError(
      `${file} has no line of names, so no column named ${show(given)}. Give 'label' its place, counted from 0.`,
    );
  }
  const place = names.findIndex((name) => (given === undefined ? LABEL.test(name) : name === given));
  if (place >= 0) return place;
  const some = `${names
    .slice(0, 4)
    .map((name) => show(name))
    .join(', ')}${names.length > 4 ? ', …' : ''}`;
  throw new DataError(
    `${file} has no column named ${given === undefined ? 'label, class or target' : show(given)}; its names are ${some}. ` +
      `Give 'label' the name of the column of labels, or label: false for rows without labels.`,
  );
}
