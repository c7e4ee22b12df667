/**
 * Preparation of a drawn digit for a classifier of MNIST.
 */
import { fit } from './digit/fit.ts';
import { inkOf } from './digit/ink.ts';
import { type Picture, pixelsOf } from './picture.ts';
import { MNIST } from './preprocessing.ts';
import type { Pixels } from './resample.ts';

/**
 * Prepares a drawn digit like MNIST's images. The ink's bounding box is scaled to fit 20 × 20 pixels, with its proportions, by
 * averaging areas. It is placed in 28 × 28 with the ink's centre of mass at the pixel (14, 14), to the nearest pixel. The
 * strongest pixel is 1.
 *
 * The ink of strokes on a transparent canvas is their opacity, in any colour. In a photograph or an opaque drawing it is the
 * difference from the paper (dark on light or light on dark), without the light's gradient, printed lines, frames and specks.
 *
 * @returns 784 values of 0…1, row by row; all 0 for a blank image. For a Blob, a promise of them.
 * @throws UsageError for a picture that has not loaded or may not be read, and for anything else; DataError for a Blob that
 * cannot be decoded
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
