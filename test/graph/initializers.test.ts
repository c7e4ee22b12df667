/** Initial values: their distributions, and their dependence on seed and name alone. */
import { describe, expect, test } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { randomStream } from '../../src/graph/random.ts';
import { fill, glorotUniform, heNormal, ones, truncatedNormal, zeros, type Initializer } from '../../src/index.ts';

function values(initializer: Initializer, name = 'W', seed = 0): number[] {
  return Array.from(initializer.values(randomStream(seed, name)));
}

function deviation(sample: readonly number[]): number {
  return Math.sqrt(sample.reduce((sum, x) => sum + x * x, 0) / sample.length);
}

test('constants', () => {
  expect(values(zeros([2, 2]))).toEqual([0, 0, 0, 0]);
  expect(values(ones([3]))).toEqual([1, 1, 1]);
  expect(values(fill([2], -1.5))).toEqual([-1.5, -1.5]);
  expect(values(fill([], 7))).toEqual([7]);
});

describe('distributions', () => {
  test('truncatedNormal: within two deviations', () => {
    const sample = values(truncatedNormal([100, 100], { stddev: 0.1 }));
    expect(Math.max(...sample.map(Math.abs))).toBeLessThan(0.2);
    expect(deviation(sample)).toBeCloseTo(0.08796, 2);
  });

  test('glorotUniform: ±√(6 / (fanIn + fanOut))', () => {
    const limit = Math.sqrt(6 / 300);
    const sample = values(glorotUniform([100, 200]));
    expect(Math.max(...sample)).toBeLessThan(limit);
    expect(Math.max(...sample)).toBeGreaterThan(0.99 * limit);
    expect(Math.min(...sample)).toBeLessThan(-0.99 * limit);
  });

  test('heNormal: a deviation of √(2 / fanIn)', () => {
    expect(deviation(values(heNormal([200, 100])))).toBeCloseTo(0.1, 2);
    expect(deviation(values(heNormal([5, 5, 8, 100])))).toBeCloseTo(0.1, 2);
  });

  test('seed and name decide', () => {
    const W = truncatedNormal([5]);
    expect(values(W)).toEqual(values(W));
    expect(values(W, 'V')).not.toEqual(values(W));
    expect(values(W, 'W', 1)).not.toEqual(values(W));
  });
});

test('an invalid deviation is refused', () => {
  expect(() => truncatedNormal([2], { stddev: NaN })).toThrow(UsageError);
  expect(() => truncatedNormal([2], { stddev: -1 })).toThrow(/stddev is -1; give a finite number from 0 on/);
});
