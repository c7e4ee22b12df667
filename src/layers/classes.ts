/** Classes of data sets and models: they are the same where their names are, in whatever order they come. */
import { Dataset } from '../data/index.ts';

/** Names that are only the places: `0`, `1`, … */
export const isCounted = (classes: readonly string[]): boolean => classes.every((label, i) => label === `${i}`);

/**
 * The data set in the model's classes, where each of its own is one of them by name; else nothing. Where either only counts
 * its classes, and there are as many, they are met by place; a model that does gets the data set as it is.
 */
export function inClasses(dataset: Dataset, classes: readonly string[]): Dataset | undefined {
  const own = dataset.classes;
  const isAsMany = own.length === classes.length;
  if (isAsMany && (isCounted(classes) || own.every((label, id) => label === classes[id]))) return dataset;
  const ids = own.map((label, id) => (isAsMany && isCounted(own) ? id : classes.indexOf(label)));
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
