/**
 * Preparation of a picture for a user's own graph.
 */
import { refuse } from '../checks.ts';
import { UsageError } from '../errors.ts';
import { Dataset } from './dataset.ts';
import { imageInputOf, rowsOf } from './input.ts';
import { type Picture, pixelsOf } from './picture.ts';

/**
 * Prepares a picture of any size like a row of a data set, for your own graph that was trained on it. A classifier's `predict`
 * does the same.
 *
 * @returns `height × width × channels` values of 0…1, row-major
 * @throws UsageError for a data set without images, and a picture that has not loaded or may not be read; DataError for a file
 * that cannot be decoded
 */
export async function inputFrom(picture: Picture, dataset: Dataset): Promise<Float32Array<ArrayBuffer>> {
  if (!(dataset instanceof Dataset)) refuse('inputFrom: the data set', dataset, 'a Dataset');
  const input = await imageInputOf(dataset);
  if (input === null) {
    throw new UsageError(
      `inputFrom: '${dataset.name}' has rows of [${dataset.imageShape.join(', ')}] that are not images of 0…1, so it takes ` +
        `no pictures. Give a data set of images.`,
    );
  }
  return rowsOf([await pixelsOf(picture, 'inputFrom')], input);
}
