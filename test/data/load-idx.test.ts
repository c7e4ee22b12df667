/**
 * IDX files of known data sets: EMNIST's, transposed and labelled from 1; channels first and last; other options.
 * fixtures/make.py made the files.
 */
import { describe, expect, it } from 'vitest';
import { loadIdx, type LoadIdxOptions } from '../../src/data/load-idx.ts';
import { DataError, UsageError } from '../../src/errors.ts';
import { file, fixture, gz, idx, rejection } from './files.ts';

const emnist = async (set: string, part: string): Promise<LoadIdxOptions> => ({
  images: await file(`emnist-${set}-${part}-images-idx3-ubyte.gz`),
  labels: await file(`emnist-${set}-${part}-labels-idx1-ubyte.gz`),
});
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
/** The image of fixtures/make.py: an L whose foot is as long as its number. */
const upright = (i: number): Uint8Array => {
  const image = new Uint8Array(784);
  for (let y = 2; y < 26; y++) image[28 * y + 2] = 100 + i;
  image.fill(200 + (i % 24), 28 * 25 + 2, 28 * 25 + 3 + (i % 24));
  return image;
};

describe('EMNIST', () => {
  it('is detected by the names of its files: upright, labelled from 1, with the names of its classes', async () => {
    const set = await loadIdx(await emnist('letters', 'train'));
    expect(set).toMatchObject({ size: 26, imageShape: [28, 28, 1], classes: Array.from(alphabet) });
    expect(Array.from({ length: 26 }, (_, i) => set.label(i))).toEqual(Array.from({ length: 26 }, (_, i) => i));
    for (let i = 0; i < 26; i++) expect(set.images.values.subarray(784 * i, 784 * (i + 1))).toEqual(upright(i));
    expect(set.preprocessing).toEqual({ background: 'black', ink: 'light', handwriting: { box: 24, centre: 'box' } });
  });

  it('has its other classes', async () => {
    const balanced = await loadIdx(await emnist('balanced', 'test'));
    expect(balanced.classes.join('')).toBe(`0123456789${alphabet}abdefghnqrt`);
    expect([0, 1, 2, 3].map((row) => balanced.classes[balanced.label(row)])).toEqual(['0', 'A', 'a', 't']);
    const images = idx([2, 28, 28]);
    for (const [name, classes] of [
      ['emnist-byclass-train', `0123456789${alphabet}${alphabet.toLowerCase()}`],
      ['EMNIST-ByMerge-train', `0123456789${alphabet}abdefghnqrt`],
      ['emnist-digits-test', '0123456789'],
      ['emnist-mnist-test', '0123456789'],
    ]) {
      const set = await loadIdx({ images: new File([images], `${name ?? ''}-images-idx3-ubyte`), labels: idx([2]) });
      expect(set.classes.join('')).toBe(classes);
      expect([set.images.values[1], set.images.values[28]]).toEqual([28, 1]);
    }
  });

  it('follows the options, for any name', async () => {
    const files = await emnist('letters', 'train');
    const classes = Array.from(alphabet.toLowerCase());
    const set = await loadIdx({ ...files, transposed: false, classes, ink: 'dark', handwriting: false });
    expect(set.images.values[28 * 2 + 2]).toBe(100);
    expect(set.images.values[28 * 2 + 3]).toBe(100);
    expect(set.classes).toEqual(classes);
    expect(set.preprocessing).toEqual({ background: 'white', ink: 'dark' });
    await expect(loadIdx({ ...files, firstLabel: 0 })).rejects.toThrow(
      'emnist-letters-train-labels-idx1-ubyte.gz has labels from 1 to 26 for 26 classes, but the first class has label 0. Give firstLabel: 1.',
    );
  });

  it('is not detected by other names, so options decide', async () => {
    const [images, labels] = await Promise.all(
      ['images-idx3', 'labels-idx1'].map((kind) => fixture(`emnist-letters-train-${kind}-ubyte.gz`)),
    );
    if (!images || !labels) throw new Error('no files');
    const plain = await loadIdx({ images, labels });
    expect([plain.classes.length, plain.preprocessing, plain.images.values[28 * 2 + 3]]).toEqual([27, undefined, 100]);
    const set = await loadIdx({ images, labels, transposed: true, firstLabel: 1, handwriting: true });
    expect(set.images.values.subarray(0, 784)).toEqual(upright(0));
    expect(set.classes).toEqual(Array.from({ length: 26 }, (_, i) => `${i + 1}`));
    expect(set.label(25)).toBe(25);
    expect(set.preprocessing).toEqual({ background: 'black', ink: 'light', handwriting: { box: 20, centre: 'mass' } });
  });
});

describe('labels', () => {
  const images = idx([3, 2, 2]);
  it.each([
    [[1, 2, 3], { classes: 3 }, 'labels has labels from 1 to 3 for 3 classes, but the first class has label 0. Give firstLabel: 1.'],
    [[2, 3, 4], { classes: 3, firstLabel: 1 }, 'Give firstLabel: 2.'],
    [[0, 1, 2], { firstLabel: 1 }, "'labels', row 0: the label is 0, but labels are class ids, integers from 1. Correct the label, give firstLabel: 0,"],
    [[1, 5, 2], { classes: 3 }, "'labels', row 1: the label is 5, but labels are class ids, integers from 0 to 2 for 3 classes."],
    [[0, 1, 3], { classes: 3 }, "'labels', row 2: the label is 3"],
  ])('%j with %j are refused', async (labels, options, message) => {
    const error = await rejection(loadIdx({ images, labels: idx([3], labels), ...options }));
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toContain(message);
  }); // prettier-ignore
});

describe('four axes', () => {
  /** Element `[row, y, x, c]` of the images below, for height 2 and width 5 of 3 channels. */
  const first = idx([2, 3, 2, 5]);
  const last = idx([2, 2, 5, 3]);
  const labels = idx([2]);

  it('have channels last or first, as their sizes tell', async () => {
    const sets = await Promise.all([first, last].map((images) => loadIdx({ images, labels })));
    for (const set of sets) expect(set.imageShape).toEqual([2, 5, 3]);
    const at = (y: number, x: number, c: number): number => 30 + 15 * y + 3 * x + c;
    // Row 1, of bytes 30…59: channel c of pixel (y, x) is byte 10 c + 5 y + x in the file.
    for (const [y, x, c] of [
      [0, 0, 0],
      [0, 0, 1],
      [1, 3, 2],
      [1, 4, 0],
    ] as const) {
      // prettier-ignore
      expect(sets[0]?.images.values[at(y, x, c)]).toBe(30 + 10 * c + 5 * y + x);
      expect(sets[1]?.images.values[at(y, x, c)]).toBe(at(y, x, c));
    }
    expect((await loadIdx({ images: idx([2, 5, 2, 1]), labels })).imageShape).toEqual([5, 2, 1]);
    expect((await loadIdx({ images: idx([2, 1, 5, 2]), labels })).imageShape).toEqual([5, 2, 1]);
    expect((await loadIdx({ images: idx([2, 4, 5, 2]), labels })).imageShape).toEqual([5, 2, 4]);
  });

  it.each([[[2, 3, 3, 3]], [[2, 3, 5, 4]], [[2, 3, 5, 1]], [[2, 1, 7, 1]], [[2, 5, 6, 7]]])(
    'ask for the option where sizes do not tell: %j',
    async (shape) => {
      const error = await rejection(loadIdx({ images: idx(shape), labels }));
      expect(error).toBeInstanceOf(DataError);
      expect(error.message).toContain(`images has rows of [${shape.slice(1).join(', ')}]: their sizes do not tell`);
      expect(error.message).toContain("Give channels: 'first' or channels: 'last'");
      const [, a, b, c] = shape;
      const images = idx(shape);
      expect((await loadIdx({ images, labels, channels: 'last' })).imageShape).toEqual([a, b, c]);
      expect((await loadIdx({ images, labels, channels: 'first' })).imageShape).toEqual([b, c, a]);
    },
  );

  it('are transposed too', async () => {
    const set = await loadIdx({ images: first, labels, transposed: true });
    expect(set.imageShape).toEqual([5, 2, 3]);
    // Pixel (y, x) is where (x, y) was: byte 10 c + 5 x + y.
    expect(set.images.values[6 * 4 + 3 * 1 + 2]).toBe(10 * 2 + 5 * 1 + 4);
    const grey = await loadIdx({ images: idx([1, 2, 3]), labels: idx([1]), transposed: true });
    expect([grey.imageShape, ...grey.images.values]).toEqual([[3, 2, 1], 0, 3, 1, 4, 2, 5]);
  });

  it('take the shape that is given', async () => {
    expect((await loadIdx({ images: first, labels, shape: [2, 5, 3] })).images.values[1]).toBe(10);
    expect((await loadIdx({ images: last, labels, shape: [30] })).imageShape).toEqual([30]);
    const error = await rejection(loadIdx({ images: first, labels, shape: [5, 5, 1] }));
    expect(error.message).toBe("images has rows of 30 elements, but 'shape' [5, 5, 1] needs 25. Give a 'shape' of 30.");
    await expect(loadIdx({ images: first, labels, shape: [30], transposed: true })).rejects.toThrow(UsageError);
  });
});

it('a box of handwriting must fit', async () => {
  const error = await rejection(loadIdx({ images: idx([1, 8, 8]), labels: idx([1]), handwriting: true }));
  expect(error).toBeInstanceOf(UsageError);
  expect(error.message).toContain('a box of 20 pixels does not fit into rows of [8, 8, 1]. Give a smaller box');
});

it('progress is of both files, its total known where nothing is gzipped', async () => {
  const [images, labels] = [idx([3, 2, 2]), idx([3])];
  const seen: unknown[] = [];
  const options = { onProgress: (progress: unknown) => seen.push(progress) };
  await loadIdx({ images, labels, ...options });
  expect(seen.at(-1)).toEqual({ loaded: images.length + labels.length, total: images.length + labels.length });
  await loadIdx({ images: gz(images), labels, ...options });
  expect(seen.at(-1)).toEqual({ loaded: images.length + labels.length, total: undefined });
});
