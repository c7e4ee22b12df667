/**
 * Pairing of arrays by the names of arrays and files: `x_train` and `y_train`, `train_images` and `train_labels`,
 * `t10k-images-idx3-ubyte` and `t10k-labels-idx1-ubyte`.
 */
import { DataError } from '../../errors.ts';
import type { LoadedDataset, LoadOptions } from '../load-options.ts';
import type { RawArray } from './layout.ts';
import { datasetsOf, splitOf, type Split, type SplitName } from './splits.ts';

/** An array with its own name and the name of its file. */
export interface NamedArray {
  readonly array: RawArray;
  readonly key: string;
  readonly file: string;
}

type Role = 'images' | 'labels';

const SPLITS: readonly (readonly [RegExp, SplitName])[] = [
  [/^(train|training)$/, 'train'],
  [/^(validation|valid|val|dev)$/, 'validation'],
  [/^(test|testing|t10k)$/, 'test'],
];
const ROLES: readonly (readonly [RegExp, Role])[] = [
  [/^(images?|imgs?|x|data|features|pixels|inputs?)$/, 'images'],
  [/^(labels?|y|targets?|class|classes|ids)$/, 'labels'],
];

/** The words of a name: `x` and `train` for `xTrain`, `X_train` and `x-train`. */
function wordsOf(name: string): readonly string[] {
  const words = name.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  return words.split(/[^a-z0-9]+/).flatMap((word) => /^([xy])(train|test|val)$/.exec(word)?.slice(1) ?? [word]);
}

function match<T>(kinds: readonly (readonly [RegExp, T])[], name: string): T | undefined {
  const words = wordsOf(name);
  return kinds.find(([pattern]) => words.some((word) => pattern.test(word)))?.[1];
}

/** The split (training, validation or test set) that a name tells, if any. */
export const splitNamed = (name: string): SplitName | undefined => match(SPLITS, name);

/** The role of an array, by its name, its file's name, or its axes. */
function roleOf({ array: { shape }, key, file }: NamedArray): Role {
  const isColumn = shape.length === 1 || (shape.length === 2 && shape[1] === 1);
  return match(ROLES, key) ?? match(ROLES, file) ?? (isColumn ? 'labels' : 'images');
}

/**
 * Makes the data sets of arrays; an array whose names tell no split is for training.
 *
 * @throws DataError for two arrays in one role, and for one without a counterpart
 */
export async function datasetsOfArrays(arrays: readonly NamedArray[], options: LoadOptions): Promise<LoadedDataset> {
  return datasetsOf(await splitsOfArrays(arrays, options), options);
}

/** Pairs arrays to splits. */
export async function splitsOfArrays(
  arrays: readonly NamedArray[],
  options: LoadOptions,
): Promise<ReadonlyMap<SplitName, Split>> {
  const pairs = new Map<SplitName, Map<Role, RawArray>>();
  for (const one of arrays) {
    const split = splitNamed(one.key) ?? splitNamed(one.file) ?? 'train';
    const role = roleOf(one);
    const pair = pairs.get(split) ?? new Map<Role, RawArray>();
    const other = pair.get(role);
    if (other !== undefined) {
      throw new DataError(
        `${other.name} and ${one.array.name} both seem to be the ${role} of '${split}'. ${ADVICE} ` +
          `Give files of different data sets one set at a time.`,
      );
    }
    pairs.set(split, pair.set(role, one.array));
  }
  const splits = new Map<SplitName, Split>();
  for (const [name, pair] of pairs) {
    const [images, labels] = [pair.get('images'), pair.get('labels')];
    if (images === undefined || labels === undefined) {
      const [present, missing] = images === undefined ? ['labels', 'images'] : ['images', 'labels'];
      const names = arrays.map(({ array }) => array.name).join(', ');
      throw new DataError(
        `${(images ?? labels)?.name ?? ''} has the ${present} of '${name}', but nothing has its ${missing}; found ${names}. ` +
          `Give both. ${ADVICE}`,
      );
    }
    splits.set(name, await splitOf(images, labels, options));
  }
  return splits;
}

const ADVICE = `Name arrays as in x_train, y_train, x_test, y_test, or train_images, train_labels.`;
