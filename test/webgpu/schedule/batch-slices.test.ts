/** Slices: which groups compute sample b from sample b alone. */
import { expect, it } from 'vitest';
import { matmul, placeholder, reduceMean, sub, transpose } from '../../../src/index.ts';
import { slicedReads } from '../../../src/webgpu/schedule/batch-slices.ts';
import { fusionOf } from '../passes.ts';

const x = placeholder('x', [8, 50]);
const w = placeholder('w', [50, 3]);

/** Which reads of the last group of a tensor's graph are of the same sample; `undefined` if the group is no work by sample. */
function readsOf(tensor: Parameters<typeof fusionOf>[0]): Record<string, boolean> | undefined {
  const fusion = fusionOf(tensor);
  const last = fusion.groups.at(-1);
  const reads = last && slicedReads(last, fusion, 8);
  return reads && Object.fromEntries([...reads].map(([read, sliced]) => [read.name ?? read.op.name, sliced]));
}

it('a layer reads its own rows of the batch, and all weights', () => {
  expect(readsOf(matmul(x, w))).toEqual({ x: true, w: false });
});

it('a gradient of weights is a sum over samples', () => {
  const errors = placeholder('errors', [8, 3]);
  expect(readsOf(matmul(transpose(x), errors))).toBeUndefined();
});

it('a difference from the mean of the batch needs all samples', () => {
  const mean = reduceMean(x, { axis: 0, keepDims: true });
  expect(readsOf(sub(x, mean))).toBeUndefined();
});
