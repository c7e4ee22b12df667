/** Strokes of a pen on the pad: points, shown as SVG paths and read as pixels. */
import { fit, opacityOf } from '../data/digit/fit.ts';
import { MNIST } from '../data/preprocessing.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** The side of the drawing's square in its own coordinates, and the width of the pen, a twelfth of it. */
export const SIDE = 280;
export const PEN = 23;
/** Pixels in a row of MNIST's images. */
export const PIXELS = 28;

/** A stroke as an SVG path, rounded by curves through the midpoints of its points; a single point is a dot. */
export function pathOf(stroke: readonly Point[]): string {
  const [first, ...rest] = stroke;
  if (first === undefined) return '';
  let path = `M${first.x} ${first.y}`;
  let previous = first;
  for (const point of rest) {
    path += `Q${previous.x} ${previous.y} ${(previous.x + point.x) / 2} ${(previous.y + point.y) / 2}`;
    previous = point;
  }
  return `${path}L${previous.x} ${previous.y}`;
}

/** The drawing, black on a transparent canvas of {@link SIDE} pixels. */
export function rasterize(strokes: readonly Point[][]): ImageData {
  const context = contextOf(SIDE);
  if (context === null) return new ImageData(SIDE, SIDE);
  context.lineWidth = PEN;
  context.lineCap = context.lineJoin = 'round';
  context.stroke(new Path2D(strokes.map(pathOf).join('')));
  return context.getImageData(0, 0, SIDE, SIDE);
}

/** A drawing, fitted and centred like MNIST's images. */
export function digitOf(drawing: ImageData): Float32Array {
  return fit(opacityOf(drawing), [PIXELS, PIXELS], MNIST.handwriting);
}

/** Numbers of 0…1, row by row, as an image of light on dark. */
export function imageOf(pixels: ArrayLike<number>): ImageData {
  const image = new ImageData(PIXELS, PIXELS);
  for (let i = 0; i < image.data.length; i++) image.data[i] = i % 4 === 3 ? 255 : 255 * (pixels[i >> 2] ?? 0);
  return image;
}

/** The lightness of an image, as 28 × 28 numbers of 0…1. */
export function lightnessOf(image: ImageData): Float32Array {
  const [whole, small] = [contextOf(image.width, image.height), contextOf(PIXELS)];
  whole?.putImageData(image, 0, 0);
  if (whole) small?.drawImage(whole.canvas, 0, 0, PIXELS, PIXELS);
  const { data } = small?.getImageData(0, 0, PIXELS, PIXELS) ?? new ImageData(PIXELS, PIXELS);
  const at = (i: number): number => (data[i] ?? 0) / 255;
  return Float32Array.from({ length: PIXELS * PIXELS }, (_, i) => (at(4 * i) + at(4 * i + 1) + at(4 * i + 2)) / 3);
}

function contextOf(width: number, height = width): CanvasRenderingContext2D | null {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  return canvas.getContext('2d', { willReadFrequently: true });
}
