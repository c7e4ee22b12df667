/**
 * Data sets made of others: map, filter, concat, split by shares and by class, normalize, batches.
 */
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { Dataset } from '../../src/data/index.ts';
import { DataError, UsageError } from '../../src/errors.ts';

/** `n` rows of `[i, i + 0.5]`, row i of class i mod 3. */
const numbered = (n: number, name = 'numbered'): Dataset =>
  Dataset.from({
    features: Float32Array.from({ length: 2 * n }, (_, i) => i / 2),
    labels: Array.from({ length: n }, (_, i) => i % 3),
    classes: ['a', 'b', 'c'],
    name,
  });
const bytes = Dataset.from({
  features: Uint8Array.from({ length: 5 * 4 }, (_, i) => i * 10),
  labels: [0, 1, 0, 1, 1],
  shape: [2, 2, 1],
});
const firsts = ({ images: { values, rowSize } }: Dataset): number[] =>
  Array.from(values).filter((_, i) => i % rowSize === 0);
const labels = (set: Dataset): number[] => Array.from(set.labels.values);

describe('map', () => {
  it('changes the features of each row, and keeps labels, classes and name', () => {
    const set = numbered(4).map((row, i) => row.map((value) => 10 * value + i));
    expect(set.images.values).toEqual(Float32Array.of(0, 5, 11, 16, 22, 27, 33, 38));
    expect(set).toMatchObject({ size: 4, imageShape: [2], classes: ['a', 'b', 'c'], name: 'numbered' });
    expect(labels(set)).toEqual([0, 1, 2, 0]);
    expect(firsts(numbered(4))).toEqual([0, 1, 2, 3]);
  });

  it('gets bytes as 0…1; the bytes it returns are pixels', () => {
    const inverted = bytes.map((row) => row.map((value) => 1 - value));
    expect(inverted.images.format).toBe('float32');
    expect(inverted.images.row(4)[3]).toBeCloseTo(1 - 190 / 255, 6);
    const same = bytes.map((row) => Uint8ClampedArray.from(row, (value) => value * 255));
    expect(same.images).toMatchObject({ format: 'uint8', values: bytes.images.values });
    expect(same.imageShape).toEqual([2, 2, 1]);
  });

  it('changes the shape if it is given, from rows in any form', () => {
    const sums = bytes.map((row) => [row.reduce((a, b) => a + b)], { shape: [1] });
    expect([sums.imageShape, sums.images.shape]).toEqual([[1], [5, 1]]);
    expect(sums.images.row(0)[0]).toBeCloseTo(60 / 255, 6);
    expect(bytes.map((row) => [[...row], [...row]], { shape: [2, 4, 1] }).imageShape).toEqual([2, 4, 1]);
    expect(bytes.map((row) => row, { shape: [4] }).imageShape).toEqual([4]);
    expect(() => bytes.map((row) => row.subarray(1))).toThrow(
      "map: the result for row 0 of 'dataset': 3 values do not make a row of 4. Give rows of 4 values, or the `shape` of other rows.",
    );
  });

  it('refuses what does not make rows', () => {
    const set = numbered(3);
    expect(() => set.map((row, i) => (i === 2 ? [NaN, 1] : row))).toThrow(
      "'numbered', row 2, column 0: the feature is NaN",
    );
    expect(() => set.map((row, i) => (i === 1 ? Uint8Array.of(1, 2) : row))).toThrow(
      /row 1 of 'numbered': bytes and other/,
    );
    expect(() => set.map((row, i) => (i === 1 ? ['1', 2] : row) as never)).toThrow(
      /row 1 of 'numbered': found '1' where/,
    );
    for (const value of [undefined, null, Promise.resolve([1, 2]), 'ab', {}, [], 3])
      expect(() => set.map(() => value as never)).toThrow(DataError);
    for (const shape of [[0], [-2], [1.5], 2, 'a'])
      expect(() => set.map((row) => row, { shape: shape as never })).toThrow(UsageError);
  });
});

describe('filter', () => {
  it('keeps the rows that pass, by label, features or place; bytes stay bytes', () => {
    const set = numbered(9).filter(({ label }) => label !== 1);
    expect([firsts(set), labels(set), set.classes]).toEqual([[0, 2, 3, 5, 6, 8], [0, 2, 0, 2, 0, 2], ['a', 'b', 'c']]); // prettier-ignore
    expect(firsts(numbered(9).filter(({ features }) => (features[1] ?? 0) > 6))).toEqual([6, 7, 8]);
    expect(firsts(numbered(9).filter((_, i) => i % 4 === 0))).toEqual([0, 4, 8]);
    const odd = bytes.filter(({ label, target }) => label === 1 && target[1] === 1);
    expect(odd.images).toMatchObject({ format: 'uint8', rows: 3 });
    expect(odd.images.values).toEqual(Uint8Array.of(40, 50, 60, 70, 120, 130, 140, 150, 160, 170, 180, 190));
    expect(odd.imageShape).toEqual([2, 2, 1]);
    const regression = Dataset.from({ features: [1, 2, 3], targets: [0.5, 1.5, 2.5] });
    expect([...regression.filter(({ target }) => (target[0] ?? 0) > 1).labels.values]).toEqual([1.5, 2.5]);
  });

  it('refuses a test that none passes, or that returns something else', () => {
    expect(() => numbered(3).filter(() => false)).toThrow("filter(test): no row of 'numbered' passes.");
    expect(() => numbered(3).filter((() => Promise.resolve(true)) as never)).toThrow(/result for row 0 is a Promise/);
    expect(() => Dataset.from({ features: [1], targets: [1] }).filter(({ label }) => label > 0)).toThrow(/has targets/);
  });
});

describe('concat', () => {
  it('joins rows, matching classes by name', () => {
    const other = Dataset.from({ features: [[9, 9], [8, 8]], labels: ['c', 'a'], classes: ['c', 'a'] }); // prettier-ignore
    const set = numbered(3).concat(other);
    expect([firsts(set), labels(set), set.classes]).toEqual([[0, 1, 2, 9, 8], [0, 1, 2, 2, 0], ['a', 'b', 'c']]); // prettier-ignore
    expect(set).toMatchObject({ size: 5, name: 'numbered' });
  });

  it('keeps bytes with bytes, and reads them as 0…1 beside floats', () => {
    const twice = bytes.concat(bytes);
    expect(twice.images).toMatchObject({ format: 'uint8', rows: 10 });
    expect([...twice.images.row(9)]).toEqual([...bytes.images.row(4)]);
    const floats = bytes.map((row) => row);
    for (const mixed of [bytes.concat(floats), floats.concat(bytes)]) {
      expect(mixed.images.format).toBe('float32');
      for (const i of [3, 8]) expect([...mixed.images.row(i)]).toEqual([...bytes.images.row(3)]);
    }
    const [a, b] = bytes.split(2);
    expect(a.concat(b).images.values).toEqual(bytes.images.values);
  });

  it('joins targets', () => {
    const [a, b] = [[1, 2], [3]].map((targets) => Dataset.from({ features: targets, targets })) as [Dataset, Dataset];
    expect([...a.concat(b).labels.values]).toEqual([1, 2, 3]);
  });

  it('refuses other shapes, unknown classes, and targets beside classes', () => {
    expect(() => bytes.concat(numbered(3))).toThrow(
      "concat(other): 'dataset' has rows of [2, 2, 1] with classes, 'numbered' rows of [2] with classes.",
    );
    const other = (labels: readonly string[]): Dataset => Dataset.from({ features: [[1, 2]], labels, name: 'other' }); // prettier-ignore
    expect(() => numbered(3).concat(other(['d']))).toThrow(/'other' has the class 'd', which 'numbered' does not have/);
    const targets = Dataset.from({ features: [[1, 2]], targets: [[1, 2]] }); // prettier-ignore
    expect(() => targets.concat(other(['a']))).toThrow(/with 2 targets, 'other' rows of \[2\] with classes/);
  });
});

describe('split', () => {
  it('takes a share, rounded to whole rows, with no part empty', () => {
    const sizes = (n: number, share: number): number[] => numbered(n).split(share).map(({ size }) => size); // prettier-ignore
    expect([sizes(10, 0.8), sizes(7, 0.5), sizes(3, 0.01), sizes(3, 0.99), sizes(10, 1)]).toEqual([
      [8, 2],
      [4, 3],
      [1, 2],
      [2, 1],
      [1, 9],
    ]);
    expect(firsts(numbered(10).split(0.8)[1])).toEqual([8, 9]);
    for (const n of [0, -0.5, 1.5, NaN, 10]) expect(() => numbered(10).split(n)).toThrow(UsageError);
    expect(() => numbered(1).split(0.5)).toThrow('There are too few rows');
  });

  it('shuffles by a seed, the same each time', () => {
    const set = numbered(20);
    const [first, rest] = set.split(0.5, { seed: 4 });
    expect([...firsts(first), ...firsts(rest)]).toEqual(firsts(set.shuffle(4)));
    expect(firsts(set.split(0.5, { seed: 4 })[0])).toEqual(firsts(first));
    expect(firsts(set.split(0.5, { seed: 5 })[0])).not.toEqual(firsts(first));
  });

  it('gives both parts the same share of each class, to a row', () => {
    const arbitrary = fc.tuple(
      fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 2, maxLength: 80 }),
      fc.double({ min: 0.01, max: 0.99, noNaN: true }),
      fc.option(fc.integer({ min: 0, max: 99 }), { nil: undefined }),
    );
    fc.assert(
      fc.property(arbitrary, ([ids, share, seed]) => {
        const set = Dataset.from({ features: ids.map((_, i) => i), labels: ids, classes: 5 });
        const [first, rest] = set.split(share, { stratify: true, seed });
        expect(first.size).toBe(set.split(share)[0].size);
        expect([...firsts(first), ...firsts(rest)].sort((a, b) => a - b)).toEqual(ids.map((_, i) => i));
        for (const part of [first, rest])
          for (const row of firsts(part)) expect(part.label(firsts(part).indexOf(row))).toBe(ids[row]);
        for (let id = 0; id < 5; id++) {
          const [own, all] = [labels(first), ids].map((list) => list.filter((one) => one === id).length) as [
            number,
            number,
          ];
          expect(Math.abs(own - (all * first.size) / ids.length)).toBeLessThan(1);
        }
        if (seed === undefined) expect(firsts(rest)).toEqual(firsts(rest).toSorted((a, b) => a - b));
      }),
      { numRuns: 100 },
    );
  });

  it('stratifies by an exact number of rows too, and keeps bytes', () => {
    const [first, rest] = bytes.split(2, { stratify: true });
    expect([labels(first), labels(rest)]).toEqual([[0, 1], [0, 1, 1]]); // prettier-ignore
    expect(rest.images).toMatchObject({ format: 'uint8', rows: 3 });
    expect(() => bytes.split(2, { stratify: 1 as never })).toThrow('split: `stratify` is 1; give true or false.');
    expect(() => bytes.split(2, { seed: -1 })).toThrow(UsageError);
  });
});

describe('normalize', () => {
  const set = Dataset.from({ features: [[1, 5, 0.1], [2, 5, 0.1], [6, 5, 0.1]], labels: [0, 1, 0] }); // prettier-ignore

  it('makes mean 0 and variance 1, and only centres constants', () => {
    const scaled = set.normalize();
    const deviation = Math.sqrt(14 / 3);
    [-2 / deviation, -1 / deviation, 3 / deviation].forEach((value, i) =>
      expect(scaled.images.row(i)[0]).toBeCloseTo(value, 6),
    );
    for (let i = 0; i < 3; i++) expect([...scaled.images.row(i).subarray(1)]).toEqual([0, 0]);
    expect(scaled.statistics.mean).toEqual(Float32Array.of(3, 5, 0.1));
    expect(scaled.statistics.stdDev).toEqual(Float32Array.of(deviation, 0, 0));
    expect([set.statistics, labels(scaled), scaled.imageShape]).toEqual([undefined, [0, 1, 0], [3]]);
    expect(set.images.row(0)[0]).toBe(1);
  });

  it('applies the statistics of another set', () => {
    const { statistics } = set.normalize();
    const test = Dataset.from({ features: [[3, 6, 0.1]], labels: [0] }).normalize(statistics); // prettier-ignore
    expect([...test.images.row(0)]).toEqual([0, 1, 0]);
    expect(test.statistics).toEqual(statistics);
    const lists = { mean: [1, 1, 1], stdDev: [2, 0, 4] };
    expect([...set.normalize(lists).images.row(2)]).toEqual([2.5, 4, Math.fround((Math.fround(0.1) - 1) / 4)]);
  });

  it('reads bytes as 0…1; parts keep the statistics, changed rows do not', () => {
    const scaled = bytes.normalize();
    expect(scaled.images.format).toBe('float32');
    expect(scaled.statistics.mean[0]).toBeCloseTo(80 / 255, 6);
    expect(
      [scaled.take(2), scaled.shuffle(1), scaled.split(2)[1], scaled.concat(scaled)].map((part) => part.statistics),
    ).toEqual(Array(4).fill(scaled.statistics));
    expect(scaled.map((row) => row).statistics).toBeUndefined();
  });

  test.each([1e-30, 1, 1e30])('is right to float32 for features of size %d far from 0', (scale) => {
    const rows = Array.from({ length: 1000 }, (_, i) => [scale * (1000 + (i % 7))]);
    const { images } = Dataset.from({ features: rows, labels: rows.map(() => 0) }).normalize();
    const values = Array.from(images.values);
    const mean = values.reduce((a, b) => a + b) / 1000;
    expect(Math.abs(mean)).toBeLessThan(1e-4);
    expect(values.reduce((sum, value) => sum + value ** 2, 0) / 1000).toBeCloseTo(1, 4);
  });

  it('refuses statistics that do not fit', () => {
    const good = { mean: [1, 1, 1], stdDev: [1, 1, 1] };
    for (const wrong of [
      undefined,
      null,
      1,
      {},
      { mean: [1, 1, 1] },
      { ...good, mean: [1, 1] },
      { ...good, stdDev: [1, -1, 1] },
      { ...good, mean: [1, NaN, 1] },
      { ...good, stdDev: [1, 1, Infinity] },
      { ...good, mean: 'abc' },
    ])
      // prettier-ignore
      expect(() => set.normalize(wrong as never)).toThrow(UsageError);
    expect(() => set.normalize({ ...good, stdDev: [1, 1e-45, 1] })).toThrow(
      "'dataset', row 0, column 1: the feature is Infinity",
    );
  });
});

describe('batches', () => {
  it('gives all rows once, in order, as often as it is called', () => {
    const set = numbered(7);
    for (let round = 0; round < 2; round++) {
      const all = [...set.batches(3)];
      expect(all.map(({ images, labels }) => [images.shape, labels.shape])).toEqual([
        [[3, 2], [3, 3]], [[3, 2], [3, 3]], [[1, 2], [1, 3]],
      ]); // prettier-ignore
      expect(all.flatMap(({ images }) => [...images.data])).toEqual([...set.images.values]);
      expect([...(all[2]?.labels.data ?? [])]).toEqual([1, 0, 0]);
    }
    expect([...set.batches(100)]).toHaveLength(1);
    for (const n of [0, -1, 1.5, NaN]) expect(() => set.batches(n)).toThrow(UsageError);
  });
});

test('sets that are made of others print, and do not change nextBatch of theirs', () => {
  const set = numbered(6);
  const before = [...numbered(6).nextBatch(4).images.data];
  const others = [set.map((row) => row), set.filter(() => true), set.concat(set), set.normalize(), ...set.split(0.5)];
  for (const other of others) {
    expect(String(other)).toBe(`Dataset('numbered', size=${other.size}, imageShape=[2], classes=3)`);
    other.nextBatch(1);
  }
  expect([...set.nextBatch(4).images.data]).toEqual(before);
});
