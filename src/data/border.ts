/**
 * The border of an image, which shows its paper, and the lightness of pixels.
 */
import type { RowShape } from './resample.ts';

/** The indices of the pixels along the border; corners come twice. */
export function borderOf(height: number, width: number): number[] {
  const rows = Array.from({ length: width }, (_, x) => [x, (height - 1) * width + x]);
  const columns = Array.from({ length: height }, (_, y) => [y * width, (y + 1) * width - 1]);
  return [...rows, ...columns].flat();
}

/** The luma of pixel `i` of a row (ITU-R BT.601), whatever its opacity. */
export function lumaAt(row: ArrayLike<number>, channels: number, i: number): number {
  const at = (channel: number): number => row[i * channels + channel] ?? 0;
  return channels < 3 ? at(0) : 0.299 * at(0) + 0.587 * at(1) + 0.114 * at(2);
}

/** Tests whether a row shows light paper: the median luma of its border is above half of `white`. */
export function isLight(row: ArrayLike<number>, [height, width, channels]: RowShape, white: number): boolean {
  const luma = borderOf(height, width).map((i) => lumaAt(row, channels, i));
  return (luma.toSorted((a, b) => a - b)[luma.length >> 1] ?? 0) > white / 2;
}
