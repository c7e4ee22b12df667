/**
 * WebGPU's engine.
 */
import { createWebGpuBackend, type BackendOptions } from '../backend/webgpu/webgpu-backend.ts';
import { compileForWebGpu } from '../compile/compile-webgpu.ts';
import type { Engine } from './engine.ts';
import { tune } from './tune.ts';

/** @throws DeviceError where there is no device. */
export async function openWebGpuEngine(options: BackendOptions): Promise<Engine> {
  const backend = await createWebGpuBackend(options);
  return { backend, finish: compileForWebGpu, tune: (compile, request) => tune(backend, compile, request) };
}
