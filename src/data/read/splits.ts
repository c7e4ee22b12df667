/**
 * Conversion of splits (training, validation and test sets of files) to data sets with the same classes.
 */
import { show } from '../../checks.ts';
import { DataError, UsageError } from '../../errors.ts';
import { checkFinite } from '../dataset-parts.ts';
import { Dataset } from '../dataset.ts';
import type { LoadedDataset, LoadOptions } from '../load-options.ts';
import type { Preprocessing } from '../preprocessing.ts';
import { sizeOfShape } from '../../graph/shape.ts';
import { featuresOf, type RawArray, sameSizes } from './layout.ts';
import { preprocessingOf, factsOfNames, type NameFacts } from './name-facts.ts';

/** Rows with labels, of one or two files. */
export interface Split {
  /** The names of the files. */
  readonly file: string;
  readonly labelFile: string;
  readonly features: Uint8Array | Float32Array;
  /** The shape of a row. */
  readonly shape: readonly number[];
  /** A number for each row: the file's, or an index in `texts`. */
  readonly labels: ArrayLike<number>;
  /** The distinct labels that are texts. */
  readonly texts?: readonly string[] | undefined;
  /** The position of a row's label, for messages; default: `row 3`. */
  readonly placeOf?: ((row: number) => string) | undefined;
  /** The classes' names, if the files have them. */
  readonly classes?: readonly string[] | undefined;
}

export type SplitName = 'train' | 'validation' | 'test';

/** Joins images with their labels. @throws DataError for different counts; errors of {@link featuresOf} */
export async function splitOf(images: RawArray, labels: RawArray, options: LoadOptions): Promise<Split> {
  const [rows = 0] = images.shape;
  if (labels.shape.length > 2 || (labels.shape[1] ?? 1) !== 1) {
    throw new DataError(
      `${labels.name} has labels of [${labels.shape.join(', ')}]. Give one class id a row; for one-hot labels, the index of the 1.`,
    );
  }
  if (rows !== labels.data.length) {
    throw new DataError(
      `${images.name} has ${rows} images, ${labels.name} has ${labels.data.length} labels. ` +
        `Check that the two files belong together.`,
    );
  }
  const { transposed = factsOfNames(images.name, labels.name).transposed } = options;
  const rowsOfImages = await featuresOf(images, { ...options, transposed }, options.signal);
  return { file: images.name, labelFile: labels.name, labels: labels.data, ...rowsOfImages };
}

/** Converts a single split to a data set. */
export function datasetOf(split: Split, options: LoadOptions): Dataset {
  return datasetsOf(new Map([['train' as const, split]]), options, (name) => name).train;
}

/**
 * Converts splits to data sets of the same classes, with names of `nameOf`.
 *
 * @throws DataError without a training set, and for rows of different shapes, a feature that is not finite, or a label that is not
 * a class
 */
export function datasetsOf(
  splits: ReadonlyMap<SplitName, Split>,
  options: LoadOptions,
  nameOf = (name: string, split: SplitName) => `${name}/${split}`,
): LoadedDataset {
  const all = [...splits.values()];
  const first = splits.get('train');
  if (first === undefined) {
    throw new DataError(
      `${all.map(({ file }) => file).join(', ')}: none of them is for training, by their names. Give the files for training too, ` +
        `or load these alone by the loader of their format.`,
    );
  }
  const facts = factsOfNames(...all.flatMap(({ file, labelFile }) => [file, labelFile]));
  const other = all.find(({ shape }) => !sameSizes(shape, first.shape));
  if (other !== undefined) {
    throw new DataError(
      `${first.file} has rows of [${first.shape.join(', ')}], ${other.file} of [${other.shape.join(', ')}]. ` +
        `Check that they are of one data set, or load them one by one.`,
    );
  }
  const { labels, classes } = labelledBy(all, options, facts);
  const known = fits(facts.preprocessing, first.shape) ? facts.preprocessing : undefined;
  const preprocessing = preprocessingOf(options, known);
  if (!fits(preprocessing, first.shape)) {
    throw new UsageError(
      `handwriting: a box of ${preprocessing?.handwriting?.box ?? 0} pixels does not fit into rows of [${first.shape.join(', ')}]. ` +
        `Give a smaller box, or leave 'handwriting' out.`,
    );
  }
  const sets = Array.from(splits, ([split, { file, features, shape }], i) => {
    const name = nameOf(options.name ?? file, split);
    checkFinite(features, sizeOfShape(shape), file);
    return [
      split,
      new Dataset({ name, features, shape, classes, labels: labels[i] ?? new Int32Array(), preprocessing }),
    ] as const;
  });
  return Object.fromEntries(sets) as Partial<LoadedDataset> as LoadedDataset;
}

/** Tests whether the box of handwriting, if there is one, fits into rows that are images. */
function fits(preprocessing: Preprocessing | undefined, [height = 0, width = 0, channels]: readonly number[]): boolean {
  const box = preprocessing?.handwriting?.box;
  return box === undefined || (channels !== undefined && box <= Math.min(height, width));
}

/** The class ids of each split, and the classes' names. */
function labelledBy(
  splits: readonly Split[],
  options: LoadOptions,
  facts: NameFacts,
): { readonly labels: readonly Int32Array[]; readonly classes: readonly string[] } {
  const known = options.classes ?? splits.find(({ classes }) => classes)?.classes ?? facts.classes;
  if (splits.some(({ texts }) => texts !== undefined)) return labelledByTexts(splits, options.classes);
  const first = options.firstLabel ?? facts.firstLabel ?? 0;
  const count = typeof known === 'object' ? known.length : known;
  for (const split of splits) checkIds(split, first, count);
  const labels = splits.map((split) => Int32Array.from(split.labels, (label) => label - first));
  const needed = count ?? 1 + labels.reduce((max, ids) => ids.reduce((a, b) => Math.max(a, b), max), 0);
  return {
    labels,
    classes: typeof known === 'object' ? [...known] : Array.from({ length: needed }, (_, i) => `${first + i}`),
  };
}

/** @throws DataError unless each label is a class id, counted from `first`; `count` is the number of classes, if it is known */
function checkIds({ labels, labelFile, placeOf = (row) => `row ${row}` }: Split, first: number, count?: number): void {
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

/** Takes texts as classes, sorted by name; with given classes, each text must be one of them. */
function labelledByTexts(
  splits: readonly Split[],
  given: LoadOptions['classes'],
): { readonly labels: readonly Int32Array[]; readonly classes: readonly string[] } {
  const distinct = [...new Set(splits.flatMap(textsOf))].sort();
  const classes = typeof given === 'object' ? [...given] : distinct;
  if (typeof given === 'number' && given !== distinct.length)
    throw new DataError(`There are ${distinct.length} classes, not ${given}. Correct 'classes', or leave it out.`);
  const ids = new Map(classes.map((text, id) => [text, id]));
  const labels = splits.map((split) => {
    const texts = textsOf(split);
    return Int32Array.from(split.labels, (label, row) => {
      const text = split.texts ? (texts[label] ?? '') : `${label}`;
      const id = ids.get(text);
      if (id !== undefined) return id;
      throw new DataError(
        `'${split.labelFile}', ${split.placeOf?.(row) ?? `row ${row}`}: the label ${show(text)} is not one of the ${classes.length} classes. ` +
          `Correct the label, or add it to 'classes'.`,
      );
    });
  });
  return { labels, classes };
}

const textsOf = ({ texts, labels }: Split): readonly string[] =>
  texts ?? Array.from(new Set(Array.from(labels)), (label) => `${label}`);
