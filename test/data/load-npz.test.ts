/**
 * Data sets in NumPy's formats. fixtures/make.py made the files.
 */
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { loadNpy, loadNpz } from '../../src/data/load-npz.ts';
import { DataError, UsageError } from '../../src/errors.ts';
import { file, fixture, idx, joined, rejection } from './files.ts';

/** Consecutive bytes from `start`. */
const run = (start: number, length: number): number[] => Array.from({ length }, (_, i) => (start + i) % 256);

describe('loadNpz', () => {
  it("reads Keras' MNIST, which its name tells", async () => {
    const { train, test, validation } = await loadNpz(await file('mnist.npz'));
    expect(train).toMatchObject({ name: 'mnist/train', size: 4, imageShape: [28, 28, 1] });
    expect(test).toMatchObject({ name: 'mnist/test', size: 2, imageShape: [28, 28, 1] });
    expect(validation).toBeUndefined();
    expect(train.classes).toEqual(Array.from('0123456789'));
    expect(test?.classes).toEqual(train.classes);
    expect([0, 1, 2, 3].map((row) => train.label(row))).toEqual([5, 0, 4, 9]);
    expect(Array.from(train.images.values.subarray(784, 2 * 784))).toEqual(run(784, 784));
    expect(Array.from(test?.images.values.subarray(0, 784) ?? [])).toEqual(run(784, 784));
    expect(train.preprocessing?.handwriting).toEqual({ box: 20, centre: 'mass' });
  });

  it("reads MedMNIST's, in colour and with a set for validation", async () => {
    const sets = await loadNpz(await fixture('medmnist.npz'), { name: 'blood', ink: 'dark' });
    const { train, validation, test } = sets;
    expect(Object.keys(sets).sort()).toEqual(['test', 'train', 'validation']);
    expect(
      [train, validation, test].map((set) => [set?.name, set?.size, set?.imageShape, set?.classes.length]),
    ).toEqual([
      ['blood/train', 3, [5, 6, 3], 8],
      ['blood/validation', 1, [5, 6, 3], 8],
      ['blood/test', 2, [5, 6, 3], 8],
    ]);
    expect([train.label(1), validation?.label(0), test?.label(1)]).toEqual([2, 2, 7]);
    expect(Array.from(train.images.values.subarray(90, 180))).toEqual(run(90, 90));
    expect(train.preprocessing).toEqual({ background: 'white', ink: 'dark' });
  });

  it('copies the bytes it is given', async () => {
    const mine = await fixture('mnist.npz');
    const loading = loadNpz(mine);
    mine.fill(0);
    expect((await loading).train.size).toBe(4);
  });

  it('refuses files of other loaders by naming these, and all other files', async () => {
    const bytes = (text: string) => new TextEncoder().encode(text);
    for (const [given, message] of [
      [idx([2, 2, 2]), 'npz seems to be an IDX file, not a zip archive, as .npz files are. Load it with loadIdx().'],
      [await file('x.npy'), "x.npy seems to be NumPy's .npy, not a zip archive, as .npz files are. Load it with loadNpy()."],
      [bytes('label,pixel0\n1,2\n'), 'npz seems to be a table in CSV, not a zip archive, as .npz files are. Load it with loadCsv().'],
      [await fixture('python.zip'), "npz has no arrays: it is a zip archive, but not NumPy's .npz. Load it with loadDataset()"],
      [bytes('<!doctype html>'), 'npz seems to be a page of HTML'],
      [bytes('hello'), 'npz is not a zip archive'],
    ] as const) {
      const error = await rejection(loadNpz(given));
      expect(error).toBeInstanceOf(DataError);
      expect(error.message).toContain(message);
    }
  }); // prettier-ignore

  it('says which arrays do not belong together', async () => {
    const [x, y] = [await fixture('x.npy'), await fixture('y.npy')];
    for (const [files, message] of [
      [{ 'x_train.npy': x }, "'x_train' of npz has the images of 'train', but nothing has its labels; found 'x_train' of npz. Give both."],
      [{ 'y.npy': y }, "'y' of npz has the labels of 'train', but nothing has its images"],
      [{ 'a.npy': x, 'b.npy': x, 'y.npy': y }, "'a' of npz and 'b' of npz both seem to be the images of 'train'. Name arrays as in x_train"],
      [{ 'x_test.npy': x, 'y_test.npy': y }, 'none of them is for training'],
      [{ 'x.npy': x, 'y.npy': x }, "'y' of npz has labels of [2, 3, 4]. Give one class id a row"],
    ] as const) {
      const error = await rejection(loadNpz(Uint8Array.from(zipSync(files))));
      expect(error).toBeInstanceOf(DataError);
      expect(error.message).toContain(message);
    }
    for (const names of [['xTrain', 'yTrain'], ['train-images', 'train-labels'], ['data', 'target'], ['arr_0', 'arr_1']]) {
      const [images = '', labels = ''] = names;
      const archive = zipSync({ [`${images}.npy`]: x, [`${labels}.npy`]: y });
      expect((await loadNpz(Uint8Array.from(archive))).train.size, images).toBe(2);
    }
  }); // prettier-ignore

  it('respects maxBytes before anything is decompressed, by the sizes that the archive states', async () => {
    const mnist = await fixture('mnist.npz');
    const error = await rejection(loadNpz(mnist, { maxBytes: 5000 }));
    expect(error.message).toMatch(/^npz expands to 5\d{3} bytes, above the limit of 5000\. Check/);
    await expect(loadNpz(mnist, { maxBytes: 6000 })).resolves.toBeDefined();
    await expect(loadNpz(mnist, { maxBytes: 100 })).rejects.toThrow('npz is larger than 100 bytes, the limit.');
  });

  it('refuses an archive cut at any byte', async () => {
    const whole = await fixture('medmnist.npz');
    for (let length = 1; length < whole.length; length += 7) {
      expect(await rejection(loadNpz(whole.slice(0, length)))).toBeInstanceOf(DataError);
    }
    const flipped = whole.slice();
    flipped[100] = (flipped[100] ?? 0) ^ 1;
    expect((await rejection(loadNpz(flipped))).message).toMatch(/train_images\.npy in npz is incomplete or damaged/);
  });

  it("ends with the signal's reason, and tells its progress", async () => {
    const reason = new Error('enough');
    const mnist = await fixture('mnist.npz');
    await expect(loadNpz(mnist, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const seen: unknown[] = [];
    await loadNpz(mnist, { onProgress: (progress) => seen.push(progress) });
    expect(seen).toEqual([{ loaded: mnist.length, total: mnist.length }]);
  });
});

describe('loadNpy', () => {
  it("reads floats as they are, of another byte order and of Fortran's", async () => {
    const set = await loadNpy({ images: await file('x.npy'), labels: await fixture('y.npy'), classes: ['a', 'b'] });
    expect(set).toMatchObject({ name: 'x.npy', size: 2, imageShape: [3, 4, 1], classes: ['a', 'b'] });
    expect(set.images.values).toEqual(Float32Array.from({ length: 24 }, (_, i) => i / 8));
    expect([set.label(0), set.label(1)]).toEqual([1, 0]);
  });

  it('reads archives of one array each, as of Kuzushiji-MNIST', async () => {
    const [images, labels] = [await file('kmnist-train-imgs.npz'), await file('kmnist-train-labels.npz')];
    expect(await loadNpy({ images, labels })).toMatchObject({ size: 3, imageShape: [4, 4, 1] });
    const error = await rejection(loadNpy({ images: await file('mnist.npz'), labels }));
    expect(error.message).toBe('mnist.npz has 4 arrays: x_train, y_train, x_test, y_test. Load it with loadNpz().');
  });

  it('makes flat bytes square, flags 0 and 1', async () => {
    const npy = (dtype: string, shape: string, data: number[]) => {
      const header = `{'descr': '${dtype}', 'fortran_order': False, 'shape': (${shape}), }\n`;
      return joined([0x93], Buffer.from('NUMPY'), [1, 0, header.length, 0], Buffer.from(header), data);
    };
    const labels = npy('|u1', '1,', [0]);
    const square = await loadNpy({ images: npy('|u1', '1, 9', run(0, 9)), labels });
    expect(square.imageShape).toEqual([3, 3, 1]);
    expect((await loadNpy({ images: npy('|u1', '1, 9', run(0, 9)), labels, shape: [9] })).imageShape).toEqual([9]);
    expect((await loadNpy({ images: npy('|u1', '1, 8', run(0, 8)), labels })).imageShape).toEqual([8]);
    expect((await loadNpy({ images: npy('|i1', '1, 9', run(0, 9)), labels })).imageShape).toEqual([9]);
    const flags = await loadNpy({ images: npy('|b1', '1, 2, 2', [1, 0, 0, 1]), labels });
    expect(Array.from(flags.images.row(0))).toEqual([1, 0, 0, 1]);
    expect((await rejection(loadNpy({ images: npy('|u1', '2, 9', run(0, 18)), labels }))).message).toBe(
      'images has 2 images, labels has 1 labels. Check that the two files belong together.',
    );
    await expect(loadNpy({ images: npy('|u1', '1, 2, 2, 2, 2', run(0, 16)), labels })).rejects.toThrow(
      "images has rows of [2, 2, 2, 2], which are not images. Give 'shape' the sizes that one row should have.",
    );
    await expect(loadNpy({ images: idx([1, 2, 2]), labels })).rejects.toThrow('Load it with loadIdx().');
    await expect(loadNpy({ images: new Uint8Array(), labels })).rejects.toThrow(UsageError);
  });

  it('names the row and column of a number that is not finite', async () => {
    const x = await fixture('x.npy');
    x.set([0x7f, 0xc0, 0, 0], x.length - 4);
    const error = await rejection(loadNpy({ images: x, labels: await fixture('y.npy') }));
    expect(error.message).toContain("'images', row 1, column 11: the feature is NaN as float32.");
  });
});
