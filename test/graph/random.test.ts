/**
 * Random numbers by counter: their distributions and their independence.
 */
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../src/graph/random.ts';

const count = 100_000;
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const uniforms = (seed: number, name: string): number[] => {
  const stream = randomStream(seed, name);
  return Array.from({ length: count }, (_, i) => stream.uniform(i));
};
const correlation = (a: readonly number[], b: readonly number[]): number => {
  const [ma, mb] = [mean(a), mean(b)];
  const product = (x: readonly number[], mx: number, y: readonly number[], my: number): number =>
    x.reduce((sum, value, i) => sum + (value - mx) * ((y[i] ?? 0) - my), 0);
  return product(a, ma, b, mb) / Math.sqrt(product(a, ma, a, ma) * product(b, mb, b, mb));
};

describe('uniform', () => {
  const values = uniforms(0, 'W');

  it('lies in [0, 1), also as float32, and is spread evenly', () => {
    const bins = new Array<number>(100).fill(0);
    for (const value of values) {
      expect(value >= 0 && value < 1 && Math.fround(value) === value).toBe(true);
      bins[Math.floor(value * 100)] = (bins[Math.floor(value * 100)] ?? 0) + 1;
    }
    const chiSquared = bins.reduce((sum, n) => sum + (n - count / 100) ** 2 / (count / 100), 0);
    expect(chiSquared).toBeGreaterThan(50); // 99 ± 14
    expect(chiSquared).toBeLessThan(160);
  });

  it('is a function of seed, name and place alone', () => {
    expect(uniforms(0, 'W')).toEqual(values);
    const golden = [randomStream(0, 'W').uniform(0), randomStream(1, 'b').uniform(5), randomStream(2, 'W').normal(9)];
    expect(golden).toMatchInlineSnapshot(`
      [
        0.7563197612762451,
        0.3315194249153137,
        1.070994182024151,
      ]
    `);
  });

  it('is uncorrelated with its neighbours, other seeds and other names', () => {
    for (const other of [values.slice(1).concat(0), uniforms(1, 'W'), uniforms(0, 'b'), uniforms(0, 'W2')]) {
      expect(Math.abs(correlation(values, other))).toBeLessThan(0.015); // standard error 0.003
    }
  });
});

describe('normal', () => {
  const stream = randomStream(0, 'W');
  const values = Array.from({ length: count }, (_, i) => stream.normal(i));

  it('is the standard normal distribution cut at two sigma', () => {
    expect(values.every((value) => Math.abs(value) < 2)).toBe(true);
    expect(Math.abs(mean(values))).toBeLessThan(0.012);
    // Variance of the truncated distribution: 1 − 4 φ(2) / (Φ(2) − Φ(−2)) = 0.7737
    expect(mean(values.map((value) => value * value))).toBeCloseTo(0.7737, 1.9);
    // Φ(1) − Φ(−1) over Φ(2) − Φ(−2) = 0.6827 / 0.9545
    expect(mean(values.map((value) => (Math.abs(value) < 1 ? 1 : 0)))).toBeCloseTo(0.7152, 1.9);
  });

  it('is independent of the uniform numbers and of its neighbours', () => {
    expect(Math.abs(correlation(values, uniforms(0, 'W')))).toBeLessThan(0.015);
    expect(Math.abs(correlation(values, values.slice(1).concat(0)))).toBeLessThan(0.015);
  });
});
