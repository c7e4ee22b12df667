/** Lowering: every op becomes ops that a kernel computes. */
import { expect, it } from 'vitest';
import { topologicalOrder } from '../../../src/graph/walk.ts';
import {
  conv2d,
  logSoftmax,
  matmul,
  maxPool2d,
  placeholder,
  reduceMean,
  reduceSum,
  softmax,
} from '../../../src/index.ts';
import type { Tensor } from '../../../src/graph/tensor.ts';
import { loweredOf } from '../passes.ts';

const namesIn = (tensor: Tensor): string[] => topologicalOrder(loweredOf(tensor)).map(({ op }) => op.name);
const x = placeholder('x', [4, 6]);

it('a softmax is a maximum, exponentials, their sum and a quotient', () => {
  const names = namesIn(softmax(x)).filter((name) => name !== 'reshape');
  expect(names).toEqual(['placeholder', 'reduce-max', 'sub', 'exp', 'reduce-sum', 'div']);
});

it('its logarithm takes no logarithm of a quotient', () => {
  expect(namesIn(logSoftmax(x))).not.toContain('div');
});

it('a mean is a sum and a product', () => {
  const names = namesIn(reduceMean(x, { axis: 1 }));
  expect(names).toContain('reduce-sum');
  expect(names).not.toContain('reduceMean');
});

it('a long sum with one result is made of partial sums', () => {
  const sums = (length: number): number =>
    namesIn(reduceSum(placeholder('x', [length]))).filter((name) => name === 'reduce-sum').length;
  expect([sums(1024), sums(100_000)]).toEqual([1, 2]);
});

it('a long product with few results is split along K', () => {
  const product = (K: number): string[] => namesIn(matmul(placeholder('a', [2, K]), placeholder('b', [K, 2])));
  expect(product(100)).not.toContain('reduce-sum');
  expect(product(60_000)).toContain('reduce-sum');
});

it('a convolution is a product, and pooling a maximum, of patches that are not stored', () => {
  const images = placeholder('images', [2, 8, 8, 3]);
  expect(namesIn(conv2d(images, placeholder('filters', [3, 3, 3, 5])))).toContain('matmul');
  expect(namesIn(maxPool2d(images, { size: 2 }))).toContain('reduce-max');
});
