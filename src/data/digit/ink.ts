/**
 * Tells ink from paper in a picture.
 */
import type { Ink } from './fit.ts';

type Picture = Pick<ImageData, 'data' | 'width' | 'height'>;

/** The ink of each pixel: opacity, or in an opaque image the largest difference of a channel from the border's colour. */
export function inkOf({ data: pixels, width, height }: Picture): Ink {
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
