/**
 * From what files hold to data sets: rows and labels are matched, classes named, and a set's parts have the same ones.
 */
import { show } from '../../checks.ts';
import { DataError, UsageError } from '../../errors.ts';
import { checkFinite } from '../dataset-parts.ts';
import { Dataset } from '../dataset.ts';
import type { LoadedDataset, LoadOptions } from '../load-options.ts';
import type { Preprocessing } from '../preprocessing.ts';
import { sizeOfShape } from '../../graph/shape.ts';
import { featuresOf, type RawArray, sameSizes } from './layout.ts';
import { preprocessingOf, waysOf, type Ways } from './ways.ts';

/** Rows with labels, as one or two files have them. */
export interface Part {
  /** What the files are called. */
  readonly file: string;
  readonly labelFile: string;
  readonly features: Uint8Array | Float32Array;
  /** Of one row. */
  readonly shape: readonly number[];
  /** One number a row: the file's, or where it has texts the place of its text in them. */
  readonly labels: ArrayLike<number>;
  /** The labels that are texts, each once. */
  readonly texts?: readonly string[] | undefined;
  /** Where a row is, for messages: `row 3` unless the file has better. */
  readonly placeOf?: ((row: number) => string) | undefined;
  /** The classes' names, where the files have them. */
  readonly classes?: readonly string[] | undefined;
}

export type PartName = 'train' | 'validation' | 'test';

/** Images and labels that belong together. Errors: see {@link featuresOf}; DataError where their counts differ. */
export async function partOf(images: RawArray, labels: RawArray, options: LoadOptions): Promise<Part> {
  const [rows = 0] = images.shape;
  if (labels.shape.length > 2 || (labels.shape[1] ?? 1) !== 1) {
    throw new DataError(
      `${labels.name} has labels of [${labels.shape.join(', ')}]. Give one class id a row, of one-hot labels the place of the 1.`,
    );
  }
  if (rows !== labels.data.length) {
    throw new DataError(
      `${images.name} has ${rows} images, ${labels.name} has ${labels.data.length} labels. ` +
        `Check that the two files belong together.`,
    );
  }
  const { transposed = waysOf(images.name, labels.name).transposed } = options;
  const made = await featuresOf(images, { ...options, transposed }, options.signal);
  return { file: images.name, labelFile: labels.name, labels: labels.data, ...made };
}

/** One part as a data set. */
export function datasetOf(part: Part, options: LoadOptions): Dataset {
  return datasetsOf(new Map([['train' as const, part]]), options, (name) => name).train;
}

/**
 * Parts as data sets of the same classes, named as `nameOf` says.
 *
 * @throws DataError where there is nothing to train on, rows of different shapes, a feature that is not finite, or a label that
 * is no class
 */
export function datasetsOf(
  parts: ReadonlyMap<PartName, Part>,
  options: LoadOptions,
  nameOf = (name: string, part: PartName) => `${name}/${part}`,
): LoadedDataset {
  const all = [...parts.values()];
  const first = parts.get('train');
  if (first === undefined) {
    throw new DataError(
      `${all.map(({ file }) => file).join(', ')}: none of them is for training, by their names. Give the files for training too, ` +
        `or load these alone by the loader of their format.`,
    );
  }
  const ways = waysOf(...all.flatMap(({ file, labelFile }) => [file, labelFile]));
  const other = all.find(({ shape }) => !sameSizes(shape, first.shape));
  if (other !== undefined) {
    throw new DataError(
      `${first.file} has rows of [${first.shape.join(', ')}], ${other.file} of [${other.shape.join(', ')}]. ` +
        `Check that they are of one data set, or load them one by one.`,
    );
  }
  const { labels, classes } = labelledBy(all, options, ways);
  const known = fits(ways.preprocessing, first.shape) ? ways.preprocessing : undefined;
  const preprocessing = preprocessingOf(options, known);
  if (!fits(preprocessing, first.shape)) {
    throw new UsageError(
      `handwriting: a box of ${preprocessing?.handwriting?.box ?? 0} pixels does not fit into rows of [${first.shape.join(', ')}]. ` +
        `Give a smaller box, or leave 'handwriting' out.`,
    );
  }
  const sets = Array.from(parts, ([part, { file, features, shape }], i) => {
    const name = nameOf(options.name ?? file, part);
    checkFinite(features, sizeOfShape(shape), file);
    return [
      part,
      new Dataset({ name, features, shape, classes, labels: labels[i] ?? new Int32Array(), preprocessing }),
    ] as const;
  });
  return Object.fromEntries(sets) as Partial<LoadedDataset> as LoadedDataset;
}

/** Whether rows are images, if they hold handwriting, and its box is within them. */
function fits(preprocessing: Preprocessing | undefined, [height = 0, width = 0, channels]: readonly number[]): boolean {
  const box = preprocessing?.handwriting?.box;
  return box === undefined || (channels !== undefined && box <= Math.min(height, width));
}

/** The class ids of each part, and the classes' names. */
function labelledBy(
  parts: readonly Part[],
  options: LoadOptions,
  ways: Ways,
): { readonly labels: readonly Int32Array[]; readonly classes: readonly string[] } {
  const known = options.classes ?? parts.find(({ classes }) => classes)?.classes ?? ways.classes;
  if (parts.some(({ texts }) => texts !== undefined)) return labelledByTexts(parts, options.classes);
  const first = options.firstLabel ?? ways.firstLabel ?? 0;
  const count = typeof known === 'object' ? known.length : known;
  for (const part of parts) checkIds(part, first, count);
  const labels = parts.map((part) => Int32Array.from(part.labels, (label) => label - first));
  const needed = count ?? 1 + labels.reduce((max, ids) => ids.reduce((a, b) => Math.max(a, b), max), 0);
  return {
    labels,
    classes: typeof known === 'object' ? [...known] : Array.from({ length: needed }, (_, i) => `${first + i}`),
  };
}

/** @throws DataError unless each label is a class id, counted from `first`; `count` is that of the classes, where it is known */
function checkIds({ labels, labelFile, placeOf = (row) => `row ${row}` }: Part, first: number, count?: number): void {
  const all = Float64Array.from(labels);
  const lowest = all.reduce((a, b) => Math.min(a, b), Infinity);
  const highest = all.reduce((a, b) => Math.max(a, b), -Infinity);
  if (count !== undefined && lowest > first && highest === first + count) {
    throw new DataError(
      `${labelFile} has labels from ${lowest} to ${highest} for ${count} classes, but the first class has label ${first}. ` +
        `Give firstLabel: ${first + 1}.`,
    );
  }
  for (const [row, label] of all.entries()) {
    if (Number.isInteger(label) && label >= first && label - first < (count ?? 2 ** 24)) continue;
    const range = count === undefined ? `from ${first}` : `from ${first} to ${first + count - 1} for ${count} classes`;
    const below = label < first && label >= 0 ? `, give firstLabel: ${label},` : '';
    throw new DataError(
      `'${labelFile}', ${placeOf(row)}: the label is ${label}, but labels are class ids, integers ${range}. ` +
        `Correct the label${below} or give 'classes' as many names as there are.`,
    );
  }
}

/** Texts are classes, sorted by name; of classes that are given, each must be one. */
function labelledByTexts(
  parts: readonly Part[],
  given: LoadOptions['classes'],
): { readonly labels: readonly Int32Array[]; readonly classes: readonly string[] } {
  const found = [...new Set(parts.flatMap(textsOf))].sort();
  const classes = typeof given === 'object' ? [...given] : found;
  if (typeof given === 'number' && given !== found.length)
    throw new DataError(`There are ${found.length} classes, not ${given}. Correct 'classes', or leave it out.`);
  const ids = new Map(classes.map((text, id) => [text, id]));
  const labels = parts.map((part) => {
    const texts = textsOf(part);
    return Int32Array.from(part.labels, (label, row) => {
      const text = part.texts ? (texts[label] ?? '') : `${label}`;
      const id = ids.get(text);
      if (id !== undefined) return id;
      throw new DataError(
        `'${part.labelFile}', ${part.placeOf?.(row) ?? `row ${row}`}: the label ${show(text)} is none of the ${classes.length} classes. ` +
          `Correct the label, or add it to 'classes'.`,
      );
    });
  });
  return { labels, classes };
}

const textsOf = ({ texts, labels }: Part): readonly string[] =>
  texts ?? Array.from(new Set(Array.from(labels)), (label) => `${label}`);
