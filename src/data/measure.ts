/**
 * Measurement of a data set's preparation from its images, if it is not stated.
 */
import { borderOf, lumaAt } from './border.ts';
import type { Dataset } from './dataset.ts';
import type { Handwriting, Preprocessing } from './preprocessing.ts';
import type { RowShape } from './resample.ts';

/** The number of images measured, at even distances in the set. */
const SAMPLES = 200;
/** The largest distance of paper from black (0) or white (1). */
const NEAR = 0.1;
/** The share of pixels, or of images, that decides. */
const MOST = 0.75;

/**
 * Measures light or dark ink, if three quarters of the pixels along the images' borders are paper; and the placement of the ink,
 * if it is the same in three quarters of the images.
 */
export function measure(dataset: Dataset): Preprocessing {
  const [height, width, channels = 1] = dataset.imageShape as Partial<RowShape> & readonly [number, number];
  const images = samplesOf(dataset).map((row) =>
    Array.from({ length: height * width }, (_, i) => lumaAt(row, channels, i)),
  );
  const border = images.flatMap((luma) => borderOf(height, width).map((i) => luma[i] ?? NaN));
  const most = (test: (value: number) => boolean): boolean => border.filter(test).length >= MOST * border.length;
  if (most((value) => value <= NEAR))
    return { background: 'black', ink: 'light', drawing: commonPlacement(images, [height, width]) };
  if (!most((value) => value >= 1 - NEAR)) return { background: 'white' };
  const inks = images.map((luma) => luma.map((value) => 1 - value));
  return { background: 'white', ink: 'dark', drawing: commonPlacement(inks, [height, width]) };
}

function samplesOf({ size, images }: Dataset): Float32Array[] {
  const step = Math.ceil(size / SAMPLES);
  return Array.from({ length: Math.ceil(size / step) }, (_, i) => images.row(i * step));
}

/** The ink of an image, in pixels: the longer side of its bounding box, and the distances of its two centres from the middle. */
interface Placement {
  readonly side: number;
  readonly mass: number;
  readonly box: number;
}

/** The box and centre that most images share, to a pixel (of 28). */
function commonPlacement(
  images: readonly number[][],
  [height, width]: readonly [number, number],
): Handwriting | undefined {
  const placements = images.map((ink) => placementOf(ink, height, width)).filter((one) => one !== undefined);
  const near = Math.max(height, width) / 28;
  const share = (test: (one: Placement) => boolean): number => placements.filter(test).length / images.length;
  const sides = placements.map(({ side }) => side).sort((a, b) => a - b);
  const box = sides[sides.length >> 1] ?? 0;
  const [mass, middle] = [share((one) => one.mass <= near), share((one) => one.box <= near)];
  if (share(({ side }) => Math.abs(side - box) <= near) < MOST || Math.max(mass, middle) < MOST) return undefined;
  return { box: Math.min(box, height, width), centre: mass >= middle ? 'mass' : 'box' };
}

function placementOf(ink: readonly number[], height: number, width: number): Placement | undefined {
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
