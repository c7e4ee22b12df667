/**
 * The light on a picture's paper: a smooth surface fitted to what is not ink.
 */
import { DEVIATION, quantile } from './plane.ts';

/** Degrees of the surface, each fitted from where the one before left off; and how often each. */
const DEGREES = [0, 1, 2, 4];
const ROUNDS = 2;
/** Monomials of the highest degree and lower ones. */
const TERMS = 15;
/** Pixels the surface is fitted to. */
const SAMPLES = 700;

/** Where a pixel lies, −1…1 along its axis. */
const place = (i: number, size: number): number => (size > 1 ? (2 * i) / (size - 1) - 1 : 0);

/** The monomials of x and y, those of lower degree first. */
function powersAt(x: number, y: number): number[] {
  const powers: number[] = [];
  for (let degree = 0; degree <= 4; degree++) for (let i = 0; i <= degree; i++) powers.push(x ** (degree - i) * y ** i);
  return powers;
}

/**
 * Paper's brightness at each pixel, of every channel: a polynomial fitted by least squares, repeatedly, with less weight to
 * what is further from it, so that ink has none. Pixels that are mostly clear are left out.
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
  const powers = Float64Array.from(
    at.flatMap((index) => powersAt(place(index % width, width), place(Math.floor(index / width), height))),
  );
  return channels.map((channel) => {
    const values = Float32Array.from(at, (index) => channel[index] ?? 0);
    return surface(fitted(values, powers), width, height);
  });
}

/** The factors of the powers, `TERMS` of which belong to each value. */
function fitted(values: Float32Array, powers: Float64Array): number[] {
  let factors = [quantile(values, 0.5)];
  const errors = new Float32Array(values.length);
  for (const degree of DEGREES) {
    for (let round = 0; round < ROUNDS; round++) {
      for (let i = 0; i < values.length; i++) {
        let rest = values[i] ?? 0;
        for (let term = 0; term < factors.length; term++)
          rest -= (factors[term] ?? 0) * (powers[TERMS * i + term] ?? 0);
        errors[i] = Math.abs(rest);
      }
      const reach = 4.685 * Math.max(1, DEVIATION * quantile(errors, 0.5));
      const weights = errors.map((error) => Math.max(0, 1 - (error / reach) ** 2) ** 2);
      factors = leastSquares(powers, values, weights, ((degree + 1) * (degree + 2)) / 2);
    }
  }
  return factors;
}

/** The factors of the first `terms` powers, by the normal equations. */
function leastSquares(powers: Float64Array, values: Float32Array, weights: Float32Array, terms: number): number[] {
  const rows = Array.from({ length: terms }, (_, i) => {
    const row = new Float64Array(terms + 1);
    for (let sample = 0; sample < values.length; sample++) {
      const factor = (weights[sample] ?? 0) * (powers[TERMS * sample + i] ?? 0);
      if (factor === 0) continue;
      for (let j = 0; j < terms; j++) row[j] = (row[j] ?? 0) + factor * (powers[TERMS * sample + j] ?? 0);
      row[terms] = (row[terms] ?? 0) + factor * (values[sample] ?? 0);
    }
    // A little of its own keeps a picture of one row, or of a single pixel, from having many solutions.
    row[i] = (row[i] ?? 0) * (1 + 1e-6) + 1e-6;
    return row;
  });
  return solved(rows);
}

/** Gauss's and Jordan's elimination; the matrix is positive definite. */
function solved(rows: readonly Float64Array[]): number[] {
  rows.forEach((pivot, i) => {
    for (const row of rows) {
      if (row === pivot) continue;
      const share = (row[i] ?? 0) / (pivot[i] ?? 1);
      pivot.forEach((value, k) => (row[k] = (row[k] ?? 0) - share * value));
    }
  });
  return rows.map((row, i) => (row[rows.length] ?? 0) / (row[i] ?? 1));
}

function surface(factors: readonly number[], width: number, height: number): Float32Array<ArrayBuffer> {
  const out = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    // In one row it is a polynomial of x alone.
    const v = place(y, height);
    const row = [0, 0, 0, 0, 0];
    let term = 0;
    for (let degree = 0; degree <= 4; degree++) {
      for (let i = 0; i <= degree; i++) row[degree - i] = (row[degree - i] ?? 0) + (factors[term++] ?? 0) * v ** i;
    }
    const [a = 0, b = 0, c = 0, d = 0, e = 0] = row;
    for (let x = 0; x < width; x++) {
      const u = place(x, width);
      out[y * width + x] = a + u * (b + u * (c + u * (d + u * e)));
    }
  }
  return out;
}
