/**
 * WebGPU in Node, for test files named `*.gpu.test.ts`: they run one after another, and only where there is an adapter.
 */
import { create, globals } from 'webgpu';

/** Held for good: Dawn crashes now and then when the GPU is collected while a device made from it lives. */
let gpu: GPU | undefined;

/** The machine's GPU, or the software adapter that launch.js found; one in a process. Also defines WebGPU's globals. */
export async function nodeGpu(): Promise<GPU> {
  Object.assign(globalThis, globals);
  gpu ??= create([]);
  if (!(await gpu.requestAdapter())) {
    throw new Error(
      'no WebGPU adapter in this process: start it through `node test/tools/launch.js`, as npm test does',
    );
  }
  return gpu;
}
