/**
 * WebGPU as a target.
 */
import { refuse } from '../checks.ts';
import type { Target } from '../compile/target.ts';
import { compileForWebGpu } from './compile.ts';
import { createWebGpuBackend, type BackendOptions } from './device/backend.ts';
import { releaseSharedDevice } from './device/request-device.ts';
import { explainWebGpuPlan } from './explain.ts';

export const webgpu: Target<BackendOptions> = {
  finish: compileForWebGpu,
  open(options) {
    const { device, adapter, powerPreference } = options;
    if (device !== undefined && typeof (device as Partial<GPUDevice> | null)?.createBuffer !== 'function')
      refuse('`device`', device, 'a GPUDevice');
    if (adapter !== undefined && typeof (adapter as Partial<GPUAdapter> | null)?.requestDevice !== 'function')
      refuse('`adapter`', adapter, 'a GPUAdapter');
    if (powerPreference !== undefined && !['low-power', 'high-performance'].includes(powerPreference))
      refuse('`powerPreference`', powerPreference, "'low-power' or 'high-performance'");
    return createWebGpuBackend(options);
  },
  release: releaseSharedDevice,
  explain: explainWebGpuPlan,
};
