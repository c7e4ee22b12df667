/**
 * Pictures as the input of a model: made into rows as the images of its data set were. Loaded when a picture is asked about.
 */
import { refuse } from '../checks.ts';
import { UsageError } from '../errors.ts';
import { Dataset } from './dataset.ts';
import { measure } from './measure.ts';
import { type Picture, pixelsOf } from './picture.ts';
import { prepare } from './prepare.ts';
import type { Preprocessing } from './preprocessing.ts';
import type { Pixels, RowShape } from './resample.ts';

/** The images that a model was trained on. */
export interface ImageInput extends Preprocessing {
  readonly shape: RowShape;
}

/** What a data set says of its images, or they of themselves; nothing where its rows are no images of 0…1. */
export function imageInputOf(dataset: Dataset): ImageInput | undefined {
  const { imageShape, images, preprocessing } = dataset;
  const [height = 0, width = 0, channels = 1] = imageShape;
  if (imageShape.length < 2 || imageShape.length > 3 || channels > 4) return undefined;
  if (images.format !== 'uint8' && images.values.some((value) => value < 0 || value > 1)) return undefined;
  return { ...(preprocessing ?? measure(dataset)), shape: [height, width, channels] };
}

/** The rows of pictures, one after the other, in 0…1. */
export async function rowsOf(
  pictures: readonly Pixels[],
  { shape, ...preprocessing }: ImageInput,
): Promise<Float32Array<ArrayBuffer>> {
  const [height, width, channels] = shape;
  const size = height * width * channels;
  const rows = new Float32Array(pictures.length * size);
  for (const [i, pixels] of pictures.entries()) {
    (await prepare(pixels, shape, preprocessing)).forEach((value, k) => (rows[i * size + k] = value / 255));
  }
  return rows;
}

/**
 * A picture of any size as a row of a data set: for a graph of your own that was trained on it. A classifier's `predict` does
 * the same.
 *
 * @returns `height × width × channels` values of 0…1, row-major
 * @throws UsageError for a data set of no images, a picture that has not loaded or may not be read; DataError for a file that
 * cannot be decoded
 */
export async function inputFrom(picture: Picture, dataset: Dataset): Promise<Float32Array<ArrayBuffer>> {
  if (!(dataset instanceof Dataset)) refuse('inputFrom: the data set', dataset, 'a Dataset');
  const input = imageInputOf(dataset);
  if (input === undefined) {
    throw new UsageError(
      `inputFrom: '${dataset.name}' has rows of [${dataset.imageShape.join(', ')}] that are no images of 0…1, so a picture can't ` +
        `be made like them. Give a data set of images.`,
    );
  }
  return rowsOf([await pixelsOf(picture, 'inputFrom')], input);
}
