/**
 * The ink of a picture: what covers, of strokes on a clear ground; of a drawing or a photograph, what differs from paper once
 * the light, printed lines, frames and specks are taken away.
 */
import { channelsOf, type Channels, pictureIn, type Pixels, stepOf } from './channels.ts';
import { type Ink, opacityOf } from './fit.ts';
import { lightOf } from './light.ts';
import { withoutLines } from './lines.ts';
import { boxAround, type Box, drawingOf, partsOf } from './parts.ts';
import { blurred, DEVIATION, otsu, type Plane, quantile, quantiles, some } from './plane.ts';

/** Ink weaker than this, relative to paper, is none. */
const FAINTEST = 0.035;
/** Ink is this many standard deviations of the noise, or it is noise. */
const ABOVE_NOISE = 6;

/** A drawing that is smaller than this, in pixels worked on, is looked at again from nearer. */
const SMALL = 56;

/** The ink of each pixel of a picture, 0…1, or of squares of pixels of a large one. */
export function inkOf(pixels: Pixels): Ink {
  const picture = pictureIn(channelsOf(pixels));
  return picture ? inkOn(picture, pixels) : opacityOf(pixels);
}

function inkOn(picture: Channels, pixels: Pixels): Ink {
  const { width, height, step } = picture;
  const data = new Float32Array(width * height);
  let plane = contrastOf(picture);
  const rough = levelsOf(plane);
  if (rough.ink > 0) plane = withoutLines(plane, rough.ink, rough.noise);
  const smooth = rough.noise > FAINTEST / 4 && Math.min(width, height) > 100 ? blurred(plane) : plane;
  const { noise, ink } = levelsOf(smooth);
  // What is left of lines that made up all of the ink is none.
  if (ink < Math.max(FAINTEST, ABOVE_NOISE * noise, 0.3 * rough.ink)) return { data, width, height };
  const parts = drawingOf(partsOf(smooth, lowIn(smooth, noise, ink), ink / 2), width, height);
  if (parts.length === 0) return { data, width, height };
  const box = boxAround(parts);
  const size = Math.max(box.right - box.left, box.bottom - box.top);
  if (size < SMALL && stepOf(3 * size * step, 0) < step) return inkOf(partOf(pixels, picture, box, size));
  const inked = Int32Array.from(parts.flatMap(({ pixels }) => pixels));
  const strong = inked.filter((i) => (smooth.data[i] ?? 0) > ink / 2);
  const [median = 0, darkest = 0] = quantiles(
    Float32Array.from(strong, (i) => plane.data[i] ?? 0),
    [0.5, 0.995],
  );
  const most = Math.min(darkest, 1.5 * median);
  for (const i of inked) data[i] = Math.min(1, Math.max(0, (plane.data[i] ?? 0) / most));
  return { data, width, height };
}

/** The pixels of a box in what was worked on, and `margin` more on each side. */
function partOf({ data, width, height }: Pixels, { step, ...at }: Channels, box: Box, margin: number): Pixels {
  const left = Math.max(0, at.left + step * (box.left - margin));
  const right = Math.min(width, at.left + step * (box.right + margin));
  const top = Math.max(0, at.top + step * (box.top - margin));
  const bottom = Math.min(height, at.top + step * (box.bottom + margin));
  const part = new Uint8ClampedArray(4 * (right - left) * (bottom - top));
  for (let y = top; y < bottom; y++) {
    part.set(data.subarray(4 * (y * width + left), 4 * (y * width + right)), 4 * (y - top) * (right - left));
  }
  return { data: part, width: right - left, height: bottom - top };
}

interface Levels {
  /** The standard deviation of paper. */
  readonly noise: number;
  /** Of what is ink rather than lines, stains or the edges of strokes. */
  readonly ink: number;
}

function levelsOf({ data }: Plane): Levels {
  const noise = DEVIATION * quantile(some(data, 1_500).map(Math.abs), 0.5);
  const marks = data.filter((value) => value > Math.max(4 * noise, FAINTEST / 2));
  if (marks.length === 0) return { noise, ink: 0 };
  // Dark specks on pencil must not decide: the darkest count as no darker than a tenth of them are.
  const most = quantile(some(marks, 1_500), 0.9);
  return { noise, ink: otsu(marks.map((value) => Math.min(value, most))).above };
}

/** The lowest threshold above the noise at which strokes still are what they are, and do not run out into their surroundings. */
function lowIn({ data }: Plane, noise: number, ink: number): number {
  const above = (threshold: number): number => {
    let count = 0;
    for (const value of data) if (value > threshold) count++;
    return count;
  };
  const strong = above(ink / 2);
  let low = Math.max(0.1 * ink, 4 * noise);
  while (low < ink / 2 && above(low) > 2.5 * strong) low *= 1.25;
  return Math.min(low, ink / 2);
}

/**
 * How far each pixel is from paper towards ink, relative to the light: of the three channels' differences, the part along their
 * main direction.
 */
function contrastOf({ colours, cover, width, height }: Channels): Plane {
  const lights = lightOf(colours, cover, width, height);
  colours.forEach((colour, c) => {
    const light = lights[c] ?? colour;
    for (let i = 0; i < colour.length; i++) {
      const [share, paper] = [cover[i] ?? 0, light[i] ?? 0];
      light[i] = share > 0.5 ? (share * (paper - (colour[i] ?? 0))) / (Math.max(0, paper) + 64) : 0;
    }
  });
  const [red = cover, green = cover, blue = cover] = lights;
  const [r = 0, g = 0, b = 0] = mainDirection(red, green, blue);
  const data = red;
  let skew = 0;
  for (let i = 0; i < data.length; i++) {
    const value = r * (red[i] ?? 0) + g * (green[i] ?? 0) + b * (blue[i] ?? 0);
    data[i] = value;
    skew += value * value * value;
  }
  return { data: skew < 0 ? data.map((value) => -value) : data, width, height };
}

/** The direction in which the largest differences lie: the first principal component, large ones weighing more. */
function mainDirection(red: Float32Array, green: Float32Array, blue: Float32Array): number[] {
  let [rr, rg, rb, gg, gb, bb] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < red.length; i++) {
    const [r, g, b] = [red[i] ?? 0, green[i] ?? 0, blue[i] ?? 0];
    const weight = r * r + g * g + b * b;
    rr += weight * r * r;
    rg += weight * r * g;
    rb += weight * r * b;
    gg += weight * g * g;
    gb += weight * g * b;
    bb += weight * b * b;
  }
  let [r, g, b] = [0.6, 0.58, 0.55];
  for (let round = 0; round < 16; round++) {
    const next = [rr * r + rg * g + rb * b, rg * r + gg * g + gb * b, rb * r + gb * g + bb * b] as const;
    const length = Math.hypot(...next);
    if (length > 0) [r, g, b] = [next[0] / length, next[1] / length, next[2] / length];
  }
  return [r, g, b];
}
