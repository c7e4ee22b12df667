/**
 * WebGPU's engine.
 */
import type { DeviceOptions } from '../backend/webgpu/device.ts';
import { createWebGpuBackend } from '../backend/webgpu/webgpu-backend.ts';
import { compileForWebGpu } from '../compile/compile-webgpu.ts';
import type { Engine } from './engine.ts';

/** @throws DeviceError where there is no device. */
export async function openWebGpuEngine(options: DeviceOptions & { readonly seed: number }): Promise<Engine> {
  return { backend: await createWebGpuBackend(options), finish: compileForWebGpu };
}
