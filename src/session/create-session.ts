/**
 * Opening of sessions: on WebGPU where it works, else on the CPU.
 */
import { checkOptions, refuse } from '../checks.ts';
import type { ScheduleChoice } from '../compile/plan.ts';
import { DeviceError } from '../errors.ts';
import { Session } from './session.ts';
import { openEngine, targets, type BackendName, type Engine } from './targets.ts';

export interface SessionOptions {
  /** `auto` (default): WebGPU where it works, else the CPU with one note in the console. */
  readonly backend?: 'auto' | BackendName | undefined;
  /** A device of your own, which the session neither destroys nor replaces. */
  readonly device?: GPUDevice | undefined;
  readonly adapter?: GPUAdapter | undefined;
  readonly powerPreference?: 'low-power' | 'high-performance' | undefined;
  /** Seed of initial values, shuffling and dropout: a whole number from 0 to 2³² − 1; default 0. */
  readonly seed?: number | undefined;
  /**
   * Arrangement of WebGPU's dispatches. `auto` (default): the one that is likely fastest on this class of adapter. `plain`: one
   * dispatch for each stage of the graph. `fused`: as few dispatches as possible.
   */
  readonly schedule?: ScheduleChoice | undefined;
  /**
   * Measures WebGPU's kernels of large products at their first use and selects the fastest of those that compute the same bits.
   * It takes a GPU about 30 ms per product. Default `true`.
   */
  readonly autotune?: boolean | undefined;
}

let noted = false;

/**
 * Opens a session. Sessions without a `device` share one device, its pipelines and the uploaded data sets. The device and its
 * pipelines linger for 30 s after the last session; {@link releaseDevice} frees them at once.
 *
 * @throws UsageError on invalid options; DeviceError where WebGPU is required and does not work.
 */
export async function createSession(options: SessionOptions = {}): Promise<Session> {
  checkOptions('createSession', options);
  const { backend = 'auto', seed = 0, schedule = 'auto' } = options;
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff) {
    refuse('`seed`', seed, 'a whole number from 0 to 4294967295');
  }
  const names = ['auto', ...Object.keys(targets)];
  if (!names.includes(backend)) {
    const [last, ...others] = names.map((name) => `'${name}'`).reverse();
    refuse('`backend`', backend, `${others.reverse().join(', ')} or ${last}`);
  }
  if (!['auto', 'plain', 'fused'].includes(schedule)) {
    refuse('`schedule`', schedule, "'auto', 'plain' or 'fused'");
  }
  return new Session(await open(options));
}

/** Opens the target that the options name; `auto` falls back to the CPU, unless a device or an adapter is given. */
async function open({ backend = 'auto', seed = 0, ...options }: SessionOptions): Promise<Engine> {
  if (backend !== 'auto') return openEngine(backend, { ...options, seed });
  const opening = openEngine('webgpu', { ...options, seed });
  if (options.device !== undefined || options.adapter !== undefined) return opening;
  try {
    return await opening;
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error;
    if (!noted) console.info(`Inkling runs on the CPU. ${error.message}`);
    noted = true;
    return openEngine('cpu', { seed });
  }
}
