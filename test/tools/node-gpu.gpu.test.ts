/**
 * A test of the tools: a compute shader doubles four numbers on the adapter that Node finds.
 */
import { expect, test } from 'vitest';
import runDouble from './double.ts';
import { nodeGpu } from './node-gpu.ts';

test('Node has an adapter that computes', async () => {
  expect(await runDouble([1, 2.5, -3, 0], await nodeGpu())).toEqual([2, 5, -6, 0]);
});
