/** Every op's values, derived by hand. */
import { describe, expect, test } from 'vitest';
import { evaluate } from '../reference/evaluate.ts';
import * as ops from '../../src/index.ts';
import { constant, gradients, placeholder, type Tensor } from '../../src/index.ts';
import { choose, damped, softsign } from './own-ops.ts';
import { opCases } from './table.ts';

type Expected = number | boolean | readonly Expected[];

const fixed = { trainable: false };

/** What an expression gives, outside of training. Rows: the op, the expression, its value. */
// prettier-ignore
const table: readonly (readonly [string, Tensor, Expected])[] = [
  ['add', ops.add(constant([1, 2]), constant([[10], [20]])), [[11, 12], [21, 22]]],
  ['add', ops.add(ints(1, 2), 3), [4, 5]],
  ['sub', ops.sub(constant([1, 2]), 5), [-4, -3]],
  ['sub', ops.sub(5, constant([1, 2])), [4, 3]],
  ['mul', ops.mul(constant([[1, 2], [3, 4]]), constant([10, 100])), [[10, 200], [30, 400]]],
  ['mul', ops.mul(ints(65537, -3), ints(65537, 7)), [131073, -21]], // wraps at 32 bits
  ['div', ops.div(constant([1, -1, 0]), constant([4, 2, 5])), [0.25, -0.5, 0]],
  ['div', ops.div(ints(7, -7, 7, -7, 5), ints(2, 2, -2, -2, 0)), [3, -3, -3, 3, 5]],
  ['mod', ops.mod(constant([7, -7, 7, -7, 5.5, -0.25]), constant([3, 3, -3, -3, 2, 1])), [1, 2, -2, -1, 1.5, 0.75]],
  ['mod', ops.mod(ints(7, -7, 7, -7, 5, -2147483648), ints(3, 3, -3, -3, 0, -1)), [1, 2, -2, -1, 0, 0]],
  ['mod', ops.mod(constant([16777216, 2 ** 100, Infinity, 1, -1, 1]), constant([3, 3, 2, Infinity, Infinity, 0])), [1, 1, NaN, 1, Infinity, NaN]],
  ['pow', ops.pow(constant([2, -2, -2, 0, 0, 9]), constant([3, 3, 2, 0, 2, 0.5])), [8, -8, 4, 1, 0, 3]],
  ['pow', ops.pow(constant([-2, 2]), constant([0.5, -1])), [NaN, 0.5]],
  ['pow', ops.pow(constant([0, -0, Infinity, -Infinity, NaN, 1]), constant([-1, -1, 0, 0, 3, NaN])), [Infinity, -Infinity, 1, 1, NaN, 1]],
  ['maximum', ops.maximum(constant([1, -2, 3]), constant([0, -1, 3])), [1, -1, 3]],
  ['minimum', ops.minimum(constant([1, -2, 3]), 0), [0, -2, 0]],
  ['neg', ops.neg(constant([1, -2, 0])), [-1, 2, 0]],
  ['exp', ops.exp(constant([0, 1, -1, -200])), [1, Math.E, 1 / Math.E, 0]],
  ['log', ops.log(constant([1, Math.E, 0, -1])), [0, 1, -Infinity, NaN]],
  ['sqrt', ops.sqrt(constant([0, 4, 2])), [0, 2, Math.SQRT2]],
  ['square', ops.square(constant([3, -2])), [9, 4]],
  ['abs', ops.abs(constant([3, -2, 0])), [3, 2, 0]],
  ['sign', ops.sign(constant([3, -2, 0])), [1, -1, 0]],
  ['floor', ops.floor(constant([1.5, -1.5, 2])), [1, -2, 2]],
  ['ceil', ops.ceil(constant([1.5, -1.5, 2])), [2, -1, 2]],
  ['round', ops.round(constant([0.5, 1.5, 2.5, -0.5, -1.5, 2.4, -2.6, 8388609])), [0, 2, 2, -0, -2, 2, -3, 8388609]],
  ['log1p', ops.mul(ops.log1p(constant([1e-10, -1e-10])), 1e10), [1, -1]],
  ['log1p', ops.log1p(constant([1, -1, -2, Infinity])), [Math.LN2, -Infinity, NaN, Infinity]],
  ['expm1', ops.mul(ops.expm1(constant([1e-10, -1e-10])), 1e10), [1, -1]],
  ['expm1', ops.expm1(constant([0, Math.LN2, -100, 100])), [0, 1, -1, Infinity]],
  ['sin', ops.sin(constant([0, Math.PI / 6, -Math.PI / 2, 1e4, Infinity])), [0, 0.5, -1, -0.3056143889, NaN]],
  ['cos', ops.cos(constant([0, Math.PI / 3, Math.PI, 1e4, -Infinity])), [1, 0.5, -1, -0.9521553682, NaN]],
  ['reciprocal', ops.reciprocal(constant([4, -2])), [0.25, -0.5]],
  ['clip', ops.clip(constant([-3, 0.5, 3]), -1, 1), [-1, 0.5, 1]],
  ['sigmoid', ops.sigmoid(constant([0, Math.log(3), 100, -100])), [0.5, 0.75, 1, Math.exp(-100)]],
  ['tanh', ops.tanh(constant([0, Math.log(3), 100, -100])), [0, 0.8, 1, -1]],
  ['relu', ops.relu(constant([-1, 0, 2])), [0, 0, 2]],
  ['elu', ops.elu(constant([-Math.LN2, 0, 2, -100, 100])), [-0.5, 0, 2, -1, 100]],
  ['elu', ops.elu(constant([-Math.LN2, 2]), 0.2), [-0.1, 2]],
  ['silu', ops.silu(constant([0, Math.log(3), -Math.log(3), 100])), [0, 0.75 * Math.log(3), -0.25 * Math.log(3), 100]],
  ['leakyRelu', ops.leakyRelu(constant([-1, 0, 2])), [-0.2, 0, 2]],
  ['leakyRelu', ops.leakyRelu(constant([-1, 2]), 0.01), [-0.01, 2]],
  // Abramowitz and Stegun, table 7.1.
  ['erf', ops.erf(constant([0, 0.5, 1, 2, -1, 9])), [0, 0.5204998778, 0.8427007929, 0.995322265, -0.8427007929, 1]],
  ['gelu', ops.gelu(constant([0, 1, -1])), [0, 0.8413447461, -0.1586552539]],
  ['softplus', ops.softplus(constant([0, 100, -100])), [Math.LN2, 100, Math.exp(-100)]],
  ['equal', ops.equal(constant([1, 2]), constant([1, 3])), [true, false]],
  ['equal', ops.equal(constant([true, false]), constant([true, true])), [true, false]],
  ['notEqual', ops.notEqual(constant([1, 2]), 2), [true, false]],
  ['less', ops.less(constant([1, 2, 3]), 2), [true, false, false]],
  ['lessEqual', ops.lessEqual(constant([1, 2, 3]), 2), [true, true, false]],
  ['greater', ops.greater(constant([1, 2, 3]), 2), [false, false, true]],
  ['greaterEqual', ops.greaterEqual(constant([1, 2, 3]), 2), [false, true, true]],
  ['isNaN', ops.isNaN(constant([NaN, Infinity, -Infinity, 0, -1])), [true, false, false, false, false]],
  ['isFinite', ops.isFinite(constant([NaN, Infinity, -Infinity, 0, -1])), [false, false, false, true, true]],
  ['logicalNot', ops.logicalNot(constant([true, false])), [false, true]],
  ['logicalAnd', ops.logicalAnd(constant([[true], [false]]), constant([true, false])), [[true, false], [false, false]]],
  ['logicalOr', ops.logicalOr(constant([[true], [false]]), constant([true, false])), [[true, true], [true, false]]],
  ['where', ops.where(constant([true, false]), constant([[1, 2], [3, 4]]), 0), [[1, 0], [3, 0]]],
  ['cast', ops.cast(constant([1.9, -1.9, 0, 3e9]), 'int32'), [1, -1, 0, 2147483520]],
  ['cast', ops.cast(constant([NaN, Infinity, -Infinity]), 'int32'), [0, 2147483520, -2147483648]],
  ['cast', ops.cast(constant([1.9, 0, NaN]), 'bool'), [true, false, true]],
  ['cast', ops.cast(constant([true, false]), 'float32'), [1, 0]],
  ['reduceSum', ops.reduceSum(constant([[1, 2], [3, 4]])), 10],
  ['reduceSum', ops.reduceSum(constant([[1, 2], [3, 4]]), { axis: 0 }), [4, 6]],
  ['reduceSum', ops.reduceSum(constant([[1, 2], [3, 4]]), { axis: -1, keepDims: true }), [[3], [7]]],
  ['reduceMean', ops.reduceMean(constant([[1, 2], [3, 6]]), { axis: 0 }), [2, 4]],
  ['reduceMax', ops.reduceMax(constant([[1, 7], [3, 4]]), { axis: 1 }), [7, 4]],
  ['reduceMin', ops.reduceMin(constant([[1, 7], [3, -4]])), -4],
  ['argMax', ops.argMax(constant([[1, 7, 7], [3, 2, 1]]), 1), [1, 0]],
  ['argMax', ops.argMax(constant([[1, 7], [3, 2]]), 0), [1, 0]],
  ['argMax', ops.argMax(constant([[1, NaN, 7, NaN], [NaN, 1, 2, 3], [-Infinity, -Infinity, -Infinity, 0]]), 1), [1, 0, 3]],
  ['reduceMax', ops.reduceMax(constant([[1, NaN, 7], [NaN, 1, 2], [1, 2, NaN]]), { axis: 1 }), [NaN, NaN, NaN]],
  ['reduceMin', ops.reduceMin(constant([[1, NaN, 7], [NaN, 1, 2], [1, 2, NaN]]), { axis: 1 }), [NaN, NaN, NaN]],
  ['argMin', ops.argMin(constant([[1, -7, -7], [3, 2, 1]]), 1), [1, 2]],
  ['argMin', ops.argMin(constant([[1, NaN, -7, NaN], [-Infinity, 1, NaN, 3], [Infinity, Infinity, Infinity, Infinity]]), 1), [1, 2, 0]],
  ['argMin', ops.argMin(ints(2147483647, -2147483648, 0), 0), 1],
  ['topK', ops.topK(constant([[1, 7, 7, 3], [3, -2, -1, 1]]), 3).values, [[7, 7, 3], [3, 1, -1]]],
  ['topK', ops.topK(constant([[1, 7, 7, 3], [3, -2, -1, 1]]), 3).indices, [[1, 2, 3], [0, 3, 2]]],
  ['topK', ops.topK(constant([[1, NaN, Infinity, NaN], [-Infinity, -Infinity, -0, 0]]), 4).indices, [[1, 3, 2, 0], [2, 3, 0, 1]]],
  ['topK', ops.topK(constant([1, NaN, Infinity, -Infinity]), 4).values, [NaN, Infinity, 1, -Infinity]],
  ['oneHot', ops.oneHot(ints(2, 0, 3), 3), [[0, 0, 1], [1, 0, 0], [0, 0, 0]]],
  ['gather', ops.gather(constant([[1, 2], [3, 4], [5, 6]]), ints(2, 0, 9)), [[5, 6], [1, 2], [5, 6]]],
  ['matmul', ops.matmul(constant([1, 2, 3, 4], [2, 2]), constant([5, 6], [2, 1])), [[17], [39]]],
  ['matmul', ops.matmul(constant([1, 2], [1, 2]), constant([5, 6], [1, 2]), { transposeB: true }), [[17]]],
  ['matmul', ops.matmul(constant([1, 2], [1, 2]), constant([5, 6], [1, 2]), { transposeA: true }), [[5, 6], [10, 12]]],
  ['batchMatmul', ops.batchMatmul(constant([1, 2, 3, 4], [2, 1, 2]), constant([5, 6, 7, 8], [2, 2, 1])), [[[17]], [[53]]]],
  ['batchMatmul', ops.batchMatmul(constant([1, 2, 3, 4], [2, 1, 2]), constant([5, 6], [1, 2]), { transposeB: true }), [[[17]], [[39]]]],
  ['batchMatmul', ops.batchMatmul(constant([1, 2], [2, 1]), constant([5, 6, 7, 8], [2, 1, 2]), {}), [[[5, 6], [10, 12]], [[7, 8], [14, 16]]]],
  ['batchMatmul', ops.batchMatmul(constant([1, 2], [1, 1, 2]), constant([5, 6], [1, 1, 2]), { transposeA: true }), [[[5, 6], [10, 12]]]],
  ['defineOp', softsign(constant([0, 1, -3])), [0, 0.5, -0.75]],
  ['defineOp', damped(constant([[3], [5]]), constant([4, -1])), [[0.6, 1.5], [1, 2.5]]],
  ['defineOp', choose(constant([2, 4]), 10, constant([-1, 1])), [2, 10]],
  ['conv2d', ops.conv2d(constant([1, 2, 3, 4, 5, 6], [1, 2, 3, 1]), constant([1, 10, 100, 1000], [2, 2, 1, 1])), [[[[5421], [6532]]]]],
  ['conv2d', ops.conv2d(constant([1, 2, 3, 4], [1, 2, 2, 1]), constant([1, 10, 100, 1000], [2, 2, 1, 1]), { padding: 'same' }), [[[[4321], [402]], [[43], [4]]]]],
  ['maxPool2d', ops.maxPool2d(constant([-1, -2, -3, -4, -5, -6], [1, 2, 3, 1]), { size: 2 }), [[[[-1]]]]],
  ['maxPool2d', ops.maxPool2d(constant([-1, -2, -3], [1, 1, 3, 1]), { size: 2, padding: 'same' }), [[[[-1], [-3]]]]],
  ['avgPool2d', ops.avgPool2d(constant([1, 2, 3, 4, 5, 6], [1, 2, 3, 1]), { size: 2, strides: 1 }), [[[[3], [4]]]]],
  ['avgPool2d', ops.avgPool2d(constant([1, 2, 6], [1, 1, 3, 1]), { size: 2, padding: 'same' }), [[[[1.5], [6]]]]],
  ['softmax', ops.softmax(constant([[0, Math.log(3)], [1000, 0]])), [[0.25, 0.75], [1, 0]]],
  ['logSoftmax', ops.logSoftmax(constant([[0, Math.log(3)], [1000, 0]])), [[Math.log(0.25), Math.log(0.75)], [0, -1000]]],
  ['softmaxCrossEntropy', ops.softmaxCrossEntropy(constant([0, Math.log(3)], [1, 2]), constant([2, 4], [1, 2])), [2 * Math.log(4) + 4 * Math.log(4 / 3)]],
  ['sigmoidCrossEntropy', ops.sigmoidCrossEntropy(constant([0, Math.log(3), Math.log(3)]), constant([0.3, 1, 0])), [Math.LN2, Math.log(4 / 3), Math.log(4)]],
  ['sigmoidCrossEntropy', ops.mul(ops.sigmoidCrossEntropy(constant([50, -50]), constant([1, 0])), 1e21), [1e21 * Math.exp(-50), 1e21 * Math.exp(-50)]],
  ['dropout', ops.dropout(constant([1, 2]), 0.9), [1, 2]],
  ['batchNormalization', ops.batchNormalization(constant([[1, 5], [3, 9]]), {
    gamma: constant([2, 3]), beta: constant([1, 0]),
    movingMean: ops.variable('mean', [2, 5], fixed), movingVariance: ops.variable('variance', [3.999, 0.249], fixed),
  }), [[0, 0], [2, 24]]],
  ['reshape', ops.reshape(constant([[1, 2, 3], [4, 5, 6]]), [3, -1]), [[1, 2], [3, 4], [5, 6]]],
  ['flatten', ops.flatten(constant([[[1], [2]], [[3], [4]]])), [[1, 2], [3, 4]]],
  ['expandDims', ops.expandDims(constant([1, 2]), -1), [[1], [2]]],
  ['squeeze', ops.squeeze(constant([[[1], [2]]])), [1, 2]],
  ['transpose', ops.transpose(constant([[1, 2, 3], [4, 5, 6]])), [[1, 4], [2, 5], [3, 6]]],
  ['transpose', ops.transpose(constant([[[1, 2]], [[3, 4]]]), [1, 2, 0]), [[[1, 3], [2, 4]]]],
  ['concat', ops.concat([constant([[1], [2]]), constant([[3, 4], [5, 6]]), constant([[7], [8]])], 1), [[1, 3, 4, 7], [2, 5, 6, 8]]],
  ['concat', ops.concat([constant([1]), constant([2, 3])], 0), [1, 2, 3]],
  ['stack', ops.stack([constant([1, 2]), constant([3, 4])]), [[1, 2], [3, 4]]],
  ['stack', ops.stack([constant([1, 2]), constant([3, 4])], 1), [[1, 3], [2, 4]]],
  ['unstack', ops.unstack(constant([[1, 2], [3, 4]]))[1] ?? constant(0), [3, 4]],
  ['unstack', ops.unstack(constant([[1, 2], [3, 4]]), -1)[1] ?? constant(0), [2, 4]],
  ['split', ops.split(constant([1, 2, 3, 4]), 2)[1] ?? constant(0), [3, 4]],
  ['split', ops.split(constant([[1, 2, 3]]), [1, 2], 1)[1] ?? constant(0), [[2, 3]]],
  ['tile', ops.tile(constant([[1, 2], [3, 4]]), [2, 1]), [[1, 2], [3, 4], [1, 2], [3, 4]]],
  ['tile', ops.tile(constant([[1, 2]]), [1, 3]), [[1, 2, 1, 2, 1, 2]]],
  ['reverse', ops.reverse(constant([[1, 2], [3, 4]]), 0), [[3, 4], [1, 2]]],
  ['reverse', ops.reverse(constant([[1, 2], [3, 4]]), [0, -1]), [[4, 3], [2, 1]]],
  ['range', ops.range(2, 9, 3), [2, 5, 8]],
  ['range', ops.range(1, -0.5, -0.5), [1, 0.5, 0]],
  ['range', ops.concat([ops.range(3, 3), ops.range(0, 2)], 0), [0, 1]],
  ['randomUniform', ops.floor(ops.randomUniform([3], { low: 5, high: 6, name: 'u' })), [5, 5, 5]],
  ['randomNormal', ops.randomNormal([2], { mean: 3, stddev: 0, name: 'n' }), [3, 3]],
  ['slice', ops.slice(constant([[1, 2, 3], [4, 5, 6]]), [0, 1], [-1, 2]), [[2, 3], [5, 6]]],
  ['pad', ops.pad(constant([[1, 2]]), [[1, 0], [0, 1]]), [[0, 0, 0], [1, 2, 0]]],
  ['pad', ops.pad(ints(1, 2), [[1, 2]], 7), [7, 1, 2, 7, 7]],
  ['identity', ops.identity(constant([1, 2]), 'same'), [1, 2]],
  ['stopGradient', ops.stopGradient(constant([1, 2])), [1, 2]],
];

function ints(...values: number[]): Tensor {
  return constant(Int32Array.from(values));
}

/** A tensor's value, nested. */
function nested(tensor: Tensor): Expected {
  const [result] = evaluate([tensor]);
  if (result === undefined) throw new Error('nothing was evaluated');
  const flat = Array.from(result.data, (x): Expected => (tensor.dtype === 'bool' ? x === 1 : x));
  const [value = NaN] = result.shape.reduceRight<Expected[]>(
    (rows, size) => Array.from({ length: rows.length / size }, (_, i) => rows.slice(i * size, (i + 1) * size)),
    flat,
  );
  return value;
}

function expectClose(actual: Expected, expected: Expected): void {
  if (Array.isArray(expected)) {
    expect(actual).toHaveLength(expected.length);
    expected.forEach((value: Expected, i) => expectClose((actual as Expected[])[i] ?? NaN, value));
  } else if (typeof expected === 'number' && Number.isFinite(expected)) {
    expect(actual).toBeCloseTo(expected, 5);
  } else {
    expect(actual).toEqual(expected);
  }
}

describe('values', () => {
  test.each(table.map(([op, tensor, expected], i) => ({ name: `${i} ${op}`, tensor, expected })))(
    '$name',
    ({ tensor, expected }) => {
      expectClose(nested(tensor), expected);
    },
  );

  test('of every op', () => {
    expect(new Set(table.map(([op]) => op))).toEqual(new Set(opCases.map(({ op }) => op)));
  });
});

describe('gradients at kinks', () => {
  const at = (build: (x: Tensor) => Tensor, values: number[]): Expected => {
    const x = constant(values);
    const [dx] = gradients(ops.reduceSum(build(x)), [x]);
    return dx === undefined ? [] : nested(dx);
  };

  test('relu and abs have none at 0', () => {
    expect(at(ops.relu, [-1, 0, 1])).toEqual([0, 0, 1]);
    expect(at(ops.abs, [-1, 0, 1])).toEqual([-1, 0, 1]);
  });

  test('elu and sigmoidCrossEntropy have one at 0, and elu where the exponential would overflow', () => {
    expect(at((x) => ops.elu(x, 0.5), [-Infinity, 0, 1, 1000])).toEqual([0, 0.5, 1, 1]);
    expect(at((x) => ops.sigmoidCrossEntropy(x, constant([0.25])), [0])).toEqual([0.25]);
  });

  test('mod has one towards the divisor: the quotient, rounded down', () => {
    const [a, b] = [constant([7, -7, 6, 0.3]), constant([3, 3, 3, 0.1])];
    expect(gradients(ops.reduceSum(ops.mod(a, b)), [a, b]).map(nested)).toEqual([[1, 1, 1, 1], [-2, 3, -2, -3]]); // prettier-ignore
  });

  test('clip has one at its bounds', () => {
    expect(at((x) => ops.clip(x, -1, 1), [-2, -1, 0, 1, 2])).toEqual([0, 1, 1, 1, 0]);
  });

  test('reduceMax shares it among ties', () => {
    expect(at(ops.reduceMax, [1, 3, 3, 2])).toEqual([0, 0.5, 0.5, 0]);
  });

  test('the first of equal operands has that of maximum and minimum', () => {
    const [a, b] = [constant([2]), constant([2])];
    for (const op of [ops.maximum, ops.minimum]) {
      expect(gradients(ops.reduceSum(op(a, b)), [a, b]).map(nested)).toEqual([[1], [0]]);
    }
  });

  test('pow has none towards the exponent of a base that is not positive, and one at x⁰', () => {
    const [a, b] = [constant([0, -2, 3]), constant([2, 2, 0])];
    const [da, db] = gradients(ops.reduceSum(ops.pow(a, b)), [a, b]);
    expect(da && nested(da)).toEqual([0, -4, 0]);
    expect(db && nested(db)).toEqual([0, 0, expect.closeTo(Math.log(3))]);
  });
});

test('a graph keeps no array of its maker', () => {
  const shape = [2, 2];
  const [begin, size] = [
    [1, 0],
    [1, 2],
  ];
  const row = ops.slice(ops.reshape(constant([1, 2, 3, 4]), shape), begin, size);
  for (const array of [shape, begin, size]) array.fill(9);
  expect(nested(row)).toEqual([[3, 4]]);
});

test('one graph serves every batch, broadcast from one row or not', () => {
  const [a, b] = [placeholder('a', [null, 2]), placeholder('b', [null, 2])];
  const slopes = gradients(ops.reduceMean(ops.mul(a, b)), [a, b]);
  const run = (rowsA: number[][], rowsB: number[][]): number[][] =>
    evaluate(
      slopes,
      new Map([
        [a, { data: rowsA.flat(), shape: [rowsA.length, 2] }],
        [b, { data: rowsB.flat(), shape: [rowsB.length, 2] }],
      ]),
    ).map(({ data }) => Array.from(data));
  expect(run([[1, 2]], [[3, 5]])).toEqual([
    [1.5, 2.5],
    [0.5, 1],
  ]);
  expect(
    run(
      [[1, 2]],
      [
        [3, 5],
        [1, 1],
      ],
    ),
  ).toEqual([
    [1, 1.5],
    [0.25, 0.5, 0.25, 0.5],
  ]);
  expect(
    run(
      [
        [3, 5],
        [1, 1],
      ],
      [[1, 2]],
    ),
  ).toEqual([
    [0.25, 0.5, 0.25, 0.5],
    [1, 1.5],
  ]);
});
