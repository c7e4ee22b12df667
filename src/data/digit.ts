/**
 * Makes a drawing into what a classifier of MNIST was trained on.
 */
import { fit } from './digit/fit.ts';
import { inkOf } from './digit/ink.ts';
import { type Picture, pixelsOf } from './picture.ts';
import { MNIST } from './preprocessing.ts';
import type { Pixels } from './resample.ts';

/**
 * A drawn digit as MNIST's were made: the ink's bounding box scaled to fit 20 × 20 pixels, its proportions kept and
 * areas averaged; placed in 28 × 28 so that the ink's centre of mass falls on the pixel (14, 14), to the nearest pixel;
 * the strongest pixel 1.
 *
 * Ink is what covers: where any pixel is transparent, each pixel's opacity, of whatever colour (a stroke on a cleared
 * canvas); in an opaque image, the difference in colour from the border's (dark on light or light on dark).
 *
 * @returns 784 values of 0…1, row by row; all 0 for a blank image. Of a Blob, a promise of them.
 * @throws UsageError for what is no picture, has not loaded, or may not be read; DataError for a Blob that cannot be decoded
 * Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits".
 */
export function digitFrom(picture: Exclude<Picture, Blob>): Float32Array<ArrayBuffer>;
export function digitFrom(picture: Blob): Promise<Float32Array<ArrayBuffer>>;
export function digitFrom(picture: Picture): Float32Array<ArrayBuffer> | Promise<Float32Array<ArrayBuffer>>;
export function digitFrom(picture: Picture): Float32Array<ArrayBuffer> | Promise<Float32Array<ArrayBuffer>> {
  const pixels = pixelsOf(picture, 'digitFrom');
  return pixels instanceof Promise ? pixels.then(digitOf) : digitOf(pixels);
}

const digitOf = (pixels: Pixels): Float32Array<ArrayBuffer> => fit(inkOf(pixels), [28, 28], MNIST.handwriting);
