/** The checks between the passes: each refuses a result that is broken in the way that it is there for. */
import { describe, expect, it } from 'vitest';
import { rootsOf, type Program } from '../../src/compile/program.ts';
import { verifySimplified } from '../../src/compile/verify.ts';
import { add, dropout, exp, matmul, placeholder, reduceSum, softmax, type Tensor } from '../../src/index.ts';
import { lower } from '../../src/webgpu/lower/lower.ts';
import { baseOf } from '../../src/webgpu/lower/matrix-view.ts';
import { fuse } from '../../src/webgpu/schedule/fuse.ts';
import { layOut } from '../../src/webgpu/schedule/memory.ts';
import { schedule } from '../../src/webgpu/schedule/stages.ts';
import { verifyLowered, verifyMemory, verifySchedule } from '../../src/webgpu/verify.ts';

const x = placeholder('x', [4, 6]);
const w = placeholder('w', [6, 5]);
const scores = matmul(x, w);
const total = reduceSum(exp(scores));

const programOf = (...fetches: Tensor[]): Program => ({ fetches, updates: [], checks: [] });
const lowered = programOf(...lower([total, scores]).map(baseOf));
const scheduled = schedule(fuse(rootsOf(lowered)), lowered.fetches);
const memory = layOut(lowered, scheduled);

it('takes what the passes make', () => {
  expect(scheduled.stages.length).toBeGreaterThan(1);
  verifyLowered(lowered);
  verifySchedule(scheduled, lowered);
  verifyMemory(memory, scheduled);
});

describe('refuses', () => {
  const dropped = dropout(x, 0.5);
  const unknown = placeholder('rows', [null, 6]);

  it.each<[string, () => void, string]>([
    ['a root of another shape', () => verifySimplified([x], [w]), "'w' [6, 5] became 'x' [4, 6]"],
    ['a mode that is not resolved', () => verifySimplified([dropped], [dropped]), 'was not resolved'],
    ['a size that is not known', () => verifySimplified([unknown], [unknown]), 'known'],
    ['an op that no kernel computes', () => verifyLowered(programOf(softmax(scores))), 'was not lowered'],
    [
      'a group in no stage',
      () => verifySchedule({ ...scheduled, stages: scheduled.stages.slice(1) }, lowered),
      'a group is in no stage, or in two',
    ],
    [
      'a value that is read before it is written',
      () => verifySchedule({ ...scheduled, stageOf: new Map(scheduled.groups.map((group) => [group, 0])) }, lowered),
      'is read before it is written',
    ],
    [
      'a value that is read and not stored',
      () => verifySchedule({ ...scheduled, stored: new Map() }, lowered),
      'is read and not stored',
    ],
    [
      'a fetch that is not stored',
      () => {
        const [, ...others] = [...scheduled.stored].reverse();
        verifySchedule({ ...scheduled, stored: new Map(others) }, lowered);
      },
      'is fetched and not stored',
    ],
    [
      'a fetch that nothing computes',
      () => verifySchedule(scheduled, programOf(...lowered.fetches, add(x, 1))),
      'is computed by no group',
    ],
    [
      'two tensors in one place',
      () =>
        verifyMemory(
          { ...memory, offsets: new Map([...memory.offsets.keys()].map((tensor) => [tensor, 0])) },
          scheduled,
        ),
      'shares words with another tensor',
    ],
    ['an arena that is too small', () => verifyMemory({ ...memory, totalWords: 4 }, scheduled), 'outside of the arena'],
  ])('%s', (_, check, message) => {
    expect(check).toThrow(message);
  });
});
