/**
 * Second derivatives on WebGPU against the float64 oracle, in both schedules: for each op the first row with a gradient, and
 * all rows of ops whose gradients have rules of their own.
 */
import { afterAll, expect, it } from 'vitest';
import { evaluate } from '../reference/evaluate.ts';
import { gradients, square } from '../../src/index.ts';
import { openRig } from '../webgpu/device/rig.ts';
import { firstDifference } from '../webgpu/device/values.ts';
import { floats, growth, lossOf } from './losses.ts';
import { BATCHES, opCases } from './table.ts';

const rig = await openRig();
afterAll(() => {
  expect(rig.faults).toEqual([]);
  rig.dispose();
});

const differentiable = opCases.filter((row) => row.differentiable);
const rows = differentiable.filter(
  (row) =>
    row === differentiable.find(({ op }) => op === row.op) || /^softmax|^logSoftmax|^batchNormalization/.test(row.name),
);

it.each(rows)('$name', async (row) => {
  const first = lossOf(row, (result) => square(result))(Math.max(...BATCHES));
  const inputs = floats(first);
  const { loss, feeds } = growth(first, inputs);
  const fetches = gradients(loss, inputs);
  const fed = new Map([...feeds].map(([input, { data, shape }]) => [input, { data: Float32Array.from(data), shape }]));
  const expected = evaluate(fetches, fed, { precision: 'float64', training: true });
  for (const schedule of ['plain', 'fused'] as const) {
    const values = await rig.run(fetches, fed, { schedule });
    expected.forEach(({ data }, i) => {
      const largest = Math.max(1, ...Array.from(data, Math.abs));
      expect(firstDifference(values[i] ?? [], data, 1e-5 * largest), `${schedule}, gradient ${i}`).toBeUndefined();
    });
  }
});
