/**
 * The data set as far as training and showing it need: its columns and single rows. The single file has no more of it.
 */
import { show } from '../checks.ts';
import { UsageError } from '../errors.ts';
import { Column, type ColumnSource } from '../graph/column.ts';
import { sizeOfShape } from '../graph/shape.ts';
import { describe, Printed } from '../print.ts';
import { checkInteger, type DatasetParts, rowsOf, sizeOf, type Statistics } from './dataset-parts.ts';
import { toImageData } from './image-data.ts';
import type { Preprocessing } from './preprocessing.ts';

/** The part of {@link Dataset} that makes no other sets of it. */
export class DatasetCore extends Printed {
  readonly name: string;
  /** The number of rows. */
  readonly size: number;
  /** The shape of one row: `[height, width, channels]` for images. */
  readonly imageShape: readonly number[];
  /** The classes' names; a label is an index into them. None for rows with targets. */
  readonly classes: readonly string[];
  /** The rows, for `session.train` and `evaluate`. */
  readonly images: Column;
  /** The class ids or the float targets, for `session.train` and `evaluate`, of the same source as `images`. */
  readonly labels: Column;
  /** The preparation of its images, which pictures to classify get too; `undefined` for an unknown one. */
  readonly preprocessing: Preprocessing | undefined;
  /** The statistics by which {@link Dataset.normalize} changed the rows; `undefined` if it did not. */
  readonly statistics: Statistics | undefined;

  /** @internal Neither checks nor copies, unlike {@link Dataset.from}. */
  constructor(parts: DatasetParts) {
    const { name, features, labels, classes, shape } = parts;
    super('Dataset');
    const rows = sizeOf(parts);
    this.name = name;
    this.size = rows;
    this.imageShape = shape;
    this.classes = classes;
    this.preprocessing = parts.preprocessing;
    this.statistics = parts.statistics;
    const columns: Column[] = [];
    const source: ColumnSource = { name, columns };
    const common = { source, rows, classes: classes.length };
    this.images = new Column({
      ...common,
      name: `${name} images`,
      format: features instanceof Uint8Array ? 'uint8' : 'float32',
      values: features,
      rowSize: sizeOfShape(shape),
    });
    this.labels = new Column({
      ...common,
      name: `${name} labels`,
      format: labels instanceof Int32Array ? 'labels' : 'float32',
      values: labels,
      rowSize: classes.length > 0 ? 1 : labels.length / rows,
    });
    columns.push(this.images, this.labels);
  }

  override toString(): string {
    const { name, size, imageShape, classes, labels } = this;
    const kind = classes.length > 0 ? { classes: classes.length } : { targets: labels.rowSize };
    return describe('Dataset', name, { size, imageShape, ...kind });
  }

  /** @internal Splits the data set into the first `n` rows and the others, as views. */
  split(n: number): [DatasetCore, DatasetCore] {
    checkInteger('split(n)', n, 1, this.size - 1);
    const part = (from: number, to: number): DatasetCore => new DatasetCore(rowsOf(partsOf(this), from, to));
    return [part(0, n), part(n, this.size)];
  }

  /**
   * Returns row `i` as an image for a canvas (in Node, a plain object of the same form). One and three channels are grey and RGB,
   * a second or fourth one is alpha; floats are read as 0…1.
   *
   * @throws UsageError unless 0 ≤ i < size and the rows are images
   */
  image(i: number): ImageData {
    checkInteger('image(i)', i, 0, this.size - 1);
    const { rowSize, values } = this.images;
    const [height, width, channels] = this.imageShape;
    if (this.imageShape.length !== 3 || !height || !width || !channels || channels > 4) {
      throw new UsageError(
        `image(i): the rows of '${this.name}' are not images but of shape [${this.imageShape.join(', ')}]. ` +
          `Give Dataset.from a shape [height, width, channels] of 1 to 4 channels.`,
      );
    }
    return toImageData(values.subarray(i * rowSize, (i + 1) * rowSize), [height, width, channels]);
  }

  /**
   * The class id of row `i`, an index into `classes`.
   *
   * @throws UsageError unless 0 ≤ i < size, and for rows with targets
   */
  label(i: number): number {
    if (this.classes.length === 0)
      throw new UsageError(`label(i): '${this.name}' has targets, not classes. Use labels.row(i).`);
    const label = Number.isInteger(i) ? this.labels.values[i] : undefined;
    if (label === undefined)
      throw new UsageError(`label(i): i is ${show(i)}. Give an integer from 0 to ${this.size - 1}.`);
    return label;
  }
}

/** The contents of a data set, to make others of. */
export function partsOf(set: DatasetCore): DatasetParts {
  const { name, images, labels, classes, imageShape: shape, preprocessing, statistics } = set;
  return {
    name,
    features: images.values as DatasetParts['features'],
    labels: labels.values as DatasetParts['labels'],
    classes,
    shape,
    preprocessing,
    statistics,
  };
}
