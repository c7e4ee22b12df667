/**
 * WebGPU's engine.
 */
import { createWebGpuBackend, type BackendOptions } from '../backend/webgpu/webgpu-backend.ts';
import { compileForWebGpu } from '../compile/compile-webgpu.ts';
import type { Engine } from './engine.ts';

/** @throws DeviceError where there is no device. */
export async function openWebGpuEngine(options: BackendOptions): Promise<Engine> {
  return { backend: await createWebGpuBackend(options), finish: compileForWebGpu };
}
