/**
 * The light on a picture's paper: a smooth surface fitted to the pixels that are not ink.
 */
import { DEVIATION, quantile } from './plane.ts';

/** The degree of the surface in each round of the fit, which begins with the median. */
const ROUNDS = [1, 1, 1, 2, 2, 2, 4, 4, 4];
/**
 * The number of paper's standard deviations from the surface at which a pixel's weight is 0. It is below the usual 4.685, since
 * printed lines are many and close to paper.
 */
const REACH = 3;
/** The number of monomials up to the highest degree. */
const TERMS = 15;
/** The number of pixels that the surface is fitted to. */
const SAMPLES = 600;

/** The coordinate of a pixel along an axis, −1…1. */
const coordinate = (i: number, size: number): number => (size > 1 ? (2 * i) / (size - 1) - 1 : 0);

/** The monomials of x and y, by rising degree. */
function powersAt(x: number, y: number): number[] {
  const [xx, yy] = [x * x, y * y];
  const [xxx, xy, yyy] = [xx * x, x * y, yy * y];
  return [1, x, y, xx, xy, yy, xxx, xx * y, x * yy, yyy, xx * xx, xxx * y, xx * yy, x * yyy, yy * yy];
}

/**
 * The brightness of paper at each pixel, by channel: a polynomial fitted by least squares, repeatedly, with less weight on pixels
 * further from it, so ink has none. Pixels that are mostly transparent are left out.
 *
 * Source: P. Holland, R. Welsch, "Robust regression using iteratively reweighted least-squares" (1977), with Tukey's bisquare.
 */
export function lightOf(
  channels: readonly Float32Array[],
  cover: Float32Array,
  width: number,
  height: number,
): Float32Array<ArrayBuffer>[] {
  const step = Math.max(1, Math.sqrt((width * height) / SAMPLES));
  const at: number[] = [];
  for (let y = step / 2; y < height; y += step) {
    for (let x = step / 2; x < width; x += step) {
      const index = Math.floor(y) * width + Math.floor(x);
      if ((cover[index] ?? 0) > 0.5) at.push(index);
    }
  }
  const powers = new Float64Array(TERMS * at.length);
  at.forEach((index, i) => {
    powers.set(powersAt(coordinate(index % width, width), coordinate(Math.floor(index / width), height)), TERMS * i);
  });
  const values = channels.map((channel) => Float32Array.from(at, (index) => channel[index] ?? 0));
  return fitRobustly(values, powers).map((factors) => surface(factors, width, height));
}

/** Fits the factors of the powers, `TERMS` a sample, for each channel. A sample has the weight of its worst channel. */
function fitRobustly(channels: readonly Float32Array[], powers: Float64Array): number[][] {
  let factors = channels.map((values) => [quantile(values, 0.5)]);
  const samples = powers.length / TERMS;
  const errors = new Float32Array(samples);
  for (const degree of ROUNDS) {
    errors.fill(0);
    channels.forEach((values, c) => {
      const known = factors[c] ?? [];
      for (let i = 0; i < samples; i++) {
        let rest = values[i] ?? 0;
        for (let term = 0; term < known.length; term++) rest -= (known[term] ?? 0) * (powers[TERMS * i + term] ?? 0);
        errors[i] = Math.max(errors[i] ?? 0, Math.abs(rest));
      }
    });
    const reach = REACH * Math.max(2, DEVIATION * quantile(errors, 0.5));
    const weights = errors.map((error) => Math.max(0, 1 - (error / reach) ** 2) ** 2);
    factors = leastSquares(powers, channels, weights, ((degree + 1) * (degree + 2)) / 2);
  }
  return factors;
}

/** Solves the normal equations for the factors of the first `terms` powers, for each channel. */
function leastSquares(
  powers: Float64Array,
  channels: readonly Float32Array[],
  weights: Float32Array,
  terms: number,
): number[][] {
  const rows = Array.from({ length: terms }, () => new Float64Array(terms + channels.length));
  weights.forEach((weight, sample) => {
    if (weight === 0) return;
    for (let i = 0; i < terms; i++) {
      const row = rows[i] ?? powers;
      const factor = weight * (powers[TERMS * sample + i] ?? 0);
      for (let j = i; j < terms; j++) row[j] = (row[j] ?? 0) + factor * (powers[TERMS * sample + j] ?? 0);
      for (let c = 0; c < channels.length; c++) {
        row[terms + c] = (row[terms + c] ?? 0) + factor * (channels[c]?.[sample] ?? 0);
      }
    }
  });
  rows.forEach((row, i) => {
    for (let j = 0; j < i; j++) row[j] = rows[j]?.[i] ?? 0;
    // Regularisation: a picture of one row, or of a single pixel, would have many solutions.
    row[i] = (row[i] ?? 0) * (1 + 1e-6) + 1e-6;
  });
  eliminate(rows);
  return channels.map((_, c) => rows.map((row, i) => (row[terms + c] ?? 0) / (row[i] ?? 1)));
}

/** Eliminates by Gauss and Jordan; the matrix is positive definite. */
function eliminate(rows: readonly Float64Array[]): void {
  rows.forEach((pivot, i) => {
    for (const row of rows) {
      if (row === pivot) continue;
      const share = (row[i] ?? 0) / (pivot[i] ?? 1);
      for (let k = i; k < row.length; k++) row[k] = (row[k] ?? 0) - share * (pivot[k] ?? 0);
    }
  });
}

function surface(factors: readonly number[], width: number, height: number): Float32Array<ArrayBuffer> {
  const out = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    // In one row it is a polynomial of x alone.
    const v = coordinate(y, height);
    const row = [0, 0, 0, 0, 0];
    let term = 0;
    for (let degree = 0; degree <= 4; degree++) {
      for (let i = 0; i <= degree; i++) row[degree - i] = (row[degree - i] ?? 0) + (factors[term++] ?? 0) * v ** i;
    }
    const [a = 0, b = 0, c = 0, d = 0, e = 0] = row;
    for (let x = 0; x < width; x++) {
      const u = coordinate(x, width);
      out[y * width + x] = a + u * (b + u * (c + u * (d + u * e)));
    }
  }
  return out;
}
