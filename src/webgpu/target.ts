/**
 * WebGPU's engine.
 */
import { refuse } from '../checks.ts';
import { createWebGpuBackend, type BackendOptions } from './device/backend.ts';
import { compileForWebGpu } from './compile.ts';
import type { Engine } from '../compile/target.ts';
import { explainPlan } from '../compile/explain.ts';

/** @throws UsageError on what is no device, adapter or preference; DeviceError where there is no device. */
export async function openWebGpuEngine(options: BackendOptions): Promise<Engine> {
  const { device, adapter, powerPreference } = options;
  if (device !== undefined && typeof (device as Partial<GPUDevice> | null)?.createBuffer !== 'function')
    refuse('`device`', device, 'a GPUDevice');
  if (adapter !== undefined && typeof (adapter as Partial<GPUAdapter> | null)?.requestDevice !== 'function')
    refuse('`adapter`', adapter, 'a GPUAdapter');
  if (powerPreference !== undefined && !['low-power', 'high-performance'].includes(powerPreference))
    refuse('`powerPreference`', powerPreference, "'low-power' or 'high-performance'");
  const backend = await createWebGpuBackend(options);
  const tuned: Engine['tune'] = async (compile, request) => {
    const plan = compile();
    const known = plan.target.backend === 'webgpu' ? plan.target.tiles : undefined;
    if (!plan.kernels.some(({ tiles }) => tiles !== undefined && known?.has(tiles.key) === false)) return plan;
    const { tune } = await import('./tune.ts');
    return tune(backend, compile, request);
  };
  return { backend, finish: compileForWebGpu, explain: explainPlan, tune: tuned };
}
