/**
 * Data sets whose format is detected by content. fixtures/make.py made the files.
 */
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { loadDataset } from '../../src/data/load-dataset.ts';
import { DataError, UsageError } from '../../src/errors.ts';
import { file, fixture, gz, idx, joined, rejection } from './files.ts';

const files = (...names: string[]) => Promise.all(names.map(file));
const zip = async (...names: string[]): Promise<File> => {
  const entries = await Promise.all(names.map(async (name) => [`set/${name}`, await fixture(name)] as const));
  return new File([Uint8Array.from(zipSync(Object.fromEntries(entries)))], 'set.zip');
};
const letters = ['train', 'test'].flatMap((part) =>
  ['images-idx3', 'labels-idx1'].map((kind) => `emnist-letters-${part}-${kind}-ubyte.gz`),
);
/** What a data set is, in a line. */
const summary = async (loading: ReturnType<typeof loadDataset>) => {
  const { train, validation, test, unlabelled } = await loading;
  const parts = [train, validation, test].map((set) => set && `${set.size} × [${set.imageShape.join()}]`);
  return [train.name, train.classes.length, ...parts, unlabelled?.shape.join()];
};
const none = undefined;

describe('loadDataset', () => {
  it.each([
    ['IDX', files(...letters), ['emnist-letters/train', 26, '26 × [28,28,1]', none, '2 × [28,28,1]', none]],
    ['IDX of one part', files(...letters.slice(0, 2)), ['emnist-letters-train/train', 26, '26 × [28,28,1]', none, none, none]],
    ['IDX in a zip', zip(...letters), ['set/train', 26, '26 × [28,28,1]', none, '2 × [28,28,1]', none]],
    [".npz of Keras' MNIST", file('mnist.npz'), ['mnist/train', 10, '4 × [28,28,1]', none, '2 × [28,28,1]', none]],
    [".npz of MedMNIST", file('medmnist.npz'), ['medmnist/train', 8, '3 × [5,6,3]', '1 × [5,6,3]', '2 × [5,6,3]', none]],
    ['.npz of an array each', files('kmnist-train-imgs.npz', 'kmnist-train-labels.npz', 'kmnist-test-imgs.npz', 'kmnist-test-labels.npz'), ['kmnist/train', 3, '3 × [4,4,1]', none, '2 × [4,4,1]', none]],
    ['.npy', files('x.npy', 'y.npy'), ['dataset/train', 2, '2 × [3,4,1]', none, none, none]],
    ['CSV', file('iris.csv'), ['iris/train', 3, '4 × [4]', none, none, none]],
    ['CSV, for training and testing', files('mnist_test.csv', 'mnist_train.csv'), ['mnist/train', 8, '3 × [4,4,1]', none, '2 × [4,4,1]', none]],
    ["Kaggle's CSV", files('kaggle-train.csv', 'kaggle-test.csv'), ['kaggle/train', 5, '4 × [4,4,1]', none, none, '2,4,4,1']],
    ["Kaggle's CSV in a zip", zip('kaggle-train.csv', 'kaggle-test.csv'), ['set/train', 5, '4 × [4,4,1]', none, none, '2,4,4,1']],
    ["EMNIST's CSV", file('emnist-letters-test.csv.gz').then((one) => new File([one], 'emnist-letters-train.csv.gz')), ['emnist-letters-train/train', 26, '3 × [28,28,1]', none, none, none]],
    ['CIFAR-10', file('cifar-10-binary.tar.gz'), ['cifar-10-binary/train', 10, '3 × [32,32,3]', none, '1 × [32,32,3]', none]],
    ['CIFAR-100', file('cifar-100-binary.tar.gz'), ['cifar-100-binary/train', 100, '2 × [32,32,3]', none, '1 × [32,32,3]', none]],
  ])('tells %s', async (_, given, expected) => {
    expect(await summary(loadDataset(await given))).toEqual(expected);
  }); // prettier-ignore

  it('takes bytes without names, told by content alone', async () => {
    const images = idx([3, 2, 2]);
    const set = await loadDataset([gz(images), idx([3], [0, 2, 1])]);
    expect(set.train).toMatchObject({ size: 3, imageShape: [2, 2, 1], classes: ['0', '1', '2'] });
    expect(set.train.images.values).toEqual(images.slice(16));
    expect((await loadDataset(await fixture('mnist.npz'))).train.size).toBe(4);
    const mine = await fixture('iris.csv');
    const loading = loadDataset(mine);
    mine.fill(0);
    expect((await loading).train.size).toBe(4);
  });

  it('passes options on', async () => {
    const { train } = await loadDataset(await file('iris.csv'), { label: 'sepal width', classes: undefined }).catch(
      () => ({ train: undefined }),
    );
    expect(train).toBeUndefined(); // species are no numbers
    const set = await loadDataset(await file('cifar-100-binary.tar.gz'), { label: 'coarse', name: 'photographs' });
    expect(set.train).toMatchObject({ name: 'photographs/train' });
    expect(set.train.classes[set.train.label(0)]).toBe('coarse 11');
    const upright = await loadDataset(await files(...letters), { transposed: false, handwriting: false, ink: 'light' });
    expect(upright.train.preprocessing).toEqual({ background: 'black', ink: 'light' });
  });

  const text = (given: string) => new TextEncoder().encode(given);
  const named = (name: string, ...parts: ArrayLike<number>[]) => new File([joined(...parts)], name);
  const png = [0x89, ...text('PNG\r\n\x1a\n')];
  it.each([
    ['a picture', named('a.png', png), 'a.png seems to be a PNG image, not a known format of data sets. Load images with loadImages().'],
    ['another file', named('a.txt', text('hello')), 'a.txt is not a known format of data sets. Give IDX,'],
    ['a folder of pictures', named('a.zip', zipSync({ 'cats/1.png': Uint8Array.from(png) })), 'a.zip holds images, e.g. cats/1.png. Load them with loadImages().'],
    ['an archive of nothing', named('a.zip', zipSync({ '.DS_Store': text('1,2'), '__MACOSX/x.csv': text('1,2') })), 'a.zip seems to be a zip archive'],
    ['files of several formats', [named('a.csv', text('1,2\n')), idx([2, 2, 2])], 'The files are of different formats: a.csv (csv), file 1 (idx). Load them one by one'],
    ['images alone', named('train-images', idx([2, 2, 2])), "train-images has the images of 'train', but nothing has its labels"],
    ['files for testing alone', [named('t10k-images', idx([2, 2, 2])), named('t10k-labels', idx([2]))], 't10k-images: none of them is for training, by their names. Give the files for training too'],
    ['two tables for one split', [named('a.csv', text('1,2\n')), named('b.csv', text('1,2\n'))], "a.csv and b.csv both seem to be the 'train' set"],
    ['parts of different shapes', [named('train.csv', text('1,2\n')), named('test.csv', text('1,2,3\n'))], 'train.csv has rows of [1], test.csv of [2].'],
    ['a damaged one', named('a.npy.gz', gz(text('hello')).slice(0, -3)), 'a.npy.gz is incomplete or damaged'],
  ])('refuses %s', async (_, given, message) => {
    const error = await rejection(loadDataset(given));
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toContain(message);
  }); // prettier-ignore

  it('holds archives in archives to one limit', async () => {
    const inner = zipSync({ 'a.csv': text('1,2\n'.repeat(1000)) });
    const outer = named('bomb.zip', zipSync({ 'a.zip': inner, 'b.zip': inner, 'c.zip': inner }, { level: 0 }));
    const error = await rejection(loadDataset(outer, { maxBytes: 10_000 }));
    expect(error.message).toMatch(/^c\.zip expands to 4000 bytes, above the limit of \d+\. Check/);
    await expect(
      loadDataset(named('a.zip', zipSync({ 'a.csv.gz': gz(text('1,2\n'.repeat(1000))) })), { maxBytes: 2000 }),
    ).rejects.toThrow('a.csv.gz expands beyond');
  });

  it('refuses no files, and ends when it is told to', async () => {
    await expect(loadDataset([])).rejects.toThrow('loadDataset() was given no files. Give at least one.');
    await expect(loadDataset(7 as never)).rejects.toThrow(UsageError);
    const reason = new Error('enough');
    await expect(loadDataset(await file('mnist.npz'), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it('tells its progress over all files', async () => {
    const given = await files('x.npy', 'y.npy');
    const seen: unknown[] = [];
    await loadDataset(given, { onProgress: (progress) => seen.push(progress) });
    const total = given.reduce((sum, { size }) => sum + size, 0);
    expect(seen.at(-1)).toEqual({ loaded: total, total });
  });
});
