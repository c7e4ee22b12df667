/** What a classifier is asked about, as rows of numbers. */
import { FeedError, type NDArray } from '../index.ts';

/** Pictures to classify: one as `ImageData`, or one or more as numbers (0…1 where the data set's are images). */
export type Images = ImageData | Float32Array | NDArray;

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
  if (images instanceof Float32Array) {
    const size = sizeOf(input);
    const whole = images.length % size === 0;
    return { values: images, shape: whole ? [images.length / size, size] : [images.length] };
  }
  if ('shape' in images) return { values: Float32Array.from(images.data), shape: images.shape };
  const channels = input[2] ?? 1;
  return { values: pixelsOf(images, channels), shape: [images.height, images.width, channels].slice(0, input.length) };
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
