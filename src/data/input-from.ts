/**
 * A picture as the input of a graph of one's own.
 */
import { refuse } from '../checks.ts';
import { UsageError } from '../errors.ts';
import { Dataset } from './dataset.ts';
import { imageInputOf, rowsOf } from './input.ts';
import { type Picture, pixelsOf } from './picture.ts';

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
  const input = await imageInputOf(dataset);
  if (input === null) {
    throw new UsageError(
      `inputFrom: '${dataset.name}' has rows of [${dataset.imageShape.join(', ')}] that are no images of 0…1, so a picture can't ` +
        `be made like them. Give a data set of images.`,
    );
  }
  return rowsOf([await pixelsOf(picture, 'inputFrom')], input);
}
