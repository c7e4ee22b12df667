/** Classes of data sets and models, matched by name, in any order. */
import { Dataset } from '../data/index.ts';

/** Tests whether the names are only indices: `0`, `1`, … */
export const isNumbered = (classes: readonly string[]): boolean => classes.every((label, i) => label === `${i}`);

/**
 * The data set with the model's `classes`; `undefined` where one of its classes is not among them. Numbered classes, of the
 * data set or the model, match as many others by index; a model with numbered classes gets the data set unchanged.
 */
export function withClasses(dataset: Dataset, classes: readonly string[]): Dataset | undefined {
  const own = dataset.classes;
  const sameCount = own.length === classes.length;
  if (sameCount && (isNumbered(classes) || own.every((label, id) => label === classes[id]))) return dataset;
  const ids = own.map((label, id) => (sameCount && isNumbered(own) ? id : classes.indexOf(label)));
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
