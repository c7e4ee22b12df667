/**
 * Which arrays belong together, by the names of arrays and files: `x_train` and `y_train`, `train_images` and `train_labels`,
 * `t10k-images-idx3-ubyte` and `t10k-labels-idx1-ubyte`.
 */
import { DataError } from '../../errors.ts';
import type { LoadedDataset, LoadOptions } from '../load-options.ts';
import type { RawArray } from './layout.ts';
import { datasetsOf, partOf, type Part, type PartName } from './parts.ts';

/** An array, its own name, and that of the file it is in. */
export interface NamedArray {
  readonly array: RawArray;
  readonly key: string;
  readonly file: string;
}

type Role = 'images' | 'labels';

const PARTS: readonly (readonly [RegExp, PartName])[] = [
  [/^(train|training)$/, 'train'],
  [/^(validation|valid|val|dev)$/, 'validation'],
  [/^(test|testing|t10k)$/, 'test'],
];
const ROLES: readonly (readonly [RegExp, Role])[] = [
  [/^(images?|imgs?|x|data|features|pixels|inputs?)$/, 'images'],
  [/^(labels?|y|targets?|class|classes|ids)$/, 'labels'],
];

/** The words of a name: `xTrain`, `X_train` and `x-train` are all `x` and `train`. */
function wordsOf(name: string): readonly string[] {
  const words = name.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  return words.split(/[^a-z0-9]+/).flatMap((word) => /^([xy])(train|test|val)$/.exec(word)?.slice(1) ?? [word]);
}

function found<T>(kinds: readonly (readonly [RegExp, T])[], name: string): T | undefined {
  const words = wordsOf(name);
  return kinds.find(([pattern]) => words.some((word) => pattern.test(word)))?.[1];
}

/** The part of a data set that a name tells, if any. */
export const partNamed = (name: string): PartName | undefined => found(PARTS, name);

/** What is in an array: told by its name, its file's, or its axes. */
function roleOf({ array: { shape }, key, file }: NamedArray): Role {
  const isColumn = shape.length === 1 || (shape.length === 2 && shape[1] === 1);
  return found(ROLES, key) ?? found(ROLES, file) ?? (isColumn ? 'labels' : 'images');
}

/**
 * Arrays as data sets, part by part; what tells no part is for training.
 *
 * @throws DataError where two arrays have one role, or one has no counterpart
 */
export async function datasetsOfArrays(arrays: readonly NamedArray[], options: LoadOptions): Promise<LoadedDataset> {
  return datasetsOf(await partsOfArrays(arrays, options), options);
}

/** The same before they are data sets. */
export async function partsOfArrays(
  arrays: readonly NamedArray[],
  options: LoadOptions,
): Promise<ReadonlyMap<PartName, Part>> {
  const pairs = new Map<PartName, Map<Role, RawArray>>();
  for (const one of arrays) {
    const part = partNamed(one.key) ?? partNamed(one.file) ?? 'train';
    const role = roleOf(one);
    const pair = pairs.get(part) ?? new Map<Role, RawArray>();
    const other = pair.get(role);
    if (other !== undefined) {
      throw new DataError(
        `${other.name} and ${one.array.name} both seem to be the ${role} of '${part}'. ${ADVICE} ` +
          `Give files of different data sets one set at a time.`,
      );
    }
    pairs.set(part, pair.set(role, one.array));
  }
  const parts = new Map<PartName, Part>();
  for (const [name, pair] of pairs) {
    const [images, labels] = [pair.get('images'), pair.get('labels')];
    if (images === undefined || labels === undefined) {
      const [there, missing] = images === undefined ? ['labels', 'images'] : ['images', 'labels'];
      const found = arrays.map(({ array }) => array.name).join(', ');
      throw new DataError(
        `${(images ?? labels)?.name ?? ''} has the ${there} of '${name}', but nothing has its ${missing}; found ${found}. ` +
          `Give both. ${ADVICE}`,
      );
    }
    parts.set(name, await partOf(images, labels, options));
  }
  return parts;
}

const ADVICE = `Name arrays as in x_train, y_train, x_test, y_test, or train_images, train_labels.`;
