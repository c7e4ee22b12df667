/**
 * WebGPU in Node, for test files named `*.gpu.test.ts`: they run one after another, and only where there is an adapter.
 */
import { create, globals } from 'webgpu';

/** The machine's GPU, or the software adapter that launch.js found. Also defines `GPUBufferUsage` and the like. */
export async function nodeGpu(): Promise<GPU> {
  Object.assign(globalThis, globals);
  const gpu = create([]);
  if (!(await gpu.requestAdapter())) {
    throw new Error(
      'no WebGPU adapter in this process: start it through `node test/tools/launch.js`, as npm test does',
    );
  }
  return gpu;
}
