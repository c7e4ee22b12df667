/** Images to classify, as rows of numbers: pictures are prepared like the images that the model was trained on. */
import { isRecord, refuse } from '../checks.ts';
import { checkPreprocessing } from '../data/check-preprocessing.ts';
import { holdsBytes } from '../data/numbers.ts';
import type { ByteArray } from '../data/index.ts';
import { rowsOf, type ImageInput } from '../data/input.ts';
import { isPicture, type Picture, pixelsOf } from '../data/picture.ts';
import type { Pixels } from '../data/resample.ts';
import { toNDArray } from '../graph/ndarray.ts';
import { FeedError, InklingError, type NDArray, type NestedArray } from '../index.ts';

/** @inline */
type Shaped = NDArray | ByteArray;

/**
 * Images to classify. Pictures of any size and kind, one or a list of them; or numbers like the data set's (0…1 for images),
 * flat, nested, an NDArray or a list of these. Bytes (`Uint8Array`, `Uint8ClampedArray`, dtype `uint8`) are read as value/255.
 */
export type Images = Picture | Iterable<Picture> | ArrayLike<number> | NestedArray | Shaped | readonly Shaped[];

/** The pixels of pictures, copied at the call; `undefined` for images given as numbers. */
export function picturesOf(images: unknown): Promise<Pixels[]> | undefined {
  const isList =
    typeof images === 'object' && images !== null && Symbol.iterator in images && !ArrayBuffer.isView(images);
  const list = isList ? Array.from(images as Iterable<unknown>) : [images];
  return list.length > 0 && list.every(isPicture) ? Promise.all(list.map(snapshot)) : undefined;
}

/** A copy of a picture's pixels, which later drawing does not change; an image that is loading is awaited. */
async function snapshot(picture: Picture): Promise<Pixels> {
  if ('decode' in picture && !picture.complete) await picture.decode().catch(() => undefined);
  const pixels = pixelsOf(picture, 'predict');
  if (!('data' in pixels)) return pixels;
  const { data, width, height } = pixels;
  return { data: data.slice(), width, height };
}

/**
 * Rows of pictures, row-major, one after the other.
 *
 * @param known - The form of the images that the model was trained on; `null` for a data set without images.
 * @param input - The model's input shape.
 * @throws FeedError for a model that does not take images.
 */
export async function rowsOfPictures(
  pictures: Promise<readonly Pixels[]>,
  known: ImageInput | null | undefined,
  input: readonly number[],
): Promise<Float32Array> {
  const pixels = await pictures;
  const [height = 0, width = 0, channels = 1] = input;
  const isImage = input.length === 3 || input.length === 2;
  if (known === null || (known === undefined && (!isImage || channels > 4))) {
    throw new FeedError(
      `predict: the model takes [${input.join(', ')}], and was not trained on images of values from 0 to 1, so it takes ` +
        `no pictures. Give numbers, or the option \`images\` to createClassifier().`,
    );
  }
  return rowsOf(pixels, known ?? { background: 'white', shape: [height, width, channels] });
}

/**
 * Values of images given as numbers, row-major, one image after the other.
 *
 * @param input - The shape of one image.
 * @throws FeedError for numbers that are not finite, or not whole images of that shape.
 */
export function valuesOf(images: Images, input: readonly number[]): Float32Array {
  const size = sizeOf(input);
  const { data, shape: given } = numbersOf(images as NestedArray | NDArray);
  const scale = holdsBytes(images) ? 255 : 1;
  const values = Float32Array.from(data, (value) => value / scale);
  // A flat array has no shape of its own.
  const isFlat = given.length === 1 && values.length % size === 0;
  const shape = isFlat ? [values.length / size, size] : given;
  const fits = [shape, shape.slice(1)].some((row) => [input, [size]].some((whole) => sameShape(row, whole)));
  if (!fits || values.length === 0 || values.length !== sizeOf(shape)) {
    throw new FeedError(
      `predict: the images are [${shape.join(', ')}]; give [${input.join(', ')}], ${size} values each, or several of them. ` +
        `For a drawn digit, digitFrom() makes them.`,
    );
  }
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) throw new FeedError(`predict: value ${at} of the images is ${values[at]}; give finite numbers.`);
  return values;
}

function numbersOf(images: NestedArray | NDArray): NDArray {
  try {
    const flat = (one: unknown): unknown => (isRecord(one) && 'shape' in one ? one.data : one);
    const numbers = Array.isArray(images) ? (images.map(flat) as readonly NestedArray[]) : images;
    return toNDArray(numbers, 'float32', 'predict');
  } catch (error) {
    throw error instanceof InklingError ? new FeedError(error.message, { cause: error }) : error;
  }
}

/**
 * Checks the form of a model's images, from a program or a file.
 * @throws UsageError for an invalid one.
 */
export function checkImages(images: ImageInput, input: readonly number[]): void {
  const { shape, ...preprocessing }: Partial<ImageInput> = isRecord(images) ? images : {};
  const sizes: readonly number[] = Array.isArray(shape) ? shape : [];
  if (
    sizes.length !== 3 ||
    sizeOf(sizes) !== sizeOf(input) ||
    !sizes.every((size) => Number.isInteger(size) && size > 0)
  )
    refuse('`shape` of the images', shape, `[height, width, channels] of ${sizeOf(input)} values`);
  const { background, handwriting, drawing } = preprocessing;
  if (background === undefined) refuse('`background` of the images', background, "'white' or 'black'");
  checkPreprocessing(preprocessing, (option) => `\`${option}\` of the images`);
  for (const { box } of [handwriting, drawing].filter((fit) => fit !== undefined))
    if (box > Math.min(...sizes.slice(0, 2)))
      refuse('The box of ink in the images', box, `at most ${Math.min(...sizes.slice(0, 2))} pixels, the smaller side`);
}

/** The number of values of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, dim) => size * dim, 1);
}

/** Tests whether two shapes are the same without axes of 1. */
function sameShape(a: readonly number[], b: readonly number[]): boolean {
  const [left, right] = [a, b].map((shape) => shape.filter((size) => size !== 1));
  return left?.length === right?.length && (left ?? []).every((size, i) => size === right?.[i]);
}
