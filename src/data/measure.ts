/**
 * What the images of a data set tell of how they were made, where nobody said.
 */
import { borderOf, lumaAt } from './border.ts';
import type { Dataset } from './dataset.ts';
import type { Handwriting, Preprocessing } from './preprocessing.ts';
import type { RowShape } from './resample.ts';

/** How many images are looked at, spread over the set. */
const SAMPLES = 200;
/** A pixel no further than this from black (0) or white (1) is paper. */
const NEAR = 0.1;
/** The share of pixels, or of images, that decides. */
const MOST = 0.75;

/**
 * Light or dark ink, where three quarters of the pixels along the images' borders are paper; and the place of the ink, where it
 * is alike in three quarters of the images.
 */
export function measure(dataset: Dataset): Preprocessing {
  const [height, width, channels = 1] = dataset.imageShape as Partial<RowShape> & readonly [number, number];
  const images = samplesOf(dataset).map((row) =>
    Array.from({ length: height * width }, (_, i) => lumaAt(row, channels, i)),
  );
  const border = images.flatMap((luma) => borderOf(height, width).map((i) => luma[i] ?? NaN));
  const most = (test: (value: number) => boolean): boolean => border.filter(test).length >= MOST * border.length;
  if (most((value) => value <= NEAR))
    return { background: 'black', ink: 'light', drawing: placeOf(images, [height, width]) };
  if (!most((value) => value >= 1 - NEAR)) return { background: 'white' };
  const inks = images.map((luma) => luma.map((value) => 1 - value));
  return { background: 'white', ink: 'dark', drawing: placeOf(inks, [height, width]) };
}

function samplesOf({ size, images }: Dataset): Float32Array[] {
  const step = Math.ceil(size / SAMPLES);
  return Array.from({ length: Math.ceil(size / step) }, (_, i) => images.row(i * step));
}

/** The ink of an image: how large its bounding box is, how far its centres lie from the middle, in pixels. */
interface Place {
  readonly side: number;
  readonly mass: number;
  readonly box: number;
}

/** The box and centre that most images share to a pixel (of 28). */
function placeOf(images: readonly number[][], [height, width]: readonly [number, number]): Handwriting | undefined {
  const places = images.map((ink) => placeIn(ink, height, width)).filter((place) => place !== undefined);
  const near = Math.max(height, width) / 28;
  const share = (test: (place: Place) => boolean): number => places.filter(test).length / images.length;
  const sides = places.map(({ side }) => side).sort((a, b) => a - b);
  const box = sides[sides.length >> 1] ?? 0;
  const [mass, middle] = [share((place) => place.mass <= near), share((place) => place.box <= near)];
  if (share(({ side }) => Math.abs(side - box) <= near) < MOST || Math.max(mass, middle) < MOST) return undefined;
  return { box: Math.min(box, height, width), centre: mass >= middle ? 'mass' : 'box' };
}

function placeIn(ink: readonly number[], height: number, width: number): Place | undefined {
  let [left, right, top, bottom, sum, x, y] = [width, 0, height, 0, 0, 0, 0];
  ink.forEach((value, i) => {
    const [column, line] = [i % width, Math.floor(i / width)];
    if (value <= NEAR) return;
    [left, right] = [Math.min(left, column), Math.max(right, column + 1)];
    [top, bottom] = [Math.min(top, line), Math.max(bottom, line + 1)];
    [sum, x, y] = [sum + value, x + value * column, y + value * line];
  });
  if (sum === 0) return undefined;
  const off = (a: number, b: number): number => Math.max(Math.abs(a - width / 2), Math.abs(b - height / 2));
  return {
    side: Math.max(right - left, bottom - top),
    mass: off(x / sum, y / sum),
    box: off((left + right) / 2, (top + bottom) / 2),
  };
}
