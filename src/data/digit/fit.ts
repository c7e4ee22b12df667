/**
 * Puts ink in its place: scaled to a box, its proportions kept and areas averaged, and centred in an image.
 */
import type { Handwriting } from '../preprocessing.ts';

/** Ink as a matrix, row-major: 0 is paper, 1 the strongest. */
export interface Ink {
  readonly data: Float32Array<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
}

/** Opacity as ink: of strokes on a clear ground, of whatever colour. `data` has four bytes a pixel. */
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

/** Weaker than this at its strongest, and there is no drawing. */
const BLANK = 0.05;
/** Below this share of the strongest ink it is paper. */
const FAINT = 0.1;

/**
 * The ink's bounding box scaled so that its longer side has `box` pixels, and placed so that its centre comes to the middle of
 * an image of `height × width`, to the nearest pixel; the strongest pixel 1.
 *
 * @returns `height × width` values of 0…1, row by row; all 0 where there is no ink
 */
export function fit(
  ink: Ink,
  [height, width]: readonly [number, number],
  { box, centre }: Handwriting,
): Float32Array<ArrayBuffer> {
  const image = new Float32Array(height * width);
  const drawing = cropped(ink);
  if (drawing === undefined) return image;
  // Twice along x with a transposition between is once along each axis.
  const scale = box / Math.max(drawing.width, drawing.height);
  const small = shrunk(shrunk(drawing, scale), scale);
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

/** The bounding box of what is not faint; `undefined` where nothing is drawn. */
function cropped({ data, width, height }: Ink): Ink | undefined {
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

/** `ink` scaled along x by averaging areas, and transposed. */
function shrunk({ data, width, height }: Ink, scale: number): Ink {
  // A width that is whole but for rounding must not get a pixel more.
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

/** The mean position of the ink; pixel i is at i. */
function centreOfMass({ data, width }: Ink): [number, number] {
  let [mass, x, y] = [0, 0, 0];
  data.forEach((ink, i) => {
    mass += ink;
    x += ink * (i % width);
    y += ink * Math.floor(i / width);
  });
  return [x / mass, y / mass];
}

/** Where a box of `size` begins so that `centre` comes to the middle of `room`, but for what would be cut off. */
function offset(centre: number, size: number, room: number): number {
  return Math.min(Math.max(Math.round(room / 2 - centre), 0), room - size);
}
