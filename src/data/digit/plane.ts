/**
 * Numbers on a grid and their statistics, shared by the steps from a picture to its ink.
 */

/** Numbers as a matrix, row-major. */
export interface Plane {
  readonly data: Float32Array<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
}

/** The standard deviation of normally distributed numbers, as a multiple of their median absolute value. */
export const DEVIATION = 1.4826;

/** The quantiles of `values` at shares of 0…1; NaN for no values. */
export function quantiles(values: Float32Array, shares: readonly number[]): number[] {
  const sorted = values.toSorted();
  return shares.map((share) => sorted[Math.min(values.length - 1, Math.floor(share * values.length))] ?? NaN);
}

/** The quantile of `values` at a share of 0…1; NaN for no values. */
export function quantile(values: Float32Array, share: number): number {
  return quantiles(values, [share])[0] ?? NaN;
}

/** About `most` of the values at even distances, or all of fewer. */
export function subsample(values: Float32Array, most: number): Float32Array {
  // An odd step does not stay in phase with patterns of 2, 4, 8, … pixels.
  const step = Math.floor(values.length / most / 2) * 2 + 1;
  if (step === 1) return values;
  const out = new Float32Array(Math.floor(values.length / step));
  for (let i = 0; i < out.length; i++) out[i] = values[i * step] ?? 0;
  return out;
}

/** Averages 3 × 3 pixels around each pixel; the border is repeated outside. */
export function blur(plane: Plane): Plane {
  return blurAndTranspose(blurAndTranspose(plane));
}

/** Averages along x, and transposes. */
function blurAndTranspose({ data, width, height }: Plane): Plane {
  const out = new Float32Array(data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      const value = data[i] ?? 0;
      const left = x > 0 ? (data[i - 1] ?? 0) : value;
      const right = x + 1 < width ? (data[i + 1] ?? 0) : value;
      out[x * height + y] = (left + value + right) / 3;
    }
  }
  return { data: out, width: height, height: width };
}

/**
 * Finds the threshold that best separates `values` of 0 or more in two classes, and the mean of the upper class.
 *
 * Source: N. Otsu, "A threshold selection method from gray-level histograms" (1979).
 */
export function otsu(values: Float32Array): { readonly threshold: number; readonly above: number } {
  const BINS = 128;
  const most = values.reduce((a, b) => Math.max(a, b), 0);
  const counts = new Float64Array(BINS);
  for (const value of values) {
    const bin = Math.floor((Math.max(0, value) / most) * (BINS - 1));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  const total = values.length;
  const mean = counts.reduce((sum, count, bin) => sum + count * bin, 0);
  let [below, sum, best, threshold, above] = [0, 0, -1, 0, most];
  counts.forEach((count, bin) => {
    below += count;
    sum += count * bin;
    if (below === 0 || below === total) return;
    const spread = (mean * below - sum * total) ** 2 / (below * (total - below));
    if (spread <= best) return;
    best = spread;
    threshold = ((bin + 1) / BINS) * most;
    above = ((mean - sum) / (total - below) / (BINS - 1)) * most;
  });
  return { threshold, above };
}
