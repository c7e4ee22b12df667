/**
 * The ink of a picture. For strokes on a transparent ground it is their opacity; for a drawing or a photograph it is the
 * difference from paper, without the light's gradient, printed lines, frames and specks.
 */
import { channelsOf, type Channels, pictureIn, type Pixels, stepOf } from './channels.ts';
import { type Ink, opacityOf } from './fit.ts';
import { lightOf } from './light.ts';
import { withoutLines } from './lines.ts';
import { boxAround, type Box, componentsOf, drawingOf } from './components.ts';
import { blur, DEVIATION, otsu, type Plane, quantile, quantiles, subsample } from './plane.ts';

/** The weakest ink, relative to paper. */
const FAINTEST = 0.035;
/** The least strength of ink, in standard deviations of the noise. */
const ABOVE_NOISE = 6;

/** A drawing smaller than this, in working pixels, is processed again at a finer resolution. */
const SMALL = 56;

/** The ink of a picture's pixels, 0…1, or of squares of pixels of a large one. */
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
  const smooth = rough.noise > FAINTEST / 4 && Math.min(width, height) > 100 ? blur(plane) : plane;
  const { noise, ink } = levelsOf(smooth);
  // If all of the ink was lines, their residue is not ink.
  if (ink < Math.max(FAINTEST, ABOVE_NOISE * noise, 0.3 * rough.ink)) return { data, width, height };
  const components = drawingOf(componentsOf(smooth, lowThreshold(smooth, noise, ink), ink / 2), width, height);
  if (components.length === 0) return { data, width, height };
  const box = boxAround(components);
  const size = Math.max(box.right - box.left, box.bottom - box.top);
  if (size < SMALL && stepOf(3 * size * step, 0) < step) return inkOf(crop(pixels, picture, box, size));
  const inked = Int32Array.from(components.flatMap(({ pixels }) => pixels));
  const strong = inked.filter((i) => (smooth.data[i] ?? 0) > ink / 2);
  const [median = 0, darkest = 0] = quantiles(
    Float32Array.from(strong, (i) => plane.data[i] ?? 0),
    [0.5, 0.995],
  );
  const most = Math.min(darkest, 1.5 * median);
  for (const i of inked) data[i] = Math.min(1, Math.max(0, (plane.data[i] ?? 0) / most));
  return { data, width, height };
}

/** Crops a picture to a box in working pixels, with `margin` more on each side. */
function crop({ data, width, height }: Pixels, { step, ...at }: Channels, box: Box, margin: number): Pixels {
  const left = Math.max(0, at.left + step * (box.left - margin));
  const right = Math.min(width, at.left + step * (box.right + margin));
  const top = Math.max(0, at.top + step * (box.top - margin));
  const bottom = Math.min(height, at.top + step * (box.bottom + margin));
  const cropped = new Uint8ClampedArray(4 * (right - left) * (bottom - top));
  for (let y = top; y < bottom; y++) {
    cropped.set(data.subarray(4 * (y * width + left), 4 * (y * width + right)), 4 * (y - top) * (right - left));
  }
  return { data: cropped, width: right - left, height: bottom - top };
}

interface Levels {
  /** The standard deviation of paper. */
  readonly noise: number;
  /** The strength of ink, without lines, stains and the edges of strokes. */
  readonly ink: number;
}

function levelsOf({ data }: Plane): Levels {
  const noise = DEVIATION * quantile(subsample(data, 1_500).map(Math.abs), 0.5);
  const marks = data.filter((value) => value > Math.max(4 * noise, FAINTEST / 2));
  if (marks.length === 0) return { noise, ink: 0 };
  // Dark specks on pencil must not decide: the darkest tenth is clamped.
  const most = quantile(subsample(marks, 1_500), 0.9);
  return { noise, ink: otsu(marks.map((value) => Math.min(value, most))).above };
}

/** The lowest threshold above the noise at which strokes do not spread into their surroundings. */
function lowThreshold({ data }: Plane, noise: number, ink: number): number {
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
 * The contrast of each pixel, from paper towards ink, relative to the light: the three channels' differences projected on their
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

/** The main direction of the differences: the first principal component, with more weight on large ones. */
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
