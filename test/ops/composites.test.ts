/** Composite ops: messages name the op that the user called, when building a graph and when running it. */
import { expect, test } from 'vitest';
import * as ops from '../../src/index.ts';
import { constant, createSession, GraphError, placeholder, variable, zeros, type Tensor } from '../../src/index.ts';
import { describeTensor } from '../../src/graph/tensor.ts';

const a: Tensor = placeholder('a', [null, 4]);
const b: Tensor = placeholder('b', [null, 4]);
const ids: Tensor = placeholder('ids', [null], 'int32');
const images: Tensor = placeholder('images', [null, 4, 4, 2]);
const filters: Tensor = variable('filters', zeros([2, 2, 2, 3]));
const still = { trainable: false };

// prettier-ignore
const composites: readonly (readonly [keyof typeof ops, Tensor])[] = [
  ['softmaxCrossEntropy', ops.softmaxCrossEntropy(a, b)],
  ['reduceMean', ops.reduceMean(a, { axis: 1 })],
  ['clip', ops.clip(a, 0, 1)],
  ['gelu', ops.gelu(a)],
  ['elu', ops.elu(a)],
  ['silu', ops.silu(a)],
  ['argMin', ops.argMin(a, 1)],
  ['stack', ops.stack([a, b])],
  ['unstack', ops.unstack(a, 1)[0] ?? a],
  ['split', ops.split(a, 2, 1)[0] ?? a],
  ['topK', ops.topK(a, 2).values],
  ['topK', ops.topK(a, 2).indices],
  ['randomUniform', ops.randomUniform(a, { name: 'u', high: 2 })],
  ['randomNormal', ops.randomNormal(a, { name: 'n' })],
  ['leakyRelu', ops.leakyRelu(a)],
  ['flatten', ops.flatten(images)],
  ['oneHot', ops.oneHot(ids, 3)],
  ['conv2d', ops.conv2d(images, filters)],
  ['conv2d', ops.conv2d(ops.conv2d(images, filters, { padding: 'same' }), zeroFilters(3))],
  ['maxPool2d', ops.maxPool2d(images, { size: 2 })],
  ['avgPool2d', ops.avgPool2d(images, { size: 2, padding: 'same' })],
  ['dropout', ops.dropout(a, 0.5)],
  ['concat', ops.concat([a, b, a], 0)],
  ['batchNormalization', ops.batchNormalization(images, {
    gamma: constant([1, 1]), beta: constant([0, 0]),
    movingMean: variable('mean', zeros([2]), still), movingVariance: variable('variance', zeros([2]), still),
  })],
  ['gradients', ops.gradients(ops.reduceMean(ops.mul(a, filters.shape.length)), [a])[0] ?? a],
];

function zeroFilters(channels: number): Tensor {
  return variable('more', zeros([1, 1, channels, 3]));
}

test.each(composites.map(([name, y]) => ({ name, y })))('the result of $name is called so', ({ name, y }) => {
  expect(describeTensor(y)).toMatch(new RegExp(`^the result of ${name} \\[`));
  expect(describeTensor(ops.neg(y))).toMatch(/^the result of neg \[/);
  expect(describeTensor(ops.identity(y, 'named'))).toMatch(/^'named' \[/);
});

// prettier-ignore
const faults: readonly (readonly [string, () => unknown, RegExp])[] = [
  ['a loss that is not reduced', () => ops.gradientDescent(1).minimize(ops.softmaxCrossEntropy(ops.mul(a, variable('w', [1, 2, 3, 4])), b)), /got the result of softmaxCrossEntropy \[null\]/],
  ['int32 labels', () => ops.softmaxCrossEntropy(a, ops.cast(b, 'int32')), /^softmaxCrossEntropy: the result of cast \[null, 4\] is int32; softmaxCrossEntropy takes float32/],
  ['int32 logits', () => ops.softmaxCrossEntropy(ops.cast(a, 'int32'), b), /^softmaxCrossEntropy: .* is int32; softmaxCrossEntropy takes/],
  ['scalars', () => ops.softmaxCrossEntropy(constant(1), constant(1)), /^softmaxCrossEntropy: .* is a scalar/],
  ['a mean along no axis', () => ops.reduceMean(a, { axis: 5 }), /^reduceMean: 'a' \[null, 4\] has no axis 5/],
  ['bounds that do not broadcast', () => ops.clip(a, constant([1, 2, 3]), 4), /^clip: 'a' \[null, 4\] and the result of constant \[3\] do not broadcast/],
  ['bounds of another dtype', () => ops.clip(ids, 0.5, 1), /^clip: 0\.5 cannot be an operand beside a tensor of int32/],
  ['gelu of int32', () => ops.gelu(ids), /^gelu: 'ids' \[null\] is int32; gelu takes float32/],
  ['filters of int32', () => ops.conv2d(images, ops.cast(filters, 'int32')), /^conv2d: the result of cast .* is int32; conv2d takes float32/],
  ['elu of int32', () => ops.elu(ids), /^elu: 'ids' \[null\] is int32; elu takes float32/],
  ['silu of int32', () => ops.silu(ids), /^silu: 'ids' \[null\] is int32; silu takes float32/],
  ['one within another', () => ops.reduceMean(ops.oneHot(ids, 3), { axis: 7 }), /^reduceMean: the result of oneHot \[null, 3\] has no axis 7/],
  ['channels of a convolution', () => ops.conv2d(ops.conv2d(images, filters), filters), /^conv2d: the result of conv2d \[null, 3, 3, 3\] has 3 channels/],
  ['a cross-entropy of one', () => ops.softmaxCrossEntropy(ops.oneHot(ids, 3), a), /^softmaxCrossEntropy: logits the result of oneHot \[null, 3\]/],
];
test.each(faults.map(([what, build, message]) => ({ what, build, message })))('$what', ({ build, message }) => {
  expect(build).toThrow(GraphError);
  expect(build).toThrow(message);
});

test('sizes that are known when it runs', async () => {
  const session = await createSession({ backend: 'cpu' });
  const feeds = { a: new Float32Array(8), b: new Float32Array(12) };
  const run = (y: Tensor): Promise<unknown> => session.run(y, feeds);
  await expect(run(ops.softmaxCrossEntropy(a, b))).rejects.toThrow(
    /^softmaxCrossEntropy: the result of logSoftmax \[2, 4\] and 'b' \[3, 4\] do not broadcast/,
  );
  await expect(run(ops.clip(a, b, 1))).rejects.toThrow(/^clip: 'a' \[2, 4\] and 'b' \[3, 4\]/);
  await expect(run(ops.add(ops.gelu(a), b))).rejects.toThrow(/^add: the result of gelu \[2, 4\] and 'b' \[3, 4\]/);
  session.dispose();
});

test('an error within one leaves nothing behind', () => {
  expect(() => ops.clip(a, constant([1, 2, 3]), 4)).toThrow();
  expect(() => ops.add(a, constant([1, 2, 3]))).toThrow(/^add: /);
});
