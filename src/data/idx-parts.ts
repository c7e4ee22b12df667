/**
 * MNIST's two files as the parts of a data set.
 */
import { DataError } from '../errors.ts';
import { checkedLabels, type DatasetParts } from './dataset-parts.ts';
import { parseIdx } from './idx.ts';
import type { FileBytes } from './source.ts';

/** Two IDX files of grey images and their labels as the parts of a data set. */
export function idxParts(imageFile: FileBytes, labelFile: FileBytes, name: string, classes: number): DatasetParts {
  const images = parseIdx(imageFile, 'images', [3]);
  const labels = parseIdx(labelFile, 'labels', [1]);
  const [rows = 0, height = 0, width = 0] = images.shape;
  if (rows !== labels.data.length) {
    throw new DataError(
      `${imageFile.name} has ${rows} images, ${labelFile.name} has ${labels.data.length} labels. ` +
        `Check that the two files belong together.`,
    );
  }
  return {
    name,
    features: images.data,
    shape: [height, width, 1],
    ...checkedLabels(labels.data, classes, labelFile.name),
  };
}
