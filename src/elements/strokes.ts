/** What a pen leaves on the pad: strokes of points, shown as SVG paths and read as MNIST's pixels. */
import { digitFrom } from '../data/index.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** The drawing's own coordinates: a square of this side, of which the pen is a twelfth wide. */
export const SIDE = 280;
export const PEN = 23;
/** Pixels in a row of MNIST's pictures. */
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

/** What is drawn, as MNIST would have it. */
export function rasterize(strokes: readonly Point[][]): Float32Array {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = SIDE;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (context === null) return new Float32Array(PIXELS * PIXELS);
  context.lineWidth = PEN;
  context.lineCap = context.lineJoin = 'round';
  context.stroke(new Path2D(strokes.map(pathOf).join('')));
  return digitFrom(canvas);
}
