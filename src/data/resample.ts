/**
 * Conversion of a picture's pixels to a row of a data set: background, colours or luma, resampling. It does not use a canvas, so a
 * row is the same in each browser and in Node, for training and for predicting.
 */

import type { Resampling } from './preprocessing.ts';

/** The pixels of a picture, like `ImageData`: RGBA in bytes, row by row, not premultiplied. */
export type Pixels = Pick<ImageData, 'data' | 'width' | 'height'>;

/** `[height, width, channels]` of a row. @inline */
export type RowShape = readonly [height: number, width: number, channels: number];

/** The inputs of an output pixel: the sum of `values[from + i] * weights[i]`. */
interface Taps {
  readonly from: number;
  readonly weights: Float64Array;
}

/**
 * Converts a picture to a row: `height × width × channels` bytes. One channel is luma (0.299 R + 0.587 G + 0.114 B, ITU-R
 * BT.601), two are luma and opacity, three RGB, four RGBA. Without a channel of opacity, the background shows through.
 *
 * A picture of another size is stretched. `bilinear` resamples by a triangle as wide as two output pixels, or two input pixels if
 * those are larger: Pillow and torchvision call it bilinear with antialiasing. `nearest` takes the pixel at the centre. A picture
 * of the same size keeps its pixels.
 */
export function rowOf(
  pixels: Pixels,
  shape: RowShape,
  background: 'white' | 'black',
  resampling: Resampling = 'bilinear',
): Uint8ClampedArray<ArrayBuffer> {
  const [height, width, channels] = shape;
  const tapsOf = resampling === 'nearest' ? nearest : triangles;
  const columns = tapsOf(pixels.width, width);
  const rows = tapsOf(pixels.height, height);
  const sums = new Float64Array(height * width * channels);
  const line = new Float64Array(width * channels);
  let first = 0;
  for (let y = 0; y < pixels.height; y++) {
    resampleLine(lineOf(pixels, y, channels, background), columns, channels, line);
    while (first < height && y >= endOf(rows[first])) first++;
    for (let i = first; i < height && y >= (rows[i]?.from ?? 0); i++) {
      const weight = rows[i]?.weights[y - (rows[i]?.from ?? 0)] ?? 0;
      for (let k = 0, at = i * line.length; k < line.length; k++)
        sums[at + k] = (sums[at + k] ?? 0) + weight * (line[k] ?? 0);
    }
  }
  if (channels % 2 === 0) divideByOpacity(sums, channels);
  return Uint8ClampedArray.from(sums);
}

const endOf = (taps: Taps | undefined): number => (taps ? taps.from + taps.weights.length : 0);

/** The input pixel at the centre of each of `size` output pixels along an axis. */
function nearest(length: number, size: number): Taps[] {
  return Array.from({ length: size }, (_, i) => ({
    from: Math.floor(((i + 0.5) * length) / size),
    weights: Float64Array.of(1),
  }));
}

/** The input pixels under a triangle around each of `size` output pixels along an axis. */
function triangles(length: number, size: number): Taps[] {
  const scale = length / size;
  const reach = Math.max(1, scale);
  return Array.from({ length: size }, (_, i) => {
    const centre = (i + 0.5) * scale - 0.5;
    const from = Math.max(0, Math.floor(centre - reach) + 1);
    const to = Math.min(length, Math.ceil(centre + reach));
    const weights = Float64Array.from({ length: to - from }, (_, k) => 1 - Math.abs(from + k - centre) / reach);
    const sum = weights.reduce((a, b) => a + b, 0);
    return { from, weights: weights.map((weight) => weight / sum) };
  });
}

/** A line of pixels in the row's channels, with colours multiplied by a channel of opacity. */
function lineOf({ data, width }: Pixels, y: number, channels: number, background: 'white' | 'black'): Float64Array {
  const line = new Float64Array(width * channels);
  const behind = background === 'white' ? 255 : 0;
  const hasOpacity = channels % 2 === 0;
  for (let x = 0, from = 4 * y * width, to = 0; x < width; x++, from += 4) {
    const alpha = data[from + 3] ?? 0;
    const share = alpha / 255;
    const rest = hasOpacity ? 0 : behind * (1 - share);
    const red = share * (data[from] ?? 0) + rest;
    const green = share * (data[from + 1] ?? 0) + rest;
    const blue = share * (data[from + 2] ?? 0) + rest;
    if (channels < 3) {
      line[to++] = 0.299 * red + 0.587 * green + 0.114 * blue;
    } else {
      line[to++] = red;
      line[to++] = green;
      line[to++] = blue;
    }
    if (hasOpacity) line[to++] = alpha;
  }
  return line;
}

function resampleLine(from: Float64Array, columns: readonly Taps[], channels: number, to: Float64Array): void {
  columns.forEach((taps, i) => {
    for (let channel = 0; channel < channels; channel++) {
      let sum = 0;
      for (let k = 0, at = taps.from * channels + channel; k < taps.weights.length; k++, at += channels)
        sum += (taps.weights[k] ?? 0) * (from[at] ?? 0);
      to[i * channels + channel] = sum;
    }
  });
}

/** Divides colours by opacity, the last channel; those of transparent pixels stay 0. */
function divideByOpacity(values: Float64Array, channels: number): void {
  for (let at = 0; at < values.length; at += channels) {
    const share = (values[at + channels - 1] ?? 0) / 255;
    for (let k = 0; share > 0 && k < channels - 1; k++) values[at + k] = (values[at + k] ?? 0) / share;
  }
}
