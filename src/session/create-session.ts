/**
 * Opens a session on WebGPU where it works, else on the CPU.
 */
import { checkOptions, refuse } from '../checks.ts';
import type { ScheduleChoice } from '../compile/plan.ts';
import { DeviceError } from '../errors.ts';
import type { Engine } from '../compile/target.ts';
import { Session } from './session.ts';

export interface SessionOptions {
  /** `auto` (default): WebGPU where it works, else the CPU with one note in the console. */
  readonly backend?: 'auto' | 'webgpu' | 'cpu' | undefined;
  /** A device of your own; it is never destroyed or replaced. */
  readonly device?: GPUDevice | undefined;
  readonly adapter?: GPUAdapter | undefined;
  readonly powerPreference?: GPUPowerPreference | undefined;
  /** Decides initial values, shuffling and dropout: a whole number from 0 to 2³² − 1; default 0. */
  readonly seed?: number | undefined;
  /**
   * How WebGPU's dispatches are arranged. `auto` (default): as is likely to be fastest on this class of adapter. `plain`: one
   * dispatch for each stage of the graph. `fused`: as few dispatches as there can be.
   */
  readonly schedule?: ScheduleChoice | undefined;
  /**
   * Whether WebGPU's kernels of large products are measured at their first use, to take the fastest of those that give the same
   * bits; a GPU takes some 30 ms a product for it. Default `true`.
   */
  readonly autotune?: boolean | undefined;
}

let noted = false;

/**
 * Opens a session. Sessions without a `device` share one device, its pipelines and the uploaded data sets.
 *
 * @throws UsageError on options that cannot be used; DeviceError where WebGPU was asked for and there is none.
 */
export async function createSession(options: SessionOptions = {}): Promise<Session> {
  checkOptions('createSession', options);
  const { backend = 'auto', seed = 0, schedule = 'auto' } = options;
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff) {
    refuse('`seed`', seed, 'a whole number from 0 to 4294967295');
  }
  if (!['auto', 'webgpu', 'cpu'].includes(backend)) {
    refuse('`backend`', backend, "'auto', 'webgpu' or 'cpu'");
  }
  if (!['auto', 'plain', 'fused'].includes(schedule)) {
    refuse('`schedule`', schedule, "'auto', 'plain' or 'fused'");
  }
  return new Session(await openEngine(options, seed));
}

/** Each engine is a part of its own of the bundle: what is not used is not loaded. */
async function openEngine({ backend = 'auto', ...options }: SessionOptions, seed: number): Promise<Engine> {
  if (backend !== 'cpu') {
    const { openWebGpuEngine } = await import('../webgpu/target.ts');
    const opening = openWebGpuEngine({ ...options, seed });
    if (backend === 'webgpu' || options.device !== undefined || options.adapter !== undefined) return opening;
    try {
      return await opening;
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error;
      if (!noted) console.info(`Inkling runs on the CPU. ${error.message}`);
      noted = true;
    }
  }
  const { openCpuEngine } = await import('../cpu/target.ts');
  return openCpuEngine(seed);
}
