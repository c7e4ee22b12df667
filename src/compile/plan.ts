/**
 * The plan: the compiler's output, which a backend runs. Its printable part is plain data that can be compared and replayed;
 * `program` is the backend's own part (CPU functions, or WGSL and offsets).
 */
import type { Column } from '../graph/column.ts';
import type { DType } from '../graph/dtype.ts';
import { sizeOfShape } from '../graph/shape.ts';
import type { Wgsl } from '../graph/snippet.ts';
import type { Tensor } from '../graph/tensor.ts';
import type { Program } from './program.ts';

/** The target of a plan. */
export type Target = { readonly backend: 'cpu' } | WebGpuTarget;

export interface WebGpuTarget {
  readonly backend: 'webgpu';
  /** Adapter class: `software` adapters have expensive barriers and few cores. */
  readonly adapterClass: 'gpu' | 'software';
  readonly limits: PlanLimits;
  /** Set where adjacent invocations form quads, which can swap values. */
  readonly quads?: boolean | undefined;
  /**
   * Index of the tile size of each product measured so far, by its {@link TileChoice.key}; 0 for others. Without the map,
   * nothing is measured.
   */
  readonly tiles?: Map<string, number> | undefined;
  /** `auto` by default. */
  readonly schedule?: ScheduleChoice | undefined;
}

/** Invocations in a quad. */
export const QUAD = 4;

/** `plain`: no chained kernels. `fused`: as few dispatches as possible. `auto`: the one that is likely faster. */
export type ScheduleChoice = 'auto' | 'plain' | 'fused';

/** The device's limits that the planner respects: plain numbers, which tests can lower. */
export interface PlanLimits {
  readonly maxStorageBuffersPerShaderStage: number;
  readonly maxComputeWorkgroupsPerDimension: number;
  readonly maxComputeWorkgroupStorageSize: number;
  readonly maxComputeInvocationsPerWorkgroup: number;
  readonly maxStorageBufferBindingSize: number;
}

/**
 * How rows of a column become a batch: the next of the shuffled order, the next in order (both counted by the session), or
 * rows from the request's offset on.
 *
 * @inline
 */
export type Draw = 'shuffle' | 'sequence' | 'rows';

/** The type of a placeholder's value. */
export type FeedType =
  | { readonly kind: 'array'; readonly shape: readonly number[] }
  | {
      readonly kind: 'column';
      readonly shape: readonly number[];
      readonly column: Pick<Column, 'format' | 'rows' | 'rowSize' | 'classes'>;
      /** Offset of the column in its source, in 32-bit words. */
      readonly wordOffset: number;
      /** Index of the column's source among the run's sources, which is the index of its data binding. */
      readonly binding: number;
      readonly draw: Draw;
    };

export interface PlanFeed {
  readonly name: string;
  readonly dtype: DType;
  readonly type: FeedType;
  /** Set where non-finite values are refused: labels and scalars. */
  readonly finite: boolean;
}

export interface PlanFetch {
  readonly shape: readonly number[];
  readonly dtype: DType;
}

export interface PlanVariable {
  readonly name: string;
  readonly shape: readonly number[];
}

/** A kernel of a plan, for people. Kernels with the same `dispatch` run side by side in one dispatch. */
export interface KernelSummary {
  readonly dispatch: number;
  /** The computation, e.g. `matmul+softmax…`. */
  readonly name: string;
  /** The kernel's shader file, e.g. `matmul.wgsl`; an op's name on the CPU. */
  readonly source: string;
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  readonly workgroups: number;
  /** For chained kernels, which each workgroup runs in sequence for its samples: the position in the chain, from 0 on. */
  readonly phase: number | undefined;
  /** Set where the kernel's tile size is worth tuning. */
  readonly tiles?: TileChoice | undefined;
}

/** A product with a choice of tile sizes. All sizes compute the same bits, so measuring may decide. */
export interface TileChoice {
  /** The product's shapes and operand layouts: the same key in every plan. */
  readonly key: string;
  /** Number of tile sizes. */
  readonly count: number;
}

export interface BufferSummary {
  readonly name: string;
  readonly bytes: number;
}

/** A plan. `program` is the backend's own; everything else is printable. */
export interface Plan {
  readonly target: Target;
  /** Dispatches per step (on the CPU: kernels). */
  readonly dispatches: number;
  readonly kernels: readonly KernelSummary[];
  readonly buffers: readonly BufferSummary[];
  /** Bytes of all buffers of the plan, without variables and data sets. */
  readonly peakBytes: number;
  readonly feeds: readonly PlanFeed[];
  readonly fetches: readonly PlanFetch[];
  /** Every variable read or written. */
  readonly variables: readonly PlanVariable[];
  /** Names of the variables that each step sets. */
  readonly updates: readonly string[];
  /** Names of the values that must be finite, the most informative first. */
  readonly checks: readonly string[];
  /** Set where a run counts as a training step. */
  readonly countsStep: boolean;
  /** The order of a step's rows, their number, and the number of all rows; `undefined` where no column is fed. */
  readonly draw: { readonly kind: Draw; readonly batch: number; readonly rows: number } | undefined;
  /** The simplified graph, as text. */
  readonly graph: string;
  readonly program: CpuProgram | WebGpuProgram;
  /** The text of `explain`, for plans that a session returns. */
  toString(): string;
}

/** The CPU's program: the simplified graph in topological order. */
export interface CpuProgram extends Program {
  readonly backend: 'cpu';
  readonly order: readonly Tensor[];
}

/** WebGPU's program: one arena of 32-bit words for all values of a step, and the dispatches that fill it. */
export interface WebGpuProgram {
  readonly backend: 'webgpu';
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
  /** Offsets of variables in the state that the plan's code assumes, by name. */
  readonly stateOffsets: ReadonlyMap<string, number>;
}

/** 32-bit words of the two records, one per generation, at the start of `control`. */
export const CONTROL_WORDS = 8;

/** 32-bit words after the records for small results, so a report is one copy of one range. */
export const REPORT_WORDS = 256;

/** One dispatch: a complete WGSL module whose entry point is `main`. */
export interface Dispatch {
  readonly name: string;
  readonly code: Wgsl;
  readonly workgroups: readonly [number, number, number];
}

/** 32-bit words of one generation of a variable in the state. */
export function stateWords(shape: readonly number[]): number {
  return Math.ceil(sizeOfShape(shape) / 4) * 4;
}

/** The number of samples by which a step advances the session's counter. */
export function samplesOf({ countsStep, draw }: Pick<Plan, 'countsStep' | 'draw'>): number {
  return !countsStep || draw === undefined || draw.kind === 'rows' ? 0 : draw.batch;
}

/** The number of data sources of the column feeds. */
export function dataBindings(facts: Pick<Plan, 'feeds'>): number {
  return Math.max(0, ...facts.feeds.map(({ type }) => (type.kind === 'column' ? type.binding + 1 : 0)));
}
