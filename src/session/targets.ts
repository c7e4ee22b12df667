/**
 * The targets, by the names that users give. Each is a chunk of the bundle, loaded where it is used. To add a target, add it here.
 */
import type { Backend } from '../compile/backend.ts';
import type { Target } from '../compile/target.ts';

export const targets = {
  webgpu: async () => (await import('../webgpu/target.ts')).webgpu,
  cpu: async () => (await import('../cpu/target.ts')).cpu,
} satisfies Record<string, () => Promise<Target>>;

/** The name of a target. */
export type BackendName = keyof typeof targets;

/** The options of all targets. */
export type TargetOptions = Parameters<Awaited<ReturnType<(typeof targets)[BackendName]>>['open']>[0];

/** A target with an open device. */
export interface Engine {
  readonly name: BackendName;
  readonly target: Target;
  readonly backend: Backend;
}

const opened = new Set<Target>();

/** Opens a device of a target. @throws UsageError, DeviceError */
export async function openEngine(name: BackendName, options: TargetOptions): Promise<Engine> {
  const target = await targets[name]();
  opened.add(target);
  return { name, target, backend: await target.open(options) };
}

/**
 * Frees the GPU device that all sessions share, and its pipelines: now if no session uses it, else with the last session. Without
 * this call they linger for 30 s after the last session, so that the next one need not compile again.
 */
export async function releaseDevice(): Promise<void> {
  for (const target of opened) await target.release?.();
}
