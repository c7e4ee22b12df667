/**
 * Makes a drawing into what a classifier of MNIST was trained on.
 */
import { refuse } from '../checks.ts';
import { UsageError } from '../errors.ts';
import { fit, type Ink } from './digit/fit.ts';

/** A canvas, on the page or off it. */
type AnyCanvas = HTMLCanvasElement | OffscreenCanvas;

const SIZE = 28;

/**
 * A drawn digit as MNIST's were made: the ink's bounding box scaled to fit 20 × 20 pixels, its proportions kept and
 * areas averaged; placed in 28 × 28 so that the ink's centre of mass falls on the pixel (14, 14), to the nearest pixel;
 * the strongest pixel 1.
 *
 * Ink is what covers: where any pixel is transparent, each pixel's opacity, of whatever colour (a stroke on a cleared
 * canvas); in an opaque image, the difference in colour from the border's (dark on light or light on dark).
 *
 * @returns 784 values of 0…1, row by row; all 0 for a blank image
 * @throws UsageError for a canvas without a 2D context
 * Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits".
 */
export function digitFrom(source: ImageData | AnyCanvas): Float32Array<ArrayBuffer> {
  return fit(inkOf(isImageData(source) ? source : pixelsOf(source)), [SIZE, SIZE], { box: 20, centre: 'mass' });
}

/** In Node, a plain object of its form. */
function isImageData(source: unknown): source is ImageData {
  const { data, width, height } = (source ?? {}) as Partial<ImageData>;
  return data instanceof Uint8ClampedArray && data.length === 4 * Number(width) * Number(height);
}

function pixelsOf(canvas: AnyCanvas): ImageData {
  if (typeof (canvas as Partial<AnyCanvas> | null | undefined)?.getContext !== 'function')
    refuse('digitFrom: the drawing', canvas, 'ImageData, or a canvas (draw pictures and videos on one)');
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context || !('getImageData' in context)) {
    throw new UsageError(
      `digitFrom(canvas): the canvas has no 2D context. Give one that is drawn on in 2D, or ImageData.`,
    );
  }
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

/** The ink of each pixel: opacity, or in an opaque image the largest difference of a channel from the border's colour. */
function inkOf({ data: pixels, width, height }: ImageData): Ink {
  const data = new Float32Array(width * height);
  let transparent = false;
  for (let i = 0; i < data.length; i++) {
    const opacity = pixels[4 * i + 3] ?? 0;
    data[i] = opacity / 255;
    transparent ||= opacity < 255;
  }
  if (transparent) return { data, width, height };
  const border = borderPixels(width, height);
  data.fill(0);
  for (let channel = 0; channel < 3; channel++) {
    const paper = median(border.map((pixel) => pixels[4 * pixel + channel] ?? 0));
    for (let i = 0; i < data.length; i++) {
      data[i] = Math.max(data[i] ?? 0, Math.abs((pixels[4 * i + channel] ?? 0) - paper) / 255);
    }
  }
  return { data, width, height };
}

function borderPixels(width: number, height: number): number[] {
  const pixels: number[] = [];
  for (let x = 0; x < width; x++) pixels.push(x, (height - 1) * width + x);
  for (let y = 0; y < height; y++) pixels.push(y * width, y * width + width - 1);
  return pixels;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}
