/**
 * Straight lines that are not ink: those printed on squared and ruled paper, and frames around a field.
 */
import { type Plane, quantiles, subsample } from './plane.ts';

/** The margin in which frames lie, and their largest width, as shares of the picture's sides. */
const MARGIN = 0.1;
const WIDEST = 0.035;

/** The number of dark lines from which they are not strokes of a digit. */
const MANY = 4;

/**
 * Subtracts lines through whole rows, then columns, from `ink` on paper with `noise`. These are lines that are lighter than
 * `strongest`, or many; ink across them stays. In the margins, single lines as strong as ink are cleared too.
 */
export function withoutLines(ink: Plane, strongest: number, noise: number): Plane {
  return clearRows(clearRows(ink, strongest, noise), strongest, noise);
}

/** Subtracts lines along x, and transposes. */
function clearRows({ data, width, height }: Plane, strongest: number, noise: number): Plane {
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
 * The strength of a line along a row: four fifths of its pixels have at least this, which ink never does. Noise lowers that
 * quantile, by 0.84 deviations in a normal distribution, which are added again. A row of a few pixels has none.
 */
function lineIn(row: Float32Array, noise: number): number {
  if (row.length < 8) return 0;
  const [least = 0, low = 0, most = 0] = quantiles(subsample(row, 80), [0.1, 0.2, 0.4]);
  return Math.max(0, low + Math.min(0.84 * noise, 0.6 * (most - least)));
}

/** Rows of a frame, marked by 1: few neighbours, near the border, in which most pixels have ink. */
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
