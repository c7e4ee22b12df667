/** Plans for WebGPU without a device. */
import { compileForWebGpu } from '../../src/compile/compile-webgpu.ts';
import { compile } from '../../src/compile/compile.ts';
import type { Plan, PlanLimits, ScheduleChoice, WebGpuTarget } from '../../src/compile/plan.ts';
import type { CompileRequest } from '../../src/compile/request.ts';

/** What WebGPU grants everywhere. */
export const DEFAULT_LIMITS: PlanLimits = {
  maxStorageBuffersPerShaderStage: 8,
  maxComputeWorkgroupsPerDimension: 65535,
  maxComputeWorkgroupStorageSize: 16384,
  maxComputeInvocationsPerWorkgroup: 256,
  maxStorageBufferBindingSize: 2 ** 27,
};

/** Limits far below any device's: dispatches become grids, and no kernel fits but the smallest. */
export const TINY_LIMITS: PlanLimits = {
  ...DEFAULT_LIMITS,
  maxComputeWorkgroupsPerDimension: 7,
  maxStorageBuffersPerShaderStage: 4,
  maxComputeWorkgroupStorageSize: 4096,
};

/** The kinds of adapter that kernels are made for. What is chosen among them never changes a bit. */
export const ADAPTERS = {
  'a GPU': { adapterClass: 'gpu' },
  'a software adapter': { adapterClass: 'software' },
  'a software adapter of quads': { adapterClass: 'software', quads: true },
} as const satisfies Record<string, TargetOptions>;

/** What plans are made for. */
export interface TargetOptions {
  readonly adapterClass?: WebGpuTarget['adapterClass'];
  readonly limits?: PlanLimits;
  readonly quads?: boolean | undefined;
  /** Default: the plain one, which the others are measured by. */
  readonly schedule?: ScheduleChoice;
}

/** A request, of which only what matters is given. */
export type Asked = Partial<Omit<CompileRequest, 'target'>>;

/** The plan of a request. */
export function planFor(
  asked: Asked,
  { adapterClass = 'gpu', limits = DEFAULT_LIMITS, quads, schedule = 'plain' }: TargetOptions = {},
): Plan {
  return compile(
    {
      fetches: [],
      updates: [],
      checks: [],
      training: false,
      countsStep: false,
      feeds: new Map(),
      stateOffsets: new Map(),
      ...asked,
      target: { backend: 'webgpu', adapterClass, limits, quads, schedule },
    },
    compileForWebGpu,
  );
}
