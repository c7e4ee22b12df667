/**
 * Data sets of a user's own numbers: options and checks of `Dataset.from`.
 */
import { checkOptions, checkText } from '../checks.ts';
import { DataError } from '../errors.ts';
import { sizeOfShape } from '../graph/shape.ts';
import { type ClassNames, labelParts, type Labels } from './dataset-labels.ts';
import { checkFinite, checkShape, type DatasetParts } from './dataset-parts.ts';
import { copyFeatures, type Numbers } from './numbers.ts';

/** What all data sets of one's own numbers have, whether rows have labels or targets. */
interface CommonOptions {
  /**
   * The rows. Bytes (`Uint8Array` or `Uint8ClampedArray`, also in lists, or with a shape and the dtype `uint8`) are pixels, read
   * as value/255. Other numbers are read as float32.
   */
  readonly features: Numbers;
  /** The shape of one row, `[height, width, channels]` for images; default: the shape in a nested array or NDArray, else flat. */
  readonly shape?: readonly number[] | undefined;
  /** The name in messages; default `dataset`. */
  readonly name?: string | undefined;
}

/** Options of `Dataset.from` for rows with classes. */
export interface LabelOptions extends CommonOptions {
  /**
   * One class a row: ids from 0, as numbers or as BigInts; the classes' names; or one-hot rows `[N, C]`, with one 1 in each and
   * zeros.
   */
  readonly labels: Labels;
  /**
   * The classes' names, or their number. Default for ids and one-hot rows: as many as the labels need, named by their numbers;
   * for names: those of the labels, sorted.
   */
  readonly classes?: ClassNames;
  readonly targets?: undefined;
}

/** Options of `Dataset.from` for rows with float targets. */
export interface TargetOptions extends CommonOptions {
  /** Numbers to predict, `[N, K]` or one a row: for regression, or 0 and 1 for several labels a row. Read as float32. */
  readonly targets: Numbers;
  readonly labels?: undefined;
  readonly classes?: undefined;
}

export type DatasetOptions = LabelOptions | TargetOptions;

/** Checks and copies a user's numbers, with the errors of `Dataset.from`. */
export function checkedParts(options: DatasetOptions): DatasetParts {
  checkOptions('Dataset.from', options);
  const { name = 'dataset' } = options;
  checkText('name', name);
  const { data: features, shape: featureShape } = copyFeatures(options.features, `'${name}', features`);
  const { shape: given } = options;
  if (given !== undefined) checkShape(`shape of '${name}'`, given);
  const [rows, ...nested] = featureShape.length > 1 ? featureShape : [];
  const known = given ? features.length / sizeOfShape(given) : rows;
  const { rows: count, ...labels } = labelParts(options, name, known);
  const shape = given ?? (rows === undefined ? [features.length / count] : nested);
  const rowSize = sizeOfShape(shape);
  if (rowSize < 1 || features.length !== rowSize * count || !Number.isInteger(rowSize)) {
    const whole = Number.isInteger(rowSize) ? ` of [${shape.join(', ')}] = ${rowSize} elements` : '';
    const kind = options.targets === undefined ? 'labels' : 'rows of targets';
    throw new DataError(
      `'${name}' has ${features.length} features and ${count} ${kind}: they do not make ${count} rows${whole}. ` +
        `Give each label one whole row of features.`,
    );
  }
  checkFinite(features, rowSize, name);
  const { labels: values } = labels;
  if (values instanceof Float32Array) checkFinite(values, values.length / count, name, 'target');
  return { name, features, shape: [...shape], ...labels };
}
