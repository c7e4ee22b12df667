/** Classes of data sets and models: they are the same where their names are, in whatever order they come. */
import { Dataset } from '../data/index.ts';

/** Names that are only the places: `0`, `1`, … */
export const isCounted = (classes: readonly string[]): boolean => classes.every((label, i) => label === `${i}`);

/** The data set in the model's classes, where each of its own is one of them by name; else nothing. */
export function inClasses(dataset: Dataset, classes: readonly string[]): Dataset | undefined {
  const ids = dataset.classes.map((label) => classes.indexOf(label));
  const isSame = dataset.classes.length === classes.length;
  // Where either has no names, an id is a place.
  if (isSame && (isCounted(classes) || isCounted(dataset.classes) || ids.every((id, i) => id === i))) return dataset;
  if (ids.includes(-1)) return undefined;
  const { name, images, labels, imageShape, preprocessing } = dataset;
  return new Dataset({
    name,
    features: images.values as Uint8Array | Float32Array,
    labels: Int32Array.from(labels.values, (label) => ids[label] ?? -1),
    classes,
    shape: imageShape,
    preprocessing,
  });
}
