/**
 * Ops refuse operands that do not fit when the graph is built: the message names op, operands, shapes and the remedy.
 */
import { expect, test } from 'vitest';
import { GraphError, UsageError } from '../../src/errors.ts';
import * as ops from '../../src/index.ts';
import { constant, placeholder, type Tensor } from '../../src/index.ts';

// As plain tensors: the editor would refuse some of these too.
const a: Tensor = placeholder('a', [null, 784]);
const b: Tensor = placeholder('b', [10, 3]);
const scalar: Tensor = placeholder('s', []);
const ids: Tensor = placeholder('ids', [null], 'int32');
const images: Tensor = placeholder('images', [null, 8, 8, 3]);
const flags: Tensor = placeholder('flags', [null], 'bool');

/** Batch normalisation of [null, 8, 8, 3] with some options amiss. */
function normalized(options: Partial<ops.BatchNormalizationOptions>, x = images): Tensor {
  const three = constant([1, 2, 3]);
  const moving = ops.variable('moving', ops.zeros([3]), { trainable: false });
  return ops.batchNormalization(x, {
    gamma: three,
    beta: three,
    movingMean: moving,
    movingVariance: moving,
    ...options,
  });
}

// prettier-ignore
const faults: readonly (readonly [string, () => Tensor, RegExp])[] = [
  ['broadcast', () => ops.add(a, b), /^add: 'a' \[null, 784\] and 'b' \[10, 3\] do not broadcast; .*reshape/],
  ['unnamed operands', () => ops.mul(ops.neg(a), b), /^mul: the result of neg \[null, 784\] and 'b'/],
  ['dtypes', () => ops.add(a, ops.reshape(ids, [-1, 1])), /^add: 'a' .* is float32, .* is int32; .*cast/],
  ['bool arithmetic', () => ops.sub(flags, flags), /^sub: 'flags' \[null\] is bool; sub takes float32 or int32: cast it/],
  ['bool order', () => ops.less(flags, flags), /^less: 'flags' \[null\] is bool/],
  ['a number beside a bool', () => ops.equal(flags, 1), /^equal: 1 cannot be an operand beside a tensor of bool; cast/],
  ['a fraction beside an int32', () => ops.add(ids, 0.5), /^add: 0.5 cannot be .* int32; cast/],
  ['an int32 exponential', () => ops.exp(ids), /^exp: 'ids' \[null\] is int32; exp takes float32: cast/],
  ['pow of int32', () => ops.pow(ids, 2), /^pow: .*cast/],
  ['not of a float', () => ops.logicalNot(a), /^logicalNot: 'a' .* takes bool/],
  ['condition', () => ops.where(a, a, 0), /^where: 'a' .* takes bool/],
  ['branches', () => ops.where(flags, ids, scalar), /^where: 'ids' .* int32, 's' \[\] is float32/],
  ['where shapes', () => ops.where(constant([true, false]), a, b), /^where: .*'a' \[null, 784\] and 'b' \[10, 3\]/],
  ['mod of bools', () => ops.mod(flags, flags), /^mod: 'flags' .*takes float32 or int32: cast/],
  ['and of floats', () => ops.logicalAnd(flags, a), /^logicalAnd: 'flags' .* is bool, 'a' .* is float32; .*cast/],
  ['or of ids', () => ops.logicalOr(ids, ids), /^logicalOr: 'ids' \[null\] is int32; logicalOr takes bool: cast/],
  ['elu alpha', () => ops.elu(a, Infinity), /^elu: alpha is Infinity; give/],
  ['sigmoid labels', () => ops.sigmoidCrossEntropy(a, ids), /^sigmoidCrossEntropy: logits 'a' \[null, 784\] and labels 'ids' \[null\] differ in shape; give/],
  ['sigmoid labels of int32', () => ops.sigmoidCrossEntropy(ids, ids), /^sigmoidCrossEntropy: 'ids' .*takes float32: cast/],
  ['leakyRelu slope', () => ops.leakyRelu(a, NaN), /^leakyRelu: the slope is NaN; give/],
  ['matmul sizes', () => ops.matmul(a, b), /^matmul: 'a' \[null, 784\] and 'b' \[10, 3\] do not fit: .*784.*10; transpose/],
  ['matmul transposed', () => ops.matmul(a, b, { transposeB: true }), /'b' \[10, 3\] transposed do not fit: .*784.*3/],
  ['matmul rank', () => ops.matmul(scalar, b), /^matmul: 's' \[\] is not a matrix; reshape/],
  ['matmul dtype', () => ops.matmul(ops.reshape(ids, [-1, 10]), b), /^matmul: .* is int32; matmul takes float32/],
  ['filters', () => ops.conv2d(images, a), /^conv2d: the filters 'a' \[null, 784\] have the wrong shape; give \[height, width, channels, filters\]/],
  ['channels', () => ops.conv2d(images, constant(new Float32Array(72), [3, 3, 1, 8])), /^conv2d: 'images' .* has 3 channels, the filters .* take 1; make/],
  ['no images', () => ops.maxPool2d(a, { size: 2 }), /^maxPool2d: 'a' \[null, 784\] is not a batch of images; give \[batch/],
  ['images of any size', () => ops.avgPool2d(placeholder('any', [2, null, 8, 3]), { size: 2 }), /'any' .* not a batch of images; .* known/],
  ['window', () => ops.maxPool2d(images, { size: [9, 3] }), /^maxPool2d: a window of 9 × 3 does not fit into 'images' \[null, 8, 8, 3\]; .*'same'/],
  ['strides', () => ops.avgPool2d(images, { size: 2, strides: 0 }), /^avgPool2d: `strides` is 0; give a whole number from 1/],
  ['images of int32', () => ops.maxPool2d(constant(new Int32Array(4), [1, 2, 2, 1]), { size: 2 }), /^maxPool2d: .*takes float32: cast/],
  ['axis range', () => ops.reduceSum(a, { axis: 2 }), /^reduceSum: 'a' \[null, 784\] has no axis 2; .*-2 to 1/],
  ['axis twice', () => ops.reduceMax(a, { axis: [1, -1] }), /^reduceMax: axes \[1,-1\] of 'a' .* twice/],
  ['axis of a scalar', () => ops.argMax(scalar, 0), /^argMax: 's' \[\] has no axis 0; .*reshape/],
  ['axis not whole', () => ops.reduceMin(a, { axis: 0.5 }), /^reduceMin: .* no axis 0.5/],
  ['mean of int32', () => ops.reduceMean(ids), /^reduceMean: 'ids' .*cast/],
  ['sum of bool', () => ops.reduceSum(flags), /^reduceSum: 'flags' .*cast/],
  ['oneHot of floats', () => ops.oneHot(a, 3), /^oneHot: 'a' .* takes int32/],
  ['oneHot depth', () => ops.oneHot(ids, 0), /^oneHot: depth 0 .*whole number from 1/],
  ['gather by floats', () => ops.gather(b, scalar), /^gather: 's' .* takes int32/],
  ['gather of a scalar', () => ops.gather(scalar, ids), /^gather: 's' \[\] has no rows/],
  ['softmax of a scalar', () => ops.softmax(scalar), /^softmax: 's' \[\] is a scalar; give rows/],
  ['softmax of int32', () => ops.logSoftmax(ids), /^logSoftmax: 'ids' .*cast/],
  ['labels', () => ops.softmaxCrossEntropy(b, a), /logits 'b' \[10, 3\] and labels 'a' \[null, 784\] differ in shape; .*oneHot/],
  ['labels by class', () => ops.softmaxCrossEntropy(b, ids), /logits 'b' \[10, 3\] and labels 'ids' \[null\] .*oneHot/],
  ['reshape size', () => ops.reshape(b, [7, 4]), /^reshape: 'b' \[10, 3\] does not fill \[7, 4\]; give sizes/],
  ['reshape left over', () => ops.reshape(b, [7, -1]), /^reshape: 'b' \[10, 3\] does not fill \[7, -1\]/],
  ['reshape two left over', () => ops.reshape(b, [-1, -1]), /^reshape: .*at most one of them -1/],
  ['reshape of a batch', () => ops.reshape(a, [null, 28, 29]), /^reshape: 'a' \[null, 784\] does not fill \[null, 28, 29\]/],
  ['reshape null beyond', () => ops.reshape(scalar, [null]), /^reshape: 's' \[\] does not fill \[null\]/],
  ['flatten of a scalar', () => ops.flatten(scalar), /^flatten: 's' \[\] has no axis/],
  ['expandDims', () => ops.expandDims(b, 4), /^expandDims: .* no axis 4; .*-3 to 2/],
  ['expandDims twice', () => ops.expandDims(b, [0, -4]), /^expandDims: axes \[0,-4\] name one axis twice/],
  ['squeeze', () => ops.squeeze(b, 1), /^squeeze: axis 1 of 'b' \[10, 3\] is not of size 1; leave/],
  ['transpose', () => ops.transpose(b, [0, 0]), /^transpose: \[0,0\] does not order the axes of 'b'/],
  ['concat of nothing', () => ops.concat([], 0), /^concat: .*at least one/],
  ['concat sizes', () => ops.concat([a, b], 0), /^concat: 'a' \[null, 784\] and 'b' \[10, 3\] differ in more than axis 0/],
  ['concat dtypes', () => ops.concat([ids, flags], 0), /^concat: 'ids' .* int32, 'flags' .* bool/],
  ['concat axis', () => ops.concat([a, a], 2), /^concat: 'a' .* no axis 2/],
  ['stack of nothing', () => ops.stack([]), /^stack: .*at least one/],
  ['stack of shapes', () => ops.stack([b, scalar]), /^stack: 'b' \[10, 3\] and 's' \[\] differ in shape; reshape/],
  ['stack of dtypes', () => ops.stack([ids, flags]), /^stack: 'ids' .* int32, 'flags' .* bool.*cast/],
  ['stack axis', () => ops.stack([b, b], 3), /^stack: the result of 3 axes has no axis 3; .*-3 to 2/],
  ['unstack a batch', () => ops.unstack(a)[0] ?? a, /^unstack: axis 0 of 'a' \[null, 784\] is decided by the feed; give/],
  ['split into uneven parts', () => ops.split(b, 3)[0] ?? b, /^split: 3 does not split the 10 elements along axis 0 of 'b' \[10, 3\]; give/],
  ['split by sizes', () => ops.split(b, [1, 1], 1)[0] ?? b, /^split: \[1, 1\] does not split the 3 elements/],
  ['split a batch', () => ops.split(a, 2)[0] ?? a, /^split: axis 0 of 'a' .* decided by the feed; .*slice/],
  ['tile', () => ops.tile(b, [2]), /^tile: \[2\] does not repeat 'b' \[10, 3\]; give/],
  ['tile nothing', () => ops.tile(b, [0, 1]), /^tile: \[0, 1\] does not/],
  ['reverse', () => ops.reverse(b, 2), /^reverse: 'b' \[10, 3\] has no axis 2/],
  ['range without an end', () => ops.range(0, 3, -1), /^range: there are no numbers from 0 to 3 in steps of -1; give/],
  ['range that stands', () => ops.range(0, 3, 0), /^range: .*steps of 0; give/],
  ['range beyond int32', () => ops.range(2 ** 31, 2 ** 31 + 1), /^range: .* not all int32; give/],
  ['topK of too few', () => ops.topK(b, 4).values, /^topK: k is 4; give a whole number from 1 to 3/],
  ['topK of int32', () => ops.topK(ids, 1).values, /^topK: 'ids' .*takes float32: cast/],
  ['topK of an unknown axis', () => ops.topK(ops.transpose(a), 1).values, /^topK: the last axis of .* is not known; give/],
  ['argMin of bools', () => ops.argMin(flags, 0), /^argMin: 'flags' .*takes float32 or int32: cast/],
  ['batchMatmul axes', () => ops.batchMatmul(placeholder('c', [2, 3, 4]), placeholder('d', [3, 4, 5])), /^batchMatmul: 'c' \[2, 3, 4\] and 'd' \[3, 4, 5\] do not fit; give/],
  ['batchMatmul rows', () => ops.batchMatmul(a, b), /^batchMatmul: 'a' \[null, 784\] and 'b' \[10, 3\] do not fit/],
  ['batchMatmul of a vector', () => ops.batchMatmul(ids, b), /^batchMatmul: 'ids' \[null\] has no matrices; reshape/],
  ['batchMatmul of int32', () => ops.batchMatmul(ops.reshape(ids, [-1, 10]), b), /^batchMatmul: .*takes float32: cast/],
  ['random sizes', () => ops.randomUniform([-1], { name: 'u' }), /^randomUniform: \[-1\] is not a shape; give/],
  ['slice outside', () => ops.slice(b, [8, 0], [3, -1]), /^slice: begin \[8, 0\] and size \[3, -1\] .*'b' \[10, 3\]; give/],
  ['slice begin', () => ops.slice(b, [-1, 0], [1, 1]), /^slice: begin \[-1, 0\]/],
  ['slice rank', () => ops.slice(b, [0], [1]), /^slice: .*for each axis/],
  ['pad', () => ops.pad(b, [[1, 2]]), /^pad: margins \[\[1, 2\]\] do not fit 'b' \[10, 3\]; give \[before, after\]/],
  ['dropout of int32', () => ops.dropout(ids, 0.5), /^dropout: 'ids' .*takes float32: cast/],
  ['dropout by a vector', () => ops.dropout(a, placeholder('rates', [2])), /^dropout: the rate 'rates' \[2\] of float32 is not a float32 scalar; give a number/],
  ['dropout by int32', () => ops.dropout(a, placeholder('rate', [], 'int32')), /^dropout: the rate 'rate' \[\] of int32 /],
  ['normalisation of a vector', () => normalized({}, placeholder('v', [3])), /^batchNormalization: 'v' \[3\] is not a batch/],
  ['of channels not known', () => normalized({}, placeholder('v', [3, null])), /^batchNormalization: 'v' .*known channels/],
  ['of int32', () => normalized({}, ops.reshape(ids, [-1, 3])), /^batchNormalization: .* is int32; .*cast/],
  ['channels of gamma', () => normalized({ gamma: scalar }), /^batchNormalization: gamma 's' \[\] does not fit 'images' .*; give float32 \[3\]/],
  ['trainable statistics', () => normalized({ movingMean: ops.variable('mean', ops.zeros([3])) }), /^batchNormalization: movingMean 'mean' \[3\] is trainable; .*trainable: false/],
  ['pad with a fraction', () => ops.pad(ids, [[1, 1]], 0.5), /^pad: the value 0.5 does not fit 'ids'/],
];

test.each(faults.map(([what, build, message]) => ({ what, build, message })))('$what', ({ build, message }) => {
  expect(build).toThrow(GraphError);
  expect(build).toThrow(message);
});

// prettier-ignore
const misuses: typeof faults = [
  ['dropout rate', () => ops.dropout(a, 1), /^dropout: the rate is 1; give the fraction to drop, from 0 to less than 1/],
  ['dropout below zero', () => ops.dropout(a, -0.1), /^dropout: the rate is -0.1/],
  ['dropout by a text', () => ops.dropout(a, '0.5' as never), /^dropout: the rate is '0.5'; give/],
  ['dropout of nothing', () => ops.dropout(a, NaN), /^dropout: the rate is NaN/],
  ['a random tensor without a name', () => ops.randomNormal([2], {} as never), /^randomNormal: the name is undefined; give a text/],
  ['bounds of random numbers', () => ops.randomUniform([2], { name: 'u', high: Infinity }), /^randomUniform: `high` is Infinity; give a finite/],
  ['momentum', () => normalized({ momentum: 1.5 }), /^batchNormalization: `momentum` is 1.5; .*from 0 to 1/],
  ['epsilon', () => normalized({ epsilon: 0 }), /^batchNormalization: `epsilon` is 0; .*above 0/],
];

test.each(misuses.map(([what, build, message]) => ({ what, build, message })))('$what', ({ build, message }) => {
  expect(build).toThrow(UsageError);
  expect(build).toThrow(message);
});
