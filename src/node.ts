/**
 * `inkling/node`: lets `createSession` find a GPU in Node, through the optional package `webgpu` (Dawn).
 */
import { setGpuSource } from './backend/webgpu/device.ts';

/** Dawn's instance, kept for good: its devices die with it. It keeps Node running only while there is work on the GPU. */
let gpu: GPU | undefined;

setGpuSource(async () => {
  try {
    const { create } = await import('webgpu');
    gpu ??= create([]);
    return gpu;
  } catch {
    // The package is not installed, or has no build for this machine: there is no GPU then.
    return undefined;
  }
});

export * from './index.ts';
