/**
 * WebGPU's part of a plan: the facts of the device that it is made for, and the program: WGSL, offsets, sizes.
 */
import type { TargetFacts, TargetProgram, TileSizes } from '../compile/plan.ts';
import { sizeOfShape } from '../graph/shape.ts';
import type { Wgsl } from '../graph/snippet.ts';

export interface WebGpuFacts extends TargetFacts {
  /** Adapter class: `software` adapters have expensive barriers and few cores. */
  readonly adapterClass: 'gpu' | 'software';
  readonly limits: PlanLimits;
  /** Set where adjacent invocations form quads, which can swap values. */
  readonly quads?: boolean | undefined;
  /** The tile sizes of the request, while its program is compiled. */
  readonly tiles?: TileSizes | undefined;
}

/** Invocations in a quad. */
export const QUAD = 4;

/** The device's limits that the planner respects: plain numbers, which tests can lower. */
export interface PlanLimits {
  readonly maxStorageBuffersPerShaderStage: number;
  readonly maxComputeWorkgroupsPerDimension: number;
  readonly maxComputeWorkgroupStorageSize: number;
  readonly maxComputeInvocationsPerWorkgroup: number;
  readonly maxStorageBufferBindingSize: number;
}

/** WebGPU's program: one arena of 32-bit words for all values of a step, and the dispatches that fill it. */
export interface WebGpuProgram extends TargetProgram {
  readonly dispatches: readonly Dispatch[];
  /**
   * Dispatches that compute the pipelined values for the first step, which later steps get from the step before. They run
   * unless the step before was of the same plan.
   */
  readonly prologue: readonly Dispatch[];
  /** Size of the arena. */
  readonly scratchWords: number;
  /** Words of all fetches, which are copied out after a run. */
  readonly resultWords: number;
  /** Set where the fetches also lie after the records in `control`, not only at the start of the arena. */
  readonly reported: boolean;
  /** Offset of each fetch in the results. */
  readonly fetchOffsets: readonly number[];
  /** Offset of each array feed in the arena, in words, by placeholder name. */
  readonly feedOffsets: ReadonlyMap<string, number>;
  /** Large constants, written once at load. */
  readonly constants: readonly { readonly offset: number; readonly words: Uint32Array }[];
}

/** 32-bit words of the two records, one per generation, at the start of `control`. */
export const CONTROL_WORDS = 8;

/** 32-bit words after the records for small results, so a report is one copy of one range. */
export const REPORT_WORDS = 256;

/**
 * One dispatch: a WGSL module whose entry point is `main`. The device declares `address<i>`, the first word of the plan's variable i
 * in its state, and `STATE_WORDS` between the directives and the code.
 */
export interface Dispatch {
  readonly name: string;
  readonly directives: Wgsl;
  readonly code: Wgsl;
  readonly workgroups: readonly [number, number, number];
}

/** 32-bit words of one generation of a variable in the state. */
export function stateWords(shape: readonly number[]): number {
  return Math.ceil(sizeOfShape(shape) / 4) * 4;
}
