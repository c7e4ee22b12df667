/**
 * Straight lines that are no ink: those printed on squared and ruled paper, and frames round a field.
 */
import { type Plane, quantiles, some } from './plane.ts';

/** Frames lie within this share of the picture's sides, and are no wider than that. */
const MARGIN = 0.1;
const WIDEST = 0.035;

/** As many lines are no strokes of a digit, however dark. */
const MANY = 4;

/**
 * Takes out of `ink`, whose paper has `noise`, rows first, what runs through whole rows and columns: lines that are lighter
 * than `strongest` or many, by their own strength, so that ink across them stays; in the margins also single lines as strong
 * as ink.
 */
export function withoutLines(ink: Plane, strongest: number, noise: number): Plane {
  return rowsCleared(rowsCleared(ink, strongest, noise), strongest, noise);
}

/** Without lines along x, and transposed. */
function rowsCleared({ data, width, height }: Plane, strongest: number, noise: number): Plane {
  const out = new Float32Array(data.length);
  const frame = framesIn({ data, width, height }, strongest / 3);
  const lines = Float32Array.from({ length: height }, (_, y) =>
    lineIn(data.subarray(y * width, (y + 1) * width), noise),
  );
  const light = 0.6 * strongest;
  const dark = lines.filter((line, y) => line >= light && (lines[y - 1] ?? 0) < light).length;
  for (let y = 0; y < height; y++) {
    const line = (lines[y] ?? 0) < light || dark >= MANY ? (lines[y] ?? 0) : 0;
    const scale = strongest / Math.max(strongest - line, strongest / 4);
    for (let x = 0; x < width; x++) {
      out[x * height + y] = frame[y] === 1 ? 0 : ((data[y * width + x] ?? 0) - line) * scale;
    }
  }
  return { data: out, width: height, height: width };
}

/**
 * What four fifths of a row have at least, as no ink has; and what noise takes from that, which for a normal distribution is 0.84
 * deviations. A few pixels are no row.
 */
function lineIn(row: Float32Array, noise: number): number {
  if (row.length < 8) return 0;
  const [least = 0, low = 0, most = 0] = quantiles(some(row, 80), [0.1, 0.2, 0.4]);
  return Math.max(0, low + Math.min(0.84 * noise, 0.6 * (most - least)));
}

/** Which rows are of a frame: few beside each other, near the border, in which most pixels have ink. */
function framesIn({ data, width, height }: Plane, threshold: number): Uint8Array {
  const frame = new Uint8Array(height);
  const margin = Math.ceil(MARGIN * height);
  const widest = WIDEST * Math.min(width, height) + 1;
  const share = Float32Array.from({ length: height }, (_, y) => {
    let count = 0;
    for (let x = 0; x < width; x++) if ((data[y * width + x] ?? 0) > threshold) count++;
    return count / width;
  });
  for (let from = 0; from < height; from++) {
    let [to, most] = [from, 0];
    while (to < height && (share[to] ?? 0) > 0.25) most = Math.max(most, share[to++] ?? 0);
    if (most > 0.55 && to - from <= widest && (to <= margin || from >= height - margin)) {
      frame.fill(1, Math.max(0, from - 1), to + 1);
    }
    from = to;
  }
  return frame;
}
