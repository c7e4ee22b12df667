/** Runs in Node and in a page: loads data files of every format and returns a summary. */
import { type Dataset, loadDataset } from 'inkling/data';

/** Files of a data set each. */
export const sets = [
  ['mnist.npz'],
  ['medmnist.npz'],
  ['kmnist-train-imgs.npz', 'kmnist-train-labels.npz', 'kmnist-test-imgs.npz', 'kmnist-test-labels.npz'],
  ['x.npy', 'y.npy'],
  ['iris.csv'],
  ['mnist_train.csv', 'mnist_test.csv'],
  ['kaggle-train.csv', 'kaggle-test.csv'],
  ['cifar-10-binary.tar.gz'],
  ['cifar-100-binary.tar.gz'],
  ['emnist-letters-train-images-idx3-ubyte.gz', 'emnist-letters-train-labels-idx1-ubyte.gz'],
] as const;

const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b, i) => a + b * (1 + (i % 7)), 0);

const summary = (set: Dataset | undefined): unknown =>
  set && [set.size, set.imageShape, set.classes.slice(0, 3), sum(set.images.values), sum(set.labels.values)];

/** What a data set of these files has, by its parts. */
export async function summaryOf(files: readonly (string | Blob)[]): Promise<unknown> {
  const { train, validation, test } = await loadDataset(files);
  return [train, validation, test].map((set) => summary(set) ?? null);
}

export default async function run(): Promise<unknown> {
  const found: unknown[] = [];
  for (const names of sets) {
    const urls = names.map((name) => `/test/data/fixtures/${name}`);
    const files = await Promise.all(
      urls.map(async (url, i) => new File([await (await fetch(url)).blob()], names[i] ?? '')),
    );
    found.push([await summaryOf(urls), await summaryOf(files)]);
  }
  return found;
}
