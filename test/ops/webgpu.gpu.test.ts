/**
 * Every op on WebGPU against the float64 oracle: each row of the table alone, and many in one plan, made for either class of
 * adapter and for limits far below any device's, which must not change a bit.
 */
import { afterAll, describe, expect, it } from 'vitest';
import type { Tensor, TypedArray } from '../../src/index.ts';
import { openRig } from '../backend/webgpu/rig.ts';
import { DEFAULT_LIMITS, TINY_LIMITS, type TargetOptions } from '../compile/planning.ts';
import { differential, faultsOf, type Differential } from './differential.ts';
import { BATCHES, batchesOf, opCases } from './table.ts';

/** Rows in one plan. */
const TOGETHER = 32;

const rig = await openRig();
afterAll(() => {
  expect(rig.faults).toEqual([]);
  rig.dispose();
});

const ops = [...new Set(opCases.map(({ op }) => op))];

describe.each(ops)('%s', (op) => {
  it('is what the oracle says, forward and backward', async () => {
    const faults: string[] = [];
    for (const row of opCases.filter((one) => one.op === op))
      for (const batch of batchesOf(row)) {
        const alone = differential(row, batch);
        faults.push(...faultsOf(alone, await rig.run(alone.fetches, alone.feeds)));
      }
    expect(faults).toEqual([]);
  });
});

const classes = ['gpu', 'software'] as const;
const limits = { 'default limits': DEFAULT_LIMITS, 'tiny limits': TINY_LIMITS };
const targets = classes.flatMap((adapterClass) =>
  Object.entries(limits).map(([what, some]) => ({ what: `${adapterClass}, ${what}`, adapterClass, limits: some })),
);

describe('many in one plan', () => {
  it.each(BATCHES)('at batch %i: right for every target, and the same bits', async (batch) => {
    for (const some of chunks(
      opCases.map((row) => differential(row, batch)),
      TOGETHER,
    )) {
      const [first, ...others] = await inTurn(targets, (target) => runTogether(some, target));
      expect(some.flatMap((one, i) => faultsOf(one, first?.[i] ?? []))).toEqual([]);
      others.forEach((values, i) =>
        expect(values, `${targets[i + 1]?.what ?? ''} against ${targets[0]?.what ?? ''}`).toEqual(first),
      );
    }
  });
});

/** The values of the fetches of each, out of one plan. */
async function runTogether(some: readonly Differential[], target: TargetOptions): Promise<readonly TypedArray[][]> {
  const feeds = new Map(some.flatMap((one) => [...one.feeds]));
  const fetches = some.flatMap((one): readonly Tensor[] => one.fetches);
  const values = [...(await rig.run(fetches, feeds, target))];
  return some.map((one) => values.splice(0, one.fetches.length));
}

async function inTurn<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}
