/**
 * Connected components of ink, and the choice of those that are the drawing.
 */
import type { Plane } from './plane.ts';

/** A rectangle of pixels; `right` and `bottom` are beyond it. */
export interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Connected pixels with their bounding box. */
interface Component extends Box {
  readonly pixels: readonly number[];
}

/**
 * Finds components of ink above `low` that are connected, diagonally too, with ink above `high`.
 *
 * Source: J. Canny, "A computational approach to edge detection" (1986): thresholding with hysteresis.
 */
export function componentsOf({ data, width, height }: Plane, low: number, high: number): Component[] {
  const seen = new Uint8Array(data.length);
  const components: Component[] = [];
  for (let start = 0; start < data.length; start++) {
    if (seen[start] === 1 || (data[start] ?? 0) <= high) continue;
    const pixels = [start];
    seen[start] = 1;
    let [left, right, top, bottom] = [width, 0, height, 0];
    for (const pixel of pixels) {
      const [x, y] = [pixel % width, Math.floor(pixel / width)];
      [left, right, top, bottom] = [
        Math.min(left, x),
        Math.max(right, x + 1),
        Math.min(top, y),
        Math.max(bottom, y + 1),
      ];
      for (let v = Math.max(0, y - 1); v < Math.min(height, y + 2); v++) {
        for (let u = Math.max(0, x - 1); u < Math.min(width, x + 2); u++) {
          const next = v * width + u;
          if (seen[next] === 1 || (data[next] ?? 0) <= low) continue;
          seen[next] = 1;
          pixels.push(next);
        }
      }
    }
    components.push({ pixels, left, right, top, bottom });
  }
  return components;
}

/** The drawing's components, without frames along the border and specks. A speck may be larger the further it lies away. */
export function drawingOf(components: readonly Component[], width: number, height: number): Component[] {
  const candidates = components
    .filter((component) => !isFrame(component, width, height))
    .sort((a, b) => b.pixels.length - a.pixels.length);
  const drawing: Component[] = [];
  for (const component of candidates) {
    const [main] = drawing;
    if (main === undefined) drawing.push(component);
    else {
      const size = Math.max(main.right - main.left, main.bottom - main.top);
      const gap = Math.min(...drawing.map((other) => gapBetween(component, other))) / size;
      if (component.pixels.length > main.pixels.length * Math.min(0.15, 0.015 + 0.1 * gap)) drawing.push(component);
    }
  }
  return drawing;
}

/** The bounding box of boxes. */
export function boxAround(boxes: readonly Box[]): Box {
  return boxes.reduce<Box>(
    (a, b) => ({
      left: Math.min(a.left, b.left),
      right: Math.max(a.right, b.right),
      top: Math.min(a.top, b.top),
      bottom: Math.max(a.bottom, b.bottom),
    }),
    { left: Infinity, right: 0, top: Infinity, bottom: 0 },
  );
}

function gapBetween(a: Box, b: Box): number {
  return Math.max(a.left - b.right, b.left - a.right, a.top - b.bottom, b.top - a.bottom, 0);
}

/** Tests whether a component runs along most of a side and lies in the margins alone. */
function isFrame({ pixels, left, right, top, bottom }: Component, width: number, height: number): boolean {
  if (Math.min(width, height) < 20 || (right - left < 0.8 * width && bottom - top < 0.8 * height)) return false;
  const margin = Math.ceil(0.1 * Math.min(width, height));
  const inside = pixels.filter((pixel) => {
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    return Math.min(x, width - 1 - x, y, height - 1 - y) >= margin;
  });
  return inside.length < 0.05 * pixels.length;
}
