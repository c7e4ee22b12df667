/**
 * Arrays print in NumPy's format: the texts are those of NumPy 2.4, except for `true`, `false` and `NaN`.
 */
import { expect, test } from 'vitest';
import { ndarray } from '../../src/graph/print-array.ts';
import { allocate, type DType } from '../../src/graph/dtype.ts';
import { sizeOfShape } from '../../src/graph/shape.ts';

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

/** An array of `shape` with the element that `value` gives for each index. */
function filled(dtype: DType, shape: readonly number[], value: (i: number) => number): string {
  const data = allocate(dtype, sizeOfShape(shape)).map((_, i) => value(i));
  return String(ndarray({ data, shape, dtype }));
}
const float32 = (...values: readonly number[]): string => filled('float32', [values.length], (i) => values[i] ?? nan);

test.each([
  ['no more digits than a float32 needs', [0.1, 0.3, 2 / 3], '[0.1       0.3       0.6666667]'],
  ['eight places at most', [0.012345678, 0.5], '[0.01234568 0.5       ]'],
  ['a point after whole numbers', [1000, 1], '[1000.    1.]'],
  ['small numbers', [1e-4, 0.05], '[0.0001 0.05  ]'],
  ['smaller ones in powers of ten', [0.09, 0.91, 1e-7], '[9.0e-02 9.1e-01 1.0e-07]'],
  ['large ones too', [1e8, 1], '[1.e+08 1.e+00]'],
  ['and those more than a thousand times others', [0.1, 0.2, 1000], '[1.e-01 2.e-01 1.e+03]'],
  ['the ends of the range', [1e38, 3e-40], '[1.e+38 3.e-40]'],
  ['neighbours of float32', [1.00000012, 16777216], '[1.0000001e+00 1.6777216e+07]'],
  ['what is not finite', [nan, 1.5, inf, -inf], '[ NaN  1.5  inf -inf]'],
  ['nothing that is finite', [nan, inf], '[NaN inf]'],
  ['signed zeros', [-0, 0], '[-0.  0.]'],
])('floats: %s', (_, values, text) => {
  expect(float32(...values)).toBe(text);
});

test('integers and booleans', () => {
  expect(filled('int32', [2, 2], (i) => [1, -20, 300, 4][i] ?? nan)).toBe('[[  1 -20]\n [300   4]]');
  expect(filled('bool', [1, 3], (i) => i % 2)).toBe('[[false  true false]]');
});

test('dtypes of files only: doubles and BigInts', () => {
  expect(String(ndarray({ data: Float64Array.of(0.1, 1 / 3, 2), shape: [3], dtype: 'float64' }))).toBe(
    '[0.1        0.33333333 2.        ]',
  );
  expect(String(ndarray({ data: BigInt64Array.of(5n, -(2n ** 60n)), shape: [2, 1], dtype: 'int64' }))).toBe(
    '[[                   5]\n [-1152921504606846976]]',
  );
});

test('scalars and empty arrays', () => {
  expect([2.5, 3].map((value) => filled('float32', [], () => value))).toEqual(['2.5', '3.0']);
  expect(filled('int32', [], () => 7)).toBe('7');
  expect([[0], [2, 0, 3], [1e6, 0]].map((shape) => filled('float32', shape, () => 1))).toEqual(['[]', '[]', '[]']);
});

test('columns are aligned, axes are lines, and lines between them', () => {
  expect(filled('float32', [2, 2], (i) => [1, 2.5, -3, 4][i] ?? nan)).toBe('[[ 1.   2.5]\n [-3.   4. ]]');
  expect(filled('int32', [2, 1, 2, 2], (i) => i + 3)).toBe('[[[[ 3  4]\n   [ 5  6]]]\n\n\n [[[ 7  8]\n   [ 9 10]]]]');
});

test('long rows go on in the next line', () => {
  expect(filled('float32', [14], (i) => i / 7)).toBe(
    '[0.         0.14285715 0.2857143  0.42857143 0.5714286  0.71428573\n' +
      ' 0.85714287 1.         1.1428572  1.2857143  1.4285715  1.5714285\n' +
      ' 1.7142857  1.8571428 ]',
  );
});

test('more than a thousand elements are shortened, three at each edge', () => {
  expect(filled('int32', [1000], (i) => i).match(/\d+/g)).toHaveLength(1000);
  expect(filled('int32', [1001], (i) => i)).toBe('[   0    1    2 ...  998  999 1000]');
  expect(filled('int32', [2, 4, 300], (i) => i)).toBe(`[[[   0    1    2 ...  297  298  299]
  [ 300  301  302 ...  597  598  599]
  [ 600  601  602 ...  897  898  899]
  [ 900  901  902 ... 1197 1198 1199]]

 [[1200 1201 1202 ... 1497 1498 1499]
  [1500 1501 1502 ... 1797 1798 1799]
  [1800 1801 1802 ... 2097 2098 2099]
  [2100 2101 2102 ... 2397 2398 2399]]]`);
  expect(filled('float32', [200, 7], (i) => (i - 700) / 700))
    .toBe(`[[-1.         -0.99857146 -0.99714285 ... -0.9942857  -0.99285716
  -0.99142855]
 [-0.99       -0.9885714  -0.98714286 ... -0.9842857  -0.98285717
  -0.98142856]
 [-0.98       -0.9785714  -0.9771429  ... -0.9742857  -0.9728571
  -0.9714286 ]
 ...
 [ 0.97        0.9714286   0.9728571  ...  0.97571427  0.9771429
   0.9785714 ]
 [ 0.98        0.98142856  0.98285717 ...  0.98571426  0.98714286
   0.9885714 ]
 [ 0.99        0.99142855  0.99285716 ...  0.9957143   0.99714285
   0.99857146]]`);
});

test('tens of millions of elements print as fast as a few', () => {
  const data = new Uint8Array(55_000 * 784);
  const began = performance.now();
  const text = String(ndarray({ data, shape: [55_000, 784], dtype: 'bool' }));
  expect(performance.now() - began).toBeLessThan(1000);
  expect(text.split('\n')).toHaveLength(7);
});
