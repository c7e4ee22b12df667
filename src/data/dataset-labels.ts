/**
 * Labels and targets of a user's own rows: class ids from ids, names and one-hot rows, and checks.
 */
import { isList, kindOf, refuse, show } from '../checks.ts';
import { DataError } from '../errors.ts';
import { checkInteger, type DatasetParts } from './dataset-parts.ts';
import { copyNumbers, type Numbers } from './numbers.ts';

/** The classes' names, or their number. @inline */
export type ClassNames = readonly string[] | number | undefined;

/** Classes of rows, in every form. @inline */
export type Labels = Numbers | BigInt64Array | BigUint64Array | readonly bigint[] | readonly string[];

/** Labels or targets as a program gives them. */
interface Given {
  readonly labels?: Labels | undefined;
  readonly targets?: Numbers | undefined;
  readonly classes?: ClassNames;
}

/** The part of a data set's contents that its labels or targets make. */
type LabelParts = Pick<DatasetParts, 'labels' | 'classes'>;

/**
 * Checks and copies labels or targets.
 *
 * @param known - The number of rows, if the features tell it. A flat list of more numbers has as many a row.
 * @returns also the number of rows
 */
export function labelParts(
  { labels, targets, classes }: Given,
  name: string,
  known: number | undefined,
): LabelParts & { readonly rows: number } {
  if (targets !== undefined && (labels ?? classes) !== undefined)
    refuse(`'${name}', targets: a list beside them`, labels ?? classes, "either 'labels' or 'targets'");
  const list: readonly unknown[] = isList(labels) ? labels : [];
  if (list.length > 0 && list.every((label) => typeof label === 'string'))
    return { ...partsOfNames(list, classes, name), rows: list.length };
  const areBig = kindOf(labels).startsWith('Big') || (list.length > 0 && list.every((id) => typeof id === 'bigint'));
  const numbers = areBig ? Array.from(labels as readonly bigint[], Number) : (targets ?? labels);
  const { data, shape } = copyNumbers(numbers, `'${name}', ${targets ? 'targets' : 'labels'}`);
  if (data.length === 0) throw new DataError(`'${name}' has no rows. Give at least one label and its features.`);
  const [length = 1, ...nested] = shape;
  const rows =
    nested.length === 0 && known !== undefined && Number.isInteger(known) && data.length % known === 0 ? known : length;
  const width = data.length / rows;
  if (targets !== undefined) return { labels: data, classes: [], rows };
  if (width === 1) return { ...checkedLabels(data, classes, name), rows };
  return { ...checkedLabels(idsOfOneHot(data, width, name), classes ?? width, name, width), rows };
}

/** The class ids of names. The classes are sorted, unless they are given. */
function partsOfNames(names: readonly string[], classes: ClassNames, name: string): LabelParts {
  const known = Array.isArray(classes) ? (classes as readonly string[]) : [...new Set(names)].sort();
  const ids = new Map(known.map((text, id) => [text, id]));
  const row = names.findIndex((text) => !ids.has(text));
  if (row >= 0) {
    throw new DataError(
      `'${name}', row ${row}: the label ${show(names[row])} is not one of the ${known.length} classes. ` +
        `Correct the label, or add it to 'classes'.`,
    );
  }
  const labels = names.map((text) => ids.get(text) ?? -1);
  return { ...checkedLabels(labels, classes ?? known, name, known.length), classes: [...known] };
}

/** The index of the 1 in each row. */
function idsOfOneHot(data: Float32Array, width: number, name: string): Int32Array {
  return Int32Array.from({ length: data.length / width }, (_, row) => {
    const values = data.subarray(row * width, (row + 1) * width);
    const id = values.indexOf(1);
    if (id >= 0 && values.every((value, i) => value === 0 || i === id)) return id;
    throw new DataError(
      `'${name}', row ${row}: the label is ${show([...values])}, but rows of labels have one 1 and zeros. ` +
        `Correct the row, or give class ids, or several labels a row as 'targets'.`,
    );
  });
}

/**
 * Checks class ids. Returns them with the classes' names.
 *
 * @param needed - The number of classes that the labels state themselves.
 */
export function checkedLabels(ids: ArrayLike<number>, classes: ClassNames, name: string, needed?: number): LabelParts {
  const isNames = Array.isArray(classes) && classes.every((label) => typeof label === 'string');
  if (classes !== undefined && typeof classes !== 'number' && !isNames)
    refuse(`\`classes\` of '${name}'`, classes, "the classes' names, or their number");
  const count = typeof classes === 'object' ? classes.length : classes;
  if (count !== undefined) checkInteger(`The number of classes of '${name}'`, count, 1, 2 ** 24);
  if (needed !== undefined && count !== undefined && needed !== count)
    throw new DataError(`'${name}' has labels of ${needed} classes, not ${count}. Correct 'classes', or leave it out.`);
  let highest = 0;
  for (let row = 0; row < ids.length; row++) {
    const id = ids[row] ?? NaN;
    if (!Number.isInteger(id) || id < 0 || id >= (count ?? 2 ** 24)) {
      throw new DataError(
        `'${name}', row ${row}: the label is ${id}, but labels are class ids, integers ` +
          (count === undefined ? `from 0. ` : `from 0 to ${count - 1} for ${count} classes. `) +
          `Correct the label, or give 'classes' as many names as there are.`,
      );
    }
    highest = Math.max(highest, id);
  }
  const names =
    typeof classes === 'object' ? [...classes] : Array.from({ length: count ?? highest + 1 }, (_, i) => `${i}`);
  return { labels: Int32Array.from(ids), classes: names };
}
