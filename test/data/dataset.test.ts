/**
 * Data sets from the user's own numbers: columns, batches, views.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Dataset } from '../../src/data/dataset.ts';
import { DataError, UsageError } from '../../src/errors.ts';

/** `n` rows of `[i, i + 0.5]`, row i of class i mod 3. */
const numbered = (n: number): Dataset =>
  Dataset.from({
    features: Float32Array.from({ length: 2 * n }, (_, i) => i / 2),
    labels: Array.from({ length: n }, (_, i) => i % 3),
    classes: ['a', 'b', 'c'],
    name: 'numbered',
  });
const images = Dataset.from({
  features: Uint8Array.from({ length: 5 * 12 }, (_, i) => i * 4),
  labels: [0, 1, 0, 1, 1],
  shape: [2, 6, 1],
});
/** The rows that a batch of `numbered` holds. */
const rowsOf = (dataset: Dataset, n: number): number[] =>
  Array.from(dataset.nextBatch(n).images.data).filter((_, i) => i % 2 === 0);
const firstFeatures = ({ images: { values } }: Dataset): number[] => Array.from(values).filter((_, i) => i % 2 === 0);

describe('Dataset.from', () => {
  it('makes columns of one source', () => {
    const set = numbered(7);
    expect(set).toMatchObject({ name: 'numbered', size: 7, imageShape: [2], classes: ['a', 'b', 'c'] });
    expect(set.images).toMatchObject({ name: 'numbered images', format: 'float32', rows: 7, rowSize: 2, classes: 3 });
    expect(set.labels).toMatchObject({ name: 'numbered labels', format: 'labels', rows: 7, rowSize: 1, classes: 3 });
    expect(set.labels.values).toEqual(Int32Array.of(0, 1, 2, 0, 1, 2, 0));
    expect(set.images.source).toBe(set.labels.source);
    expect(set.images.source).toEqual({ name: 'numbered', columns: [set.images, set.labels] });
  });

  it('takes nested arrays, whose shape is that of the rows', () => {
    const rows = [[0, 0], [0, 1], [1, 0], [1, 1]]; // prettier-ignore
    const labels = [0, 1, 1, 0];
    const flat = Dataset.from({ features: rows.flat(), labels });
    for (const features of [rows, rows.map((row) => Float32Array.from(row))]) {
      const set = Dataset.from({ features, labels: Int32Array.from(labels) });
      expect(set.imageShape).toEqual([2]);
      expect(set.images.values).toEqual(flat.images.values);
    }
    const pictures = Dataset.from({ features: rows.map(([a = 0, b = 0]) => [[[a], [b]]]), labels });
    expect(pictures.imageShape).toEqual([1, 2, 1]);
    expect(() => Dataset.from({ features: [[0, 0], [1]], labels: [0, 1] })).toThrow(
      /features: nested arrays are ragged/,
    );
    expect(() => Dataset.from({ features: rows, labels: [0, 1, 1] })).toThrow(/8 features and 3 labels/);
    expect(() => Dataset.from({ features: rows, labels: [[1, 0], [0, 1]] })).toThrow(/8 features and 2 labels/); // prettier-ignore
    expect(() => Dataset.from({ features: [[0, '1']] as never, labels: [0] })).toThrow(/features: found '1'/);
  });

  it('keeps bytes as bytes, and takes an NDArray by its shape', () => {
    expect(images.images).toMatchObject({ format: 'uint8', rows: 5, rowSize: 12, classes: 2 });
    expect(images.classes).toEqual(['0', '1']);
    const data = Float32Array.from({ length: 24 }, (_, i) => i);
    const features = { data, shape: [2, 3, 4, 1], dtype: 'float32' } as const;
    expect(Dataset.from({ features, labels: Int32Array.of(1, 4) })).toMatchObject({ size: 2, imageShape: [3, 4, 1] });
    const bool = { data: Uint8Array.of(1, 0), shape: [2, 1], dtype: 'bool' } as const;
    expect(Dataset.from({ features: bool, labels: [0, 1] }).images.values).toEqual(Float32Array.of(1, 0));
  });

  it('reads bytes in every form as value/255, flags and other numbers unchanged', () => {
    const [labels, rows] = [[0, 1], [Uint8Array.of(0, 51), Uint8Array.of(102, 255)]]; // prettier-ignore
    const bytes = Uint8Array.of(0, 51, 102, 255);
    const clamped = Uint8ClampedArray.from(bytes);
    const [shape, dtype] = [[2, 2], 'uint8'] as const;
    const forms = [bytes, clamped, rows, rows.map((row) => [row]), rows.map((row) => Uint8ClampedArray.from(row))];
    for (const features of [...forms, { data: bytes, shape, dtype }, { data: clamped, shape, dtype }]) {
      const set = Dataset.from({ features, labels });
      expect(set.images).toMatchObject({ format: 'uint8', values: bytes });
      expect([...set.images.row(1)]).toEqual([Math.fround(102 / 255), 1]);
    }
    expect(Dataset.from({ features: { data: bytes, shape: [2, 1, 2, 1], dtype }, labels }).imageShape).toEqual([
      1, 2, 1,
    ]);
    const others = [Array.from(bytes), Int32Array.from(bytes), [Float32Array.of(0, 51), rows[1] ?? []]];
    for (const features of others) {
      expect(Dataset.from({ features, labels }).images.values).toEqual(Float32Array.from(bytes));
    }
  });

  it('copies its arguments', () => {
    const [features, labels, classes, shape] = [new Float32Array(4), Int32Array.of(0, 1), ['a', 'b'], [2]];
    const set = Dataset.from({ features, labels, classes, shape });
    features.fill(9);
    labels.fill(0);
    classes.push('c');
    shape.push(3);
    expect(set.images.values).toEqual(new Float32Array(4));
    expect(set.label(1)).toBe(1);
    expect([set.classes, set.imageShape]).toEqual([['a', 'b'], [2]]);
  });

  const ok = { features: new Float32Array(6), labels: [0, 1, 2], name: 'mine' };
  const faults: [string, Parameters<typeof Dataset.from>[0], string][] = [
    ['no rows', { features: [], labels: [] }, "'dataset' has no rows"],
    ['counts', { ...ok, labels: [0, 1, 0, 1] }, 'has 6 features and 4 labels: they do not make 4 rows. '],
    ['no features', { ...ok, features: [] }, 'has 0 features and 3 labels: they do not make 3 rows of [0]'],
    ['shape', { ...ok, shape: [2, 2] }, '6 features and 3 labels: they do not make 3 rows of [2, 2] = 4 elements'],
    ['high label', { ...ok, labels: [0, 2, 1], classes: ['a', 'b'] }, "'mine', row 1: the label is 2,"],
    ['negative label', { ...ok, labels: [0, 1, -1] }, "'mine', row 2: the label is -1,"],
    ['fraction', { ...ok, labels: [0.5, 1, 1] }, "'mine', row 0: the label is 0.5,"],
    ['NaN label', { ...ok, labels: Float32Array.of(0, NaN, 1) }, "'mine', row 1: the label is NaN,"],
    ['NaN', { ...ok, features: [0, 1, 2, 3, 4, NaN] }, "'mine', row 2, column 1: the feature is NaN"],
    [
      'too large a number',
      { ...ok, features: [0, 1, 1e39, 3, 4, 5] },
      "'mine', row 1, column 0: the feature is Infinity",
    ],
  ];
  it.each(faults)('refuses %s', (_, options, message) => {
    expect(() => Dataset.from(options)).toThrow(DataError);
    expect(() => Dataset.from(options)).toThrow(message);
  });

  it('refuses options that make no sense', () => {
    for (const options of [
      { shape: [2, 0] },
      { shape: [-2] },
      { shape: [1.5] },
      { classes: [] },
      { classes: 0 },
      { classes: NaN },
    ]) {
      expect(() => Dataset.from({ ...ok, ...options })).toThrow(UsageError);
    }
  });
});

describe('a column', () => {
  it('has the shape that placeholders take', () => {
    expect([images.images.shape, images.labels.shape]).toEqual([
      [5, 12],
      [5, 2],
    ]);
    expect([images.images.length, images.labels.length]).toEqual([5, 5]);
    expect(numbered(7).take(4).labels.shape).toEqual([4, 3]);
  });

  it('gives rows as they are fed: bytes as 0…1, floats as they are, labels one-hot', () => {
    const bytes = Array.from({ length: 12 }, (_, i) => Math.fround((i + 12) / 63.75));
    expect(images.images.row(1)).toEqual(Float32Array.from(bytes));
    expect(numbered(7).images.row(6)).toEqual(Float32Array.of(6, 6.5));
    expect(numbered(7).labels.row(6)).toEqual(Float32Array.of(1, 0, 0));
    expect(numbered(7).split(4)[1].labels.row(1)).toEqual(Float32Array.of(0, 0, 1));
  });

  it('gives copies', () => {
    const set = numbered(3);
    set.images.row(1).fill(9);
    expect(set.images.row(1)).toEqual(Float32Array.of(1, 1.5));
  });

  it.each([-1, 5, 1.5, NaN])('has no row %s', (i) => {
    for (const column of [images.images, images.labels])
      expect(() => column.row(i)).toThrow(
        new UsageError(`row(${i}): '${column.name}' has 5 rows; give a whole number from 0 to 4.`),
      );
  });
});

describe('nextBatch', () => {
  it('gives float32 rows and one-hot labels', () => {
    const { images: x, labels: y } = numbered(9).nextBatch(4);
    expect([x.shape, x.dtype, y.shape, y.dtype]).toEqual([[4, 2], 'float32', [4, 3], 'float32']);
    for (let i = 0; i < 4; i++) {
      const row = x.data[2 * i] ?? NaN;
      expect(x.data[2 * i + 1]).toBe(row + 0.5);
      expect(Array.from(y.data.subarray(3 * i, 3 * i + 3))).toEqual([0, 1, 2].map((id) => Number(id === row % 3)));
    }
  });

  it('reads bytes as value/255', () => {
    const { images: x } = images.nextBatch(5);
    expect(x.shape).toEqual([5, 12]);
    expect(Array.from(x.data).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 60 }, (_, i) => Math.fround((i * 4) / 255)),
    );
  });

  it('draws every row once per epoch, for any batch size, in another order each epoch', () => {
    const sizes = fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 60 })).filter(([n, b]) => b <= n);
    fc.assert(
      fc.property(sizes, ([n, batch]) => {
        const set = numbered(n);
        const drawn: number[] = [];
        while (drawn.length < 3 * n) drawn.push(...rowsOf(set, batch));
        for (let epoch = 0; epoch < 3; epoch++) {
          const rows = drawn.slice(epoch * n, (epoch + 1) * n).sort((a, b) => a - b);
          expect(rows).toEqual(Array.from({ length: n }, (_, i) => i));
        }
      }),
      { numRuns: 60 },
    );
    const set = numbered(50);
    const epochs = [rowsOf(set, 50), rowsOf(set, 50), numbered(50).images.values];
    expect(epochs[0]).not.toEqual(epochs[1]);
    expect(epochs[0]).not.toEqual(Array.from({ length: 50 }, (_, i) => i));
  });

  it('goes on where it stood, each data set for itself, the same each time', () => {
    const [a, b] = [numbered(20), numbered(20)];
    const together = rowsOf(a, 12);
    expect([...rowsOf(b, 5), ...rowsOf(b, 7)]).toEqual(together);
    expect(rowsOf(numbered(20), 12)).toEqual(together);
  });

  it.each([0, -1, 1.5, NaN, Infinity, 8])('refuses a batch of %d from 7 rows', (n) => {
    const set = numbered(7);
    expect(() => set.nextBatch(n)).toThrow(UsageError);
    expect(() => set.nextBatch(n)).toThrow(`nextBatch(n) is ${n}. Give an integer from 1 to 7.`);
    expect(rowsOf(set, 7)).toEqual(rowsOf(numbered(7), 7));
  });
});

describe('split, take and shuffle', () => {
  it('split and take are views', () => {
    const set = numbered(10);
    const [first, rest] = set.split(4);
    expect([first.size, rest.size, set.take(3).size]).toEqual([4, 6, 3]);
    expect(firstFeatures(rest)).toEqual([4, 5, 6, 7, 8, 9]);
    expect(rest.labels.values).toEqual(Int32Array.of(1, 2, 0, 1, 2, 0));
    expect(rest.images.values.buffer).toBe(set.images.values.buffer);
    expect(rest.images.source).not.toBe(set.images.source);
    expect(() => set.split(10)).toThrow('split(n) is 10. Give an integer from 1 to 9.');
    expect(() => set.take(0)).toThrow(UsageError);
    expect(() => set.take(11)).toThrow(UsageError);
    expect(() => set.take(1).split(1)).toThrow('split(n) is 1. There are too few rows for any.');
  });

  it('parts keep the classes and the shape, also those that they have no row of', () => {
    const [first, rest] = images.split(1);
    for (const part of [first, rest, images.take(1), images.shuffle(3)]) {
      expect(part).toMatchObject({ classes: ['0', '1'], imageShape: [2, 6, 1], name: 'dataset' });
      expect(part.images.classes).toBe(2);
    }
    expect(first.nextBatch(1).labels.shape).toEqual([1, 2]);
    expect(Array.from(rest.image(0).data.subarray(0, 4))).toEqual([48, 48, 48, 255]);
  });

  it('a shuffled set draws its own rows, every one once an epoch', () => {
    const set = numbered(17).shuffle(5);
    const drawn = rowsOf(set, 17);
    expect([...drawn].sort((a, b) => a - b)).toEqual(firstFeatures(numbered(17)));
    // The order of batches is one of places: it picks the shuffled rows as it picks those of the set in order.
    expect(drawn).toEqual(rowsOf(numbered(17), 17).map((place) => firstFeatures(set)[place]));
    const [first] = set.split(6);
    expect(rowsOf(first, 6).sort((a, b) => a - b)).toEqual(
      firstFeatures(set)
        .slice(0, 6)
        .sort((a, b) => a - b),
    );
  });

  it('shuffle copies the rows into an order of its seed, labels with them', () => {
    const set = numbered(30);
    const shuffled = set.shuffle(1);
    const rows = firstFeatures(shuffled);
    expect(rows).not.toEqual(firstFeatures(set));
    expect([...rows].sort((a, b) => a - b)).toEqual(firstFeatures(set));
    expect(rows.map((row) => row % 3)).toEqual(Array.from(shuffled.labels.values));
    expect(firstFeatures(set.shuffle(1))).toEqual(rows);
    expect(firstFeatures(set.shuffle(2))).not.toEqual(rows);
    expect(() => set.shuffle(-1)).toThrow(UsageError);
    expect(() => set.shuffle(0.5)).toThrow(UsageError);
  });
});

describe('image and label', () => {
  it('gives grey, coloured and transparent pixels', () => {
    const grey = images.image(1);
    expect([grey.width, grey.height, grey.colorSpace]).toEqual([6, 2, 'srgb']);
    expect(Array.from(grey.data.subarray(0, 8))).toEqual([48, 48, 48, 255, 52, 52, 52, 255]);
    const pixels = (channels: number, values: number[]): number[] =>
      Array.from(
        Dataset.from({ features: Uint8Array.from(values), labels: [0], shape: [1, 1, channels] }).image(0).data,
      );
    expect(pixels(2, [10, 20])).toEqual([10, 10, 10, 20]);
    expect(pixels(3, [10, 20, 30])).toEqual([10, 20, 30, 255]);
    expect(pixels(4, [10, 20, 30, 40])).toEqual([10, 20, 30, 40]);
    const floats = Dataset.from({ features: [0, 0.5, 1, 7], labels: [0], shape: [2, 2, 1] }).image(0);
    expect(Array.from(floats.data).filter((_, i) => i % 4 === 0)).toEqual([0, 128, 255, 255]);
  });

  it('returns labels, and refuses invalid rows and images', () => {
    expect([0, 1, 2, 3, 4].map((i) => images.label(i))).toEqual([0, 1, 0, 1, 1]);
    for (const i of [-1, 5, 0.5, NaN]) {
      expect(() => images.label(i)).toThrow(UsageError);
      expect(() => images.image(i)).toThrow(UsageError);
    }
    expect(() => numbered(3).image(0)).toThrow("the rows of 'numbered' are not images but of shape [2]");
  });
});
