/**
 * Classes of images: by folder, by the caller's function, or given with each image.
 */
import { show } from '../../checks.ts';
import { DataError, UsageError } from '../../errors.ts';
import type { DatasetParts } from '../dataset-parts.ts';
import type { ImageFile } from './tree.ts';

/** @inline */
export type LabelFrom = 'folder' | ((path: string) => string);

/** Normalises accents, which systems write in two ways. */
const normal = (text: string): string => text.normalize('NFC');

/** Finds the class of each file. */
export class Labels {
  readonly #labelFrom: LabelFrom;
  readonly #given: readonly string[] | undefined;
  readonly #known: ReadonlySet<string>;

  constructor(labelFrom: LabelFrom, classes: readonly string[] | undefined) {
    this.#labelFrom = labelFrom;
    this.#given = classes;
    this.#known = new Set(classes?.map(normal));
  }

  /** @throws DataError for a file without a class, or with one that is not among the given; UsageError if it is not a text */
  of(file: ImageFile): string {
    const label = normal(file.label ?? this.#labelOfPath(file.path));
    if (this.#given === undefined || this.#known.has(label)) return label;
    throw new DataError(
      `${file.path} is of class ${show(label)}, which is not among the given 'classes' (${listOf(this.#given)}). ` +
        `Leave it out, or give its class too.`,
    );
  }

  #labelOfPath(path: string): string {
    const labelFrom = this.#labelFrom;
    const text: unknown = labelFrom === 'folder' ? path.split('/').at(-2) : labelFrom(path);
    if (typeof text === 'string' && text !== '') return text;
    if (labelFrom !== 'folder')
      throw new UsageError(`labelFrom('${path}') returned ${show(text)}. Return a class's name.`);
    throw new DataError(
      `${path} lies in no folder to name its class. Let the user choose a folder (<input webkitdirectory>), ` +
        `give { file, label }, or give 'labelFrom' a function.`,
    );
  }

  /** The classes' names, in the given order or else sorted, and the class id of each label. */
  ids(labels: readonly string[]): Pick<DatasetParts, 'labels' | 'classes'> {
    const classes = this.#given ?? [...new Set(labels)].sort();
    const ids = new Map(classes.map((text, id) => [normal(text), id]));
    return { classes: [...classes], labels: Int32Array.from(labels, (text) => ids.get(text) ?? 0) };
  }
}

/** @throws UsageError unless `classes` is a list of different names */
export function checkClasses(classes: unknown): void {
  if (classes === undefined) return;
  const remedy = "Give the classes' names, each once, in the order of their ids.";
  if (
    !Array.isArray(classes) ||
    classes.length === 0 ||
    !classes.every((text) => typeof text === 'string' && text !== '')
  )
    throw new UsageError(`loadImages: \`classes\` is ${show(classes)}. ${remedy}`);
  const texts = (classes as string[]).map(normal);
  const twice = texts.find((text, id) => texts.indexOf(text) !== id);
  if (twice !== undefined) throw new UsageError(`loadImages: \`classes\` has ${show(twice)} twice. ${remedy}`);
}

const listOf = (classes: readonly string[]): string =>
  classes.length > 10 ? `${classes.slice(0, 10).join(', ')} and ${classes.length - 10} more` : classes.join(', ');
