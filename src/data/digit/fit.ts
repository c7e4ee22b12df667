/**
 * Fitting of ink into an image: scaled to a box with its proportions, by averaging areas, and centred.
 */
import type { Handwriting } from '../preprocessing.ts';

/** Ink as a matrix, row-major: 0 is paper, 1 the strongest. */
export interface Ink {
  readonly data: Float32Array<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
}

/** The opacity of strokes on a transparent ground, as ink. `data` has four bytes a pixel. */
export function opacityOf(pixels: {
  readonly data: ArrayLike<number>;
  readonly width: number;
  readonly height: number;
}): Ink {
  const { data, width, height } = pixels;
  const ink = new Float32Array(width * height);
  for (let i = 0; i < ink.length; i++) ink[i] = (data[4 * i + 3] ?? 0) / 255;
  return { data: ink, width, height };
}

/** A drawing is blank if its strongest ink is weaker than this. */
const BLANK = 0.05;
/** Ink below this share of the strongest is paper. */
const FAINT = 0.1;

/**
 * Scales the ink's bounding box to a longer side of `box` pixels and centres it in an image of `height × width`, to the nearest
 * pixel. The strongest pixel is 1.
 *
 * @returns `height × width` values of 0…1, row by row; all 0 without ink
 */
export function fit(
  ink: Ink,
  [height, width]: readonly [number, number],
  { box, centre }: Handwriting,
): Float32Array<ArrayBuffer> {
  const image = new Float32Array(height * width);
  const drawing = crop(ink);
  if (drawing === undefined) return image;
  // Each call scales along x and transposes: two calls scale both axes.
  const scale = box / Math.max(drawing.width, drawing.height);
  const small = scaleAndTranspose(scaleAndTranspose(drawing, scale), scale);
  const [x, y] = centre === 'mass' ? centreOfMass(small) : [small.width / 2, small.height / 2];
  const left = offset(x, small.width, width);
  const top = offset(y, small.height, height);
  const peak = strongest(small.data);
  small.data.forEach((value, i) => {
    image[(top + Math.floor(i / small.width)) * width + left + (i % small.width)] = value / peak;
  });
  return image;
}

function strongest(data: Float32Array): number {
  return data.reduce((a, b) => Math.max(a, b), 0);
}

/** Crops ink to the bounding box of its strong pixels; `undefined` for a blank drawing. */
function crop({ data, width, height }: Ink): Ink | undefined {
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

/** Scales ink along x by averaging areas, and transposes it. */
function scaleAndTranspose({ data, width, height }: Ink, scale: number): Ink {
  // Rounding must not add a pixel to a whole width.
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

/** The mean position of the ink, in pixel indices. */
function centreOfMass({ data, width }: Ink): [number, number] {
  let [mass, x, y] = [0, 0, 0];
  data.forEach((ink, i) => {
    mass += ink;
    x += ink * (i % width);
    y += ink * Math.floor(i / width);
  });
  return [x / mass, y / mass];
}

/** The offset of a box of `size` with its `centre` in the middle of `room`, moved as far as needed to lie inside. */
function offset(centre: number, size: number, room: number): number {
  return Math.min(Math.max(Math.round(room / 2 - centre), 0), room - size);
}
