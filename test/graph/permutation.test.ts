/**
 * The permutation: one to one, and as good as random.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { epochKey, feistelBits, mix32, permute } from '../../src/graph/permutation.ts';

const orderOf = (n: number, key: number): number[] => Array.from({ length: n }, (_, i) => permute(i, n, key));

describe('permute', () => {
  it.each([1, 2, 3, 7, 100, 257, 55_000])('is one to one on [0, %i)', (n) => {
    for (const key of [0, 1, 0xffffffff, epochKey(7, 3)]) {
      const seen = new Set(orderOf(n, key));
      expect(seen.size).toBe(n);
      expect(Math.max(...seen)).toBe(n - 1);
      expect(Math.min(...seen)).toBe(0);
    }
  });

  it('stays in range at the largest n, one to one as far as one can look', () => {
    const n = 2 ** 31;
    const seen = new Set<number>();
    for (let i = 0; i < 1000; i++) seen.add(permute(n - 1 - i, n, 5));
    expect(seen.size).toBe(1000);
    for (const value of seen) expect(value >= 0 && value < n).toBe(true);
  });

  it('has golden values, which random.wgsl has to give too', () => {
    expect(orderOf(10, epochKey(0, 0))).toMatchInlineSnapshot(`
      [
        1,
        7,
        0,
        9,
        5,
        4,
        3,
        8,
        2,
        6,
      ]
    `);
    expect([0, 1, 54_999].map((i) => permute(i, 55_000, epochKey(42, 7)))).toMatchInlineSnapshot(`
      [
        26286,
        22388,
        894,
      ]
    `);
    expect(permute(123_456_789, 2 ** 31, 0xdeadbeef)).toMatchInlineSnapshot(`401520117`);
  });

  it('gives another order for another seed or epoch', () => {
    const keys = [epochKey(0, 0), epochKey(0, 1), epochKey(1, 0), epochKey(1, 1)];
    const [first, ...others] = keys.map((key) => orderOf(257, key));
    for (const other of others) {
      // Of two random orders of 257, one position agrees on average; 8 or more do so in 1 of 100,000 cases.
      expect(other.filter((value, i) => value === first?.[i]).length).toBeLessThan(8);
    }
  });

  it('puts every row at every place equally often, and neighbours apart', () => {
    const [n, keys] = [100, 10_000];
    const counts = Array.from({ length: n }, () => new Array<number>(n).fill(0));
    let neighbours = 0;
    for (let epoch = 0; epoch < keys; epoch++) {
      const order = orderOf(n, epochKey(3, epoch));
      order.forEach((value, i) => {
        const row = counts[i] ?? [];
        row[value] = (row[value] ?? 0) + 1;
        if (value === (order[i - 1] ?? NaN) + 1) neighbours++;
      });
    }
    const expected = keys / n;
    const chiSquared = counts.flat().reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    expect(chiSquared).toBeLessThan(10_400); // 9,801 degrees of freedom: 9,801 ± 140
    expect(Math.abs(neighbours / keys - 0.99)).toBeLessThan(0.05); // n − 1 pairs, each with probability 1/n
  });
});

describe('feistelBits', () => {
  it('is the smallest even width that holds n values', () => {
    const widths = [1, 2, 4, 5, 16, 17, 55_000, 65_536, 65_537, 2 ** 30, 2 ** 30 + 1, 2 ** 31].map(feistelBits);
    expect(widths).toEqual([2, 2, 2, 4, 4, 6, 16, 16, 18, 30, 32, 32]);
  });
});

describe('mix32', () => {
  it('flips each output bit with probability ½ when one input bit flips', () => {
    const flips = new Array<number>(32).fill(0);
    const tries = 2000;
    for (let i = 0; i < tries; i++) {
      const difference = mix32(i * 77_777) ^ mix32((i * 77_777) ^ (1 << (i % 32)));
      flips.forEach((count, bit) => (flips[bit] = count + ((difference >>> bit) & 1)));
    }
    for (const count of flips) expect(Math.abs(count / tries - 0.5)).toBeLessThan(0.06);
  });
});

describe('random.wgsl', () => {
  it('has the constants of permutation.ts', () => {
    const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
    const constants = (text: string): string[] => [...new Set(text.match(/0x[0-9a-f]{8}/g))].sort();
    expect(constants(read('../../shaders/random.wgsl'))).toEqual(constants(read('../../src/graph/permutation.ts')));
  });
});
