/**
 * Dependence of tensors on the samples of a data set, and the parts of a graph that are computed for each chunk of samples.
 */
import { describe, expect, it } from 'vitest';
import { splitSamples } from '../../src/compile/split-samples.ts';
import {
  add,
  argMax,
  avgPool2d,
  concat,
  constant,
  conv2d,
  expandDims,
  flatten,
  gather,
  gradients,
  matmul,
  maxPool2d,
  mul,
  oneHot,
  pad,
  placeholder,
  reduceMax,
  reduceMean,
  reduceMin,
  reduceSum,
  reshape,
  slice,
  softmax,
  sqrt,
  square,
  sub,
  transpose,
  variable,
  type Tensor,
} from '../../src/index.ts';

const ROWS = 6;
const x: Tensor = placeholder('x', [null, 4]);
const images: Tensor = placeholder('images', [null, 6, 6, 2]);
const ids: Tensor = placeholder('ids', [null], 'int32');
const w = variable('w', [1, 2, 3, 4]);
const square4 = variable(
  'square',
  Array.from({ length: 4 }, () => [1, 2, 3, 4]),
);
const filters = variable('filters', { shape: [3, 3, 2, 5], values: () => new Float32Array(90) });

function split(fetch: Tensor) {
  const shapesAt = (rows: number) =>
    new Map<Tensor, readonly number[]>([
      [x, [rows, 4]],
      [images, [rows, 6, 6, 2]],
      [ids, [rows]],
    ]);
  return splitSamples({ fetches: [fetch], names: ['fetch'], rows: ROWS, shapesAt, training: false });
}

/** How a fetch's parts are put together, and whether the fetch is one of them. */
function foldsOf(fetch: Tensor): string {
  const { parts, fetches } = split(fetch);
  const folds = parts.map(({ fold, axis }) => (fold === 'join' && axis > 0 ? `join ${axis}` : fold)).join(', ');
  const [only] = fetches;
  if (parts.some(({ value }) => value === only?.tensor)) return folds;
  return `${folds} → ${only?.isElementwise === true ? 'host' : 'device'}`;
}

const mean = reduceMean(x);

describe('parts of', () => {
  it.each<[string, Tensor, string]>([
    ['a variable', w, 'same'],
    ['a sum of weights', reduceSum(square(w)), 'same'],
    ['rows', mul(softmax(matmul(x, square4)), w), 'join'],
    ['something of another shape for each sample', reshape(x, [-1]), 'join'],
    ['two rows for each sample', reshape(x, [-1, 2]), 'join'],
    ['columns', transpose(x), 'join 1'],
    ['columns and back', transpose(transpose(x)), 'join'],
    ['a product whose columns are samples', matmul(square4, x, { transposeA: true, transposeB: true }), 'join 1'],
    ['samples in the middle', expandDims(transpose(images, [1, 0, 2, 3]), 3), 'join 1'],
    ['a margin and a crop', slice(pad(x, [[0, 0], [1, 2]]), [0, 1], [-1, 3]), 'join'], // prettier-ignore
    ['concatenated features', concat([x, square(x)], 1), 'join'],
    ['looked up rows', gather(square4, ids), 'join'],
    ['classes', argMax(x, 1), 'join'],
    ['a convolution', conv2d(images, filters, { padding: 'same' }), 'join'],
    ['pooling', flatten(avgPool2d(maxPool2d(images, { size: 2 }), { size: 2, padding: 'same' })), 'join'],
    ['a sum', reduceSum(x), 'sum'],
    ['extremes', reduceMax(x, { axis: 0 }), 'max'],
    ['extremes of a softmax', reduceMin(softmax(x), { axis: 0, keepDims: true }), 'min'],
    ['a product over samples', matmul(x, x, { transposeA: true }), 'sum'],
    ['a confusion matrix', matmul(oneHot(ids, 3), x, { transposeA: true }), 'sum'],
    ['a gradient', gradients(reduceSum(square(matmul(x, square4))), [square4])[0] ?? x, 'sum'],
    ['a gradient of filters', gradients(reduceMean(conv2d(images, filters)), [filters])[0] ?? x, 'sum → device'],
    ['a mean', mean, 'sum → host'],
    ['a mean of each class', reduceMean(x, { axis: 0 }), 'sum → host'],
    ['a mean of means', reduceMean(reduceMean(x, { axis: 0 })), 'sum → device'],
    ['a mean of rows’ means', reduceMean(reduceMean(x, { axis: 1 })), 'sum → host'],
    ['a mean and a penalty', add(mul(mean, 100), reduceSum(square(w))), 'sum, same → host'],
    ['a root', sqrt(reduceMean(square(x))), 'sum → host'],
    ['a variance', sub(reduceMean(square(x)), square(mean)), 'sum, sum → host'],
    ['a softmax of sums', softmax(reduceSum(x, { axis: 0 })), 'sum → device'],
    ['a sum of each sample’s greatest', reduceSum(reduceMax(x, { axis: 1 })), 'sum'],
  ])('%s', (_, fetch, expected) => {
    expect(foldsOf(fetch)).toBe(expected);
  });
});

describe('no parts of', () => {
  it.each<[string, Tensor, RegExp]>([
    ['samples against samples', matmul(x, x, { transposeB: true }), /matmul \[6, 6\] combines samples with samples/],
    ['what is centred', sub(x, reduceMean(x, { axis: 0 })), /sub \[6, 4\] combines each sample with a result of all/],
    ['a softmax over samples', softmax(transpose(x)), /softmax \[4, 6\]/],
    ['a place among samples', argMax(x, 0), /argMax \[4\] is an index among all samples/],
    ['some samples', slice(x, [0, 0], [3, -1]), /slice \[3, 4\]/],
    ['all but one', slice(x, [1, 0], [-1, -1]), /slice \[5, 4\]/],
    ['samples by index', gather(x, ids), /gather \[6, 4\]/],
    ['samples after each other', concat([x, x], 0), /concat \[12, 4\]/],
    ['columns after each other', concat([transpose(x), transpose(x)], 1), /concat \[4, 12\]/],
    ['several samples in a row', reshape(x, [-1, 8]), /reshape \[3, 8\]/],
    ['samples and features in turn', reshape(transpose(x), [-1, 4]), /reshape \[6, 4\]/],
    ['a margin of samples', pad(x, [[0, 6], [0, 0]]), /pad \[12, 4\]/], // prettier-ignore
    [
      'a vector as long as the set',
      mul(x, constant(new Float32Array(ROWS), [ROWS, 1])),
      /its graph fits one number of samples only/,
    ],
  ])('%s', (_, fetch, why) => {
    expect(() => split(fetch)).toThrow(why);
    expect(() => split(fetch)).toThrow(/^evaluate: 'fetch' .* Fetch its inputs, or run it on the whole set: session\.run\(fetches, data\)\.$/); // prettier-ignore
  });
});
