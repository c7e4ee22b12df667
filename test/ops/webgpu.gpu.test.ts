/**
 * Every op on WebGPU against the float64 oracle: each row of the table alone, and many in one plan, for every kind of
 * adapter and for limits far below any device's, which must not change a bit.
 */
import { afterAll, describe, expect, it } from 'vitest';
import type { Tensor } from '../../src/index.ts';
import { openRig } from '../webgpu/device/rig.ts';
import { ADAPTERS, TINY_LIMITS } from '../webgpu/planning.ts';
import { differential, faultsOf } from './differential.ts';
import { BATCHES, batchesOf, opCases } from './table.ts';

/** Rows in one plan. */
const TOGETHER = 3;

const rig = await openRig();
afterAll(() => {
  expect(rig.faults).toEqual([]);
  rig.dispose();
});

const ops = [...new Set(opCases.map(({ op }) => op))];

describe.each(ops)('%s', (op) => {
  it('equals the oracle, forward and backward', async () => {
    const faults: string[] = [];
    for (const row of opCases.filter((one) => one.op === op))
      for (const batch of batchesOf(row)) {
        const alone = differential(row, batch);
        faults.push(...faultsOf(alone, await rig.run(alone.fetches, alone.feeds)));
      }
    expect(faults).toEqual([]);
  });
});

describe('several in one plan, within tiny limits', () => {
  const all = opCases.map((row) => differential(row, Math.max(...BATCHES)));
  it.each(chunks(all, TOGETHER))(
    '$name and others: right, and the same bits on every kind of adapter',
    async (...some) => {
      const fetches = some.flatMap((one): readonly Tensor[] => one.fetches);
      const feeds = new Map(some.flatMap((one) => [...one.feeds]));
      const targets = Object.values(ADAPTERS).map((adapter) => ({ ...adapter, limits: TINY_LIMITS }));
      const [all = [], ...others] = await rig.runOn(targets, fetches, feeds);
      const rest = [...all];
      const values = some.map((one) => rest.splice(0, one.fetches.length));
      expect(some.flatMap((one, i) => faultsOf(one, values[i] ?? []))).toEqual([]);
      for (const other of others) expect(other).toEqual(all);
    },
  );
});

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}
