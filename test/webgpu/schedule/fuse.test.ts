/** Fusion: which ops share a kernel. */
import { expect, it } from 'vitest';
import { add, matmul, mul, placeholder, reduceMax, reduceSum, relu, softmax } from '../../../src/index.ts';
import { describeGroup, fusionOf } from '../passes.ts';

const x = placeholder('x', [64, 784]);
const w = placeholder('w', [784, 10]);
const b = placeholder('b', [10]);

it('elementwise ops join the product that they read', () => {
  const { groups } = fusionOf(relu(add(matmul(x, w), b)));
  expect(groups.map(describeGroup)).toEqual(['matmul add relu [64, 10]']);
});

it('a softmax joins a product whose rows stay in registers', () => {
  const { groups } = fusionOf(softmax(matmul(x, w)));
  expect(groups).toHaveLength(1);
  expect(groups[0]?.axes).toEqual([1]);
});

it('a wide row is reduced by a kernel of its own', () => {
  const wide = placeholder('wide', [784, 500]);
  const { groups } = fusionOf(softmax(matmul(x, wide)));
  expect(groups.map(({ matmul }) => matmul !== undefined)).toEqual([true, false]);
});

it('a cheap map of a source is inlined in each kernel that reads it', () => {
  const doubled = mul(x, 2);
  const { groups, groupOf } = fusionOf(reduceSum(doubled, { axis: 1 }), reduceMax(doubled, { axis: 0 }));
  expect(groups).toHaveLength(2);
  expect([...groupOf.keys()].some(({ op }) => op.name === 'mul')).toBe(false);
});

it('a product is not computed twice: others read what its group stored', () => {
  const product = matmul(x, w);
  const { groups } = fusionOf(matmul(product, placeholder('w2', [10, 3])), reduceMax(product, { axis: 0 }));
  expect(groups.map(({ matmul }) => matmul !== undefined)).toEqual([true, true, false]);
});
