/** Images of a model's first layer. */
import { expect, it } from 'vitest';
import { weightImagesOf } from '../../src/elements/weight-images.ts';
import { variable, zeros, type Variable } from '../../src/index.ts';

const kernel = (...shape: number[]): Variable => variable('layer/kernel', zeros(shape));
const bias = variable('layer/bias', zeros([3]));
const classes = ['a', 'b', 'c'];

it('shows the weights of each class where there is one layer', () => {
  const images = weightImagesOf([kernel(6, 3), bias], [2, 3, 1], classes);
  expect(images).toMatchObject({ of: 'classes', width: 3, labels: classes });
  const values = Float32Array.from({ length: 18 }, (_, i) => i);
  expect(images?.read(values)).toEqual(values);
  const many = Array.from({ length: 47 }, (_, i) => `class ${i}`);
  expect(weightImagesOf([kernel(6, 47)], [2, 3, 1], many)?.labels).toEqual(many);
});

it('shows the first units of a deeper network, by number', () => {
  const first = kernel(6, 30);
  const images = weightImagesOf([first, bias, kernel(30, 3)], [2, 3, 1], classes);
  expect(images).toMatchObject({ of: 'units', kernel: first, width: 3 });
  expect(images?.labels).toEqual(Array.from({ length: 25 }, (_, i) => `${i + 1}`));
  const read = images?.read(Array.from({ length: 180 }, (_, i) => i)) ?? [];
  expect(read).toHaveLength(6 * 25);
  expect(read[0]).toBe(0);
  expect(read[25 * 2 + 4]).toBe(30 * 2 + 4);
});

it('shows filters in their own size, as the mean over channels', () => {
  const images = weightImagesOf([kernel(1, 2, 3, 4)], [8, 8, 3], classes);
  expect(images).toMatchObject({ of: 'filters', width: 2, labels: ['1', '2', '3', '4'] });
  // [pixel, channel, filter] = 100 · pixel + channel + 10 · filter.
  const values = Array.from(
    { length: 24 },
    (_, i) => 100 * Math.floor(i / 12) + (Math.floor(i / 4) % 3) + 10 * (i % 4),
  );
  expect(Array.from(images?.read(values) ?? [], (value) => Math.round(value * 1e4) / 1e4)).toEqual([
    1, 11, 21, 31, 101, 111, 121, 131,
  ]);
  const dense = weightImagesOf([kernel(6, 3)], [1, 2, 3], classes);
  expect(dense?.read(Array.from({ length: 18 }, (_, i) => Math.floor(i / 3)))).toEqual(
    Float32Array.of(1, 1, 1, 4, 4, 4),
  );
});

it('shows nothing of layers that see no image', () => {
  expect(weightImagesOf([], [2, 3, 1], classes)).toBeUndefined();
  expect(weightImagesOf([bias], [2, 3, 1], classes)).toBeUndefined();
  expect(weightImagesOf([kernel(5, 3)], [2, 3, 1], classes)).toBeUndefined();
  expect(weightImagesOf([kernel(6, 3)], [6], classes)).toBeUndefined();
});
