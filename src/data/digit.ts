/**
 * Makes a drawing into what a classifier of MNIST was trained on.
 */
import { refuse } from '../checks.ts';
import { UsageError } from '../errors.ts';

/** A canvas, on the page or off it. */
type AnyCanvas = HTMLCanvasElement | OffscreenCanvas;

/** Ink as a matrix: 0 is paper. */
interface Ink {
  readonly data: Float32Array;
  readonly width: number;
  readonly height: number;
}

const SIZE = 28;
const BOX = 20;
/** Below this share of the strongest ink it is paper: noise, a shadow. */
const FAINT = 0.1;
/** Weaker than this at its strongest (of 1), and there is no drawing. */
const BLANK = 0.05;

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
  const drawing = cropped(inkOf(isImageData(source) ? source : pixelsOf(source)));
  const digit = new Float32Array(SIZE * SIZE);
  if (drawing === undefined) return digit;
  // Twice along x with a transposition between is once along each axis.
  const scale = BOX / Math.max(drawing.width, drawing.height);
  const small = shrunk(shrunk(drawing, scale), scale);
  const [x, y] = centreOfMass(small);
  const left = offset(x, small.width);
  const top = offset(y, small.height);
  const peak = strongest(small.data);
  small.data.forEach((ink, i) => {
    digit[(top + Math.floor(i / small.width)) * SIZE + left + (i % small.width)] = ink / peak;
  });
  return digit;
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

function strongest(data: Float32Array): number {
  return data.reduce((a, b) => Math.max(a, b), 0);
}

/** The bounding box of what is not faint; `undefined` where nothing is drawn. */
function cropped({ data, width, height }: Ink): Ink | undefined {
  const peak = strongest(data);
  if (peak < BLANK) return undefined;
  const ink = data.map((value) => (value < FAINT * peak ? 0 : value));
  let [left, right, top, bottom] = [width, 0, height, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (ink[y * width + x] === 0) continue;
      left = Math.min(left, x);
      right = Math.max(right, x + 1);
      top = Math.min(top, y);
      bottom = y + 1;
    }
  }
  const box = { data: new Float32Array((right - left) * (bottom - top)), width: right - left, height: bottom - top };
  for (let y = top; y < bottom; y++) {
    box.data.set(ink.subarray(y * width + left, y * width + right), (y - top) * box.width);
  }
  return box;
}

/** `ink` scaled along x by averaging areas, and transposed. */
function shrunk({ data, width, height }: Ink, scale: number): Ink {
  // A width that is whole but for rounding must not get a pixel more.
  const size = Math.max(1, Math.ceil(width * scale - 1e-6));
  const out = new Float32Array(size * height);
  for (let target = 0; target < size; target++) {
    const from = target / scale;
    const to = Math.min(width, (target + 1) / scale);
    for (let x = Math.floor(from); x < to; x++) {
      const share = (Math.min(to, x + 1) - Math.max(from, x)) * scale;
      for (let y = 0; y < height; y++) {
        out[target * height + y] = (out[target * height + y] ?? 0) + share * (data[y * width + x] ?? 0);
      }
    }
  }
  return { data: out, width: height, height: size };
}

/** The mean position of the ink; pixel i is at i. */
function centreOfMass({ data, width }: Ink): [number, number] {
  let [mass, x, y] = [0, 0, 0];
  data.forEach((ink, i) => {
    mass += ink;
    x += ink * (i % width);
    y += ink * Math.floor(i / width);
  });
  return [x / mass, y / mass];
}

/** Where the box begins so that `centre` comes to 14, but for what would be cut off. */
function offset(centre: number, size: number): number {
  return Math.min(Math.max(Math.round(SIZE / 2 - centre), 0), SIZE - size);
}
