/** The order of a product's sums: by shapes alone. */
import { expect, it } from 'vitest';
import { matmul, placeholder } from '../../../src/index.ts';
import { largestDivisor, runsOf, splitProduct, splitsOf, sumLength } from '../../../src/webgpu/lower/split-k.ts';

const product = (K: number) => matmul(placeholder('a', [3, K]), placeholder('b', [K, 2]));

it('a sum of up to 1,024 terms is one run; a longer one is made in runs of about its square root', () => {
  expect(runsOf(product(1024))).toEqual({ RUNS: 1, RUN: 1024 });
  expect(runsOf(product(1025))).toEqual({ RUNS: 5, RUN: 240 });
  expect(runsOf(product(100_000))).toEqual({ RUNS: 209, RUN: 480 });
});

it('runs cover every term', () => {
  for (const K of [1, 7, 1024, 1025, 5000, 60_000, 1e6]) {
    const { RUNS, RUN } = runsOf(product(K));
    expect(RUNS * RUN).toBeGreaterThanOrEqual(K);
    expect((RUNS - 1) * RUN).toBeLessThan(K);
  }
});

it('a split product has a partial product for each split, and the same number of terms in all', () => {
  const split = splitProduct(product(6000), 5);
  expect(split.shape).toEqual([5, 3, 2]);
  expect([splitsOf(split), sumLength(split)]).toEqual([5, 6000]);
  expect(runsOf(split)).toEqual(runsOf(product(1200)));
});

it('divides evenly', () => {
  expect([largestDivisor(12, 5), largestDivisor(7, 5), largestDivisor(5, 5)]).toEqual([4, 1, 5]);
});
