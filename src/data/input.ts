/**
 * Pictures as the input of a model: rows that are prepared like the images of its data set.
 */
import type { Dataset } from './dataset.ts';
import type { Preprocessing } from './preprocessing.ts';
import type { Pixels, RowShape } from './resample.ts';

/** The form of the images that a model was trained on. */
export interface ImageInput extends Preprocessing {
  readonly shape: RowShape;
}

/** The forms by data set: its images are measured once. */
const cache = /* @__PURE__ */ new WeakMap<Dataset, ImageInput | null>();

/** The form of a data set's images, as stated or as measured; `null` for rows that are not images of 0…1. */
export async function imageInputOf(dataset: Dataset): Promise<ImageInput | null> {
  const cached = cache.get(dataset);
  if (cached !== undefined) return cached;
  const input = await inputFor(dataset);
  cache.set(dataset, input);
  return input;
}

async function inputFor(dataset: Dataset): Promise<ImageInput | null> {
  const { imageShape, images, preprocessing } = dataset;
  const [height = 0, width = 0, channels = 1] = imageShape;
  if (imageShape.length < 2 || imageShape.length > 3 || channels > 4) return null;
  if (images.format !== 'uint8' && images.values.some((value) => value < 0 || value > 1)) return null;
  const stated = preprocessing ?? (await import('./measure.ts')).measure(dataset);
  return { ...stated, shape: [height, width, channels] };
}

/** Prepares the rows of pictures, one after the other, in 0…1. */
export async function rowsOf(
  pictures: readonly Pixels[],
  { shape, ...preprocessing }: ImageInput,
): Promise<Float32Array<ArrayBuffer>> {
  const { prepare } = await import('./prepare.ts');
  const [height, width, channels] = shape;
  const size = height * width * channels;
  const rows = new Float32Array(pictures.length * size);
  for (const [i, pixels] of pictures.entries()) {
    (await prepare(pixels, shape, preprocessing)).forEach((value, k) => (rows[i * size + k] = value / 255));
  }
  return rows;
}
