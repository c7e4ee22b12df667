/**
 * A picture made into a row as those of a data set were made: the one way for loading, predicting and drawing.
 */
import { borderOf, isLight } from './border.ts';
import { fit, type Ink, opacityOf } from './digit/fit.ts';
import type { Handwriting, Preprocessing } from './preprocessing.ts';
import { type Pixels, rowOf, type RowShape } from './resample.ts';

/**
 * The row of a picture: `height × width × channels` bytes.
 *
 * - Handwriting: the ink is found, scaled and centred. So are strokes on a clear canvas, where `preprocessing` has a `drawing`.
 * - Else the picture is stretched, and inverted where the data set's ink is light and its paper is too, or both are dark.
 * - A picture of just the size, opaque, and with paper as the data set's stays as it is: it is one of them.
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
  const found = strokes && (strokesOn(pixels) ?? (handwriting && (await import('./digit/ink.ts')).inkOf(pixels)));
  if (strokes !== undefined && found !== undefined) return inked(found, shape, strokes, ink);
  const row = stretched();
  return isInverse(row) ? inverted(row, shape) : row;
}

/** Ink as a row: light on dark paper, or dark on light. */
function inked(
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
 * The opacity of strokes of one colour on a clear canvas. Nothing for other pictures: where less than 90 % of the border is
 * clear, or less than 30 % of the whole, or the colours of its opaque pixels differ by more than antialiasing makes them.
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

/** Light for dark; opacity stays. */
function inverted(row: Uint8ClampedArray, [, , channels]: RowShape): Uint8ClampedArray<ArrayBuffer> {
  return Uint8ClampedArray.from(row, (value, i) =>
    channels % 2 === 0 && i % channels === channels - 1 ? value : 255 - value,
  );
}
