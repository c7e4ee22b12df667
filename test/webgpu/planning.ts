/** Plans for WebGPU without a device. */
import { declareState } from '../../src/webgpu/device/loaded-plan.ts';
import { webgpu } from '../../src/webgpu/target.ts';
import { compile } from '../../src/compile/compile.ts';
import { wgslText } from '../../src/graph/snippet.ts';
import { partOf, type Plan, type ScheduleChoice } from '../../src/compile/plan.ts';
import { stateWords, type PlanLimits, type WebGpuFacts, type WebGpuProgram } from '../../src/webgpu/plan.ts';
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

/** What plans are made for. */
export interface TargetOptions {
  readonly adapterClass?: WebGpuFacts['adapterClass'];
  readonly limits?: PlanLimits;
  readonly quads?: boolean | undefined;
  readonly tiles?: Map<string, number> | undefined;
  /** Default: the plain one, which the others are measured by. */
  readonly schedule?: ScheduleChoice;
}

/** Whatever the product, it is made in tiles of number `tile`. */
class Always extends Map<string, number> {
  readonly tile: number;

  constructor(tile: number) {
    super();
    this.tile = tile;
  }

  override get(): number {
    return this.tile;
  }
}

/** What kernels are made for: all kinds of adapter, and each of the tiles there are to choose from. None changes a bit. */
export const ADAPTERS = {
  'a GPU': { adapterClass: 'gpu' },
  'a GPU, tiles 2 of 4': { adapterClass: 'gpu', tiles: new Always(1) },
  'a GPU, tiles 3 of 4': { adapterClass: 'gpu', tiles: new Always(2) },
  'a GPU, tiles 4 of 4': { adapterClass: 'gpu', tiles: new Always(3) },
  'a software adapter': { adapterClass: 'software' },
  'a software adapter of quads': { adapterClass: 'software', quads: true },
} as const satisfies Record<string, TargetOptions>;

/** A module as text, as a device compiles it. */
export interface Module {
  readonly name: string;
  readonly code: string;
  readonly workgroups: readonly [number, number, number];
}

/** The modules of a plan as text, in the order in which they run. */
export function modulesIn(plan: Plan): Module[] {
  const { prologue, dispatches } = partOf(plan.program, 'webgpu') as WebGpuProgram;
  const declarations = declareState(plan, offsetsOf(plan));
  return [...prologue, ...dispatches].map(({ name, directives, code, workgroups }) => ({
    name,
    code: `${wgslText(directives)}\n${declarations}\n${wgslText(code)}`,
    workgroups,
  }));
}

/** Places for the two generations of each variable, one after the other. */
function offsetsOf({ variables }: Plan): ReadonlyMap<string, number> {
  let end = 0;
  return new Map(
    variables.map(({ name, shape }) => {
      const offset = end;
      end += 2 * stateWords(shape);
      return [name, offset];
    }),
  );
}

/** A request, of which only what matters is given. */
export type Asked = Partial<Omit<CompileRequest, 'target'>>;

/** The plan of a request. */
export function planFor(
  asked: Asked,
  { adapterClass = 'gpu', limits = DEFAULT_LIMITS, quads, tiles, schedule = 'plain' }: TargetOptions = {},
): Plan {
  return compile(
    {
      fetches: [],
      updates: [],
      checks: [],
      training: false,
      countsStep: false,
      feeds: new Map(),
      ...asked,
      target: { backend: 'webgpu', adapterClass, limits, quads, schedule } satisfies WebGpuFacts as WebGpuFacts,
      tiles,
    },
    webgpu,
  );
}
