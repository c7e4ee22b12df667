/** Stages: groups in the order of what they read, and chains of a batch's slices. */
import { describe, expect, it } from 'vitest';
import { add, matmul, placeholder, reduceSum, relu, transpose } from '../../../src/index.ts';
import { schedule } from '../../../src/webgpu/schedule/stages.ts';
import { describeGroup, fusionOf, loweredOf } from '../passes.ts';

const x = placeholder('x', [8, 50]);
const [w1, w2] = [placeholder('w1', [50, 40]), placeholder('w2', [40, 3])];
const hidden = relu(matmul(x, w1));
const output = matmul(hidden, w2);
const gradient = matmul(transpose(hidden), output);

it('a group is one stage after the last that it reads; groups that do not wait are side by side', () => {
  const total = reduceSum(hidden, { axis: 0 });
  const { stages } = schedule(fusionOf(output, total), loweredOf(output, total));
  expect(stages.map((groups) => groups.map(describeGroup))).toEqual([
    ['matmul relu [8, 40]'],
    ['matmul [8, 3]', expect.stringContaining('reduce')],
  ]);
});

it('a tensor that a later stage reads is stored, one that is fetched too, and no other', () => {
  const [root] = loweredOf(output);
  const { stored } = schedule(fusionOf(output), root === undefined ? [] : [root]);
  expect([...stored.keys()].map(({ op }) => op.name).sort()).toEqual(['matmul', 'relu']);
});

describe('with slices', () => {
  const slicing = { items: 8, itemsPerSlice: 2, slices: 4 };

  it('layers are turns of one chain, in one stage', () => {
    const { stages, links } = schedule(fusionOf(output), [], slicing);
    expect(stages).toHaveLength(1);
    expect([...links.values()].map(({ chain, turn, runBy }) => [chain, turn, runBy])).toEqual([
      ['slices', 0, 'own-slice'],
      ['slices', 1, 'own-slice'],
    ]);
  });

  it('a sum over the batch, such as the gradient of weights, waits for the next stage', () => {
    const { stages, stageOf, groups } = schedule(fusionOf(gradient), [], slicing);
    expect(stages).toHaveLength(2);
    expect(groups.map((group) => stageOf.get(group))).toEqual([0, 0, 1]);
  });

  it('what reads nothing of another group is in no chain', () => {
    expect(schedule(fusionOf(add(x, 1)), [], slicing).links.size).toBe(0);
  });
});
