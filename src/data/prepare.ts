/**
 * Preparation of a picture like the rows of a data set, for loading, predicting and drawing alike.
 */
import { borderOf, isLight } from './border.ts';
import { fit, type Ink, opacityOf } from './digit/fit.ts';
import type { Handwriting, Preprocessing } from './preprocessing.ts';
import { type Pixels, rowOf, type RowShape } from './resample.ts';

/**
 * Prepares the row of a picture: `height × width × channels` bytes.
 *
 * - The ink of handwriting is found, scaled and centred; so are strokes on a transparent canvas, if `preprocessing` has `drawing`.
 * - Any other picture is stretched, and inverted if the data set's ink and the picture's paper are both light or both dark.
 * - An opaque picture of the same size and paper as the data set's stays as it is.
 */
export async function prepare(
  pixels: Pixels,
  shape: RowShape,
  preprocessing: Preprocessing,
): Promise<Uint8ClampedArray<ArrayBuffer>> {
  const { background, ink, resampling, handwriting, drawing } = preprocessing;
  const [height, width] = shape;
  const stretched = (): Uint8ClampedArray<ArrayBuffer> => rowOf(pixels, shape, background, resampling);
  const isInverse = (row: Uint8ClampedArray): boolean =>
    ink !== undefined && isLight(row, shape, 255) === (ink === 'light');
  if (pixels.height === height && pixels.width === width && isOpaque(pixels)) {
    const row = stretched();
    if (handwriting === undefined || !isInverse(row)) return row;
  }
  const strokes = handwriting ?? drawing;
  const inkMap = strokes && (strokesOn(pixels) ?? (handwriting && (await import('./digit/ink.ts')).inkOf(pixels)));
  if (strokes !== undefined && inkMap !== undefined) return rowOfInk(inkMap, shape, strokes, ink);
  const row = stretched();
  return isInverse(row) ? invert(row, shape) : row;
}

/** Fits ink into a row: light on dark paper, or dark on light. */
function rowOfInk(
  ink: Ink,
  shape: RowShape,
  handwriting: Handwriting,
  colour: Preprocessing['ink'] = 'dark',
): Uint8ClampedArray<ArrayBuffer> {
  const [height, width, channels] = shape;
  const values = fit(ink, [height, width], handwriting);
  return Uint8ClampedArray.from({ length: values.length * channels }, (_, i) => {
    if (channels % 2 === 0 && i % channels === channels - 1) return 255;
    const value = values[Math.floor(i / channels)] ?? 0;
    return 255 * (colour === 'light' ? value : 1 - value);
  });
}

function isOpaque({ data }: Pixels): boolean {
  for (let at = 3; at < data.length; at += 4) if (data[at] !== 255) return false;
  return true;
}

/**
 * The opacity of strokes of one colour on a transparent canvas. Returns `undefined` for other pictures: less than 90 % of the border
 * or 30 % of the whole is transparent, or the colours of opaque pixels differ by more than antialiasing makes them.
 */
function strokesOn(pixels: Pixels): Ink | undefined {
  const { data, width, height } = pixels;
  const border = borderOf(height, width);
  if (border.filter((i) => data[4 * i + 3] === 0).length < 0.9 * border.length) return undefined;
  const ink = opacityOf(pixels);
  const opacity = ink.data;
  if (opacity.reduce((count, alpha) => count + Number(alpha === 0), 0) < 0.3 * opacity.length) return undefined;
  const low = [255, 255, 255];
  const high = [0, 0, 0];
  opacity.forEach((alpha, i) => {
    if (alpha < 1) return;
    for (let channel = 0; channel < 3; channel++) {
      const value = data[4 * i + channel] ?? 0;
      low[channel] = Math.min(low[channel] ?? 0, value);
      high[channel] = Math.max(high[channel] ?? 0, value);
    }
  });
  return high.every((value, channel) => value - (low[channel] ?? 0) <= 16) ? ink : undefined;
}

/** Inverts colours; opacity stays. */
function invert(row: Uint8ClampedArray, [, , channels]: RowShape): Uint8ClampedArray<ArrayBuffer> {
  return Uint8ClampedArray.from(row, (value, i) =>
    channels % 2 === 0 && i % channels === channels - 1 ? value : 255 - value,
  );
}
