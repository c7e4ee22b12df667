/** What a classifier is asked about, as rows of numbers. */
import { isRecord } from '../checks.ts';
import { toNDArray } from '../graph/ndarray.ts';
import { FeedError, InklingError, type NDArray, type NestedArray } from '../index.ts';

/**
 * Pictures to classify: one as `ImageData`, or one or more as numbers, flat, nested or an NDArray (0…1 where the data set's are
 * images; bytes in a `Uint8Array` are read as value/255).
 */
export type Images = ImageData | ArrayLike<number> | NestedArray | NDArray;

/**
 * The images' values, row-major, one image after the other.
 *
 * @param input - The shape of one image.
 * @throws FeedError where they are not whole images of that shape, or not finite.
 */
export function valuesOf(images: Images, input: readonly number[]): Float32Array {
  const size = sizeOf(input);
  const { values, shape } = read(images, input);
  const [, ...row] = shape;
  const fits = sameShape(shape, input) || sameShape(row, input) || sameShape(row, [size]);
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

function read(images: Images, input: readonly number[]): { values: Float32Array; shape: readonly number[] } {
  if (isRecord(images) && images.data instanceof Uint8ClampedArray && 'width' in images) {
    const channels = input[2] ?? 1;
    const { width, height } = images as ImageData;
    return {
      values: pixelsOf(images as ImageData, channels),
      shape: [height, width, channels].slice(0, input.length),
    };
  }
  const { data, shape } = numbersOf(images as Exclude<Images, ImageData>);
  const bytes = images instanceof Uint8Array || images instanceof Uint8ClampedArray;
  const values = Float32Array.from(data, (value) => (bytes ? value / 255 : value));
  // A flat array has no shape of its own.
  const flat = shape.length === 1 && values.length % sizeOf(input) === 0;
  return { values, shape: flat ? [values.length / sizeOf(input), sizeOf(input)] : shape };
}

function numbersOf(images: Exclude<Images, ImageData>): NDArray {
  try {
    return toNDArray(images, 'float32', 'predict');
  } catch (error) {
    throw error instanceof InklingError ? new FeedError(error.message, { cause: error }) : error;
  }
}

/** Bytes as 0…1: one channel is luma (ITU-R BT.601), two are luma and opacity, three RGB, four RGBA. */
function pixelsOf({ data, width, height }: ImageData, channels: number): Float32Array {
  const values = new Float32Array(width * height * channels);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const [red = 0, green = 0, blue = 0, alpha = 0] = data.subarray(4 * pixel, 4 * pixel + 4);
    const luma = 0.299 * red + 0.587 * green + 0.114 * blue;
    const colours = channels < 3 ? [luma, alpha] : [red, green, blue, alpha];
    for (let channel = 0; channel < channels; channel++)
      values[channels * pixel + channel] = (colours[channel] ?? 0) / 255;
  }
  return values;
}

/** How many values an image has. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, dim) => size * dim, 1);
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}
