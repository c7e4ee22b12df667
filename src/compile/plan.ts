/**
 * The plan: what the compiler makes of a graph and a backend carries out. Its printable part is plain data that can be
 * compared and replayed; beside it stands what the backend runs (CPU functions, or WGSL and offsets).
 */
import type { Column } from '../graph/column.ts';
import type { DType } from '../graph/dtype.ts';
import { sizeOfShape } from '../graph/shape.ts';
import type { Wgsl } from '../graph/snippet.ts';
import type { Tensor } from '../graph/tensor.ts';

/** What a plan is made for. */
export type Target = { readonly backend: 'cpu' } | WebGpuTarget;

export interface WebGpuTarget {
  readonly backend: 'webgpu';
  /** `software` adapters have dear barriers and few cores; what is chosen by it is a pure function of it. */
  readonly adapterClass: 'gpu' | 'software';
  readonly limits: PlanLimits;
  /** Whether invocations side by side are quads, which can swap values. Default no. */
  readonly quads?: boolean | undefined;
  /**
   * Which of several tiles a product is made in, by its {@link TileChoice.key}: those measured so far; others in the first.
   * Without it, nothing is measured.
   */
  readonly tiles?: Map<string, number> | undefined;
  /** Which schedule: what is likely to be fastest, the readable one, or the one of fewest dispatches. Default `auto`. */
  readonly schedule?: ScheduleChoice | undefined;
}

/** Invocations in a quad. */
export const QUAD = 4;

/** `plain`: kernels side by side only. `fused`: chained as far as that goes. `auto`: whichever is likely to be faster. */
export type ScheduleChoice = 'auto' | 'plain' | 'fused';

/** The device's limits the planner keeps to: plain numbers, so that tests can shrink them. */
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
 */
export type Draw = 'shuffle' | 'sequence' | 'rows';

/** A placeholder's value as the plan knows it before a run. */
export type FeedType =
  | { readonly kind: 'array'; readonly shape: readonly number[] }
  | {
      readonly kind: 'column';
      readonly shape: readonly number[];
      readonly column: Pick<Column, 'format' | 'rows' | 'rowSize' | 'classes'>;
      /** Where the column's data begin in its source, in 32-bit words. */
      readonly wordOffset: number;
      /** Which of the run's column sources it belongs to: the index of its data binding. */
      readonly binding: number;
      readonly draw: Draw;
    };

export interface PlanFeed {
  readonly name: string;
  readonly dtype: DType;
  readonly type: FeedType;
  /** Whether non-finite values are refused: labels and scalars. */
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

/** One kernel of a plan, for people. Kernels with the same `dispatch` run side by side in one dispatch. */
export interface KernelSummary {
  readonly dispatch: number;
  /** What it computes, e.g. `matmul+softmax…`. */
  readonly name: string;
  /** The shader it is made from, e.g. `matmul.wgsl`; an op's name on the CPU. */
  readonly source: string;
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  readonly workgroups: number;
  /** Of chained kernels, which each workgroup runs one after the other for its samples: its turn, from 0 on. */
  readonly phase: number | undefined;
  /** Set where it is worth measuring in which tiles it is fastest. */
  readonly tiles?: TileChoice | undefined;
}

/** A product that may be made in tiles of several sizes. They give the same bits, so that it may be measured which is fastest. */
export interface TileChoice {
  /** What names the product, whichever plan it is in: shapes and the way operands lie. */
  readonly key: string;
  /** How many sizes there are. */
  readonly count: number;
}

export interface BufferSummary {
  readonly name: string;
  readonly bytes: number;
}

/** A plan. `program` is the backend's own; everything else is printable. */
export interface Plan {
  readonly target: Target;
  /** Dispatches a step (kernels run, on the CPU). */
  readonly dispatches: number;
  readonly kernels: readonly KernelSummary[];
  readonly buffers: readonly BufferSummary[];
  /** Bytes of all buffers the plan needs beside the variables and the data set. */
  readonly peakBytes: number;
  readonly feeds: readonly PlanFeed[];
  readonly fetches: readonly PlanFetch[];
  /** Every variable read or written. */
  readonly variables: readonly PlanVariable[];
  /** Names of the variables each step sets. */
  readonly updates: readonly string[];
  /** What is checked to be finite, the most telling first. */
  readonly checks: readonly string[];
  /** Whether running it counts as a training step. */
  readonly countsStep: boolean;
  /** How the rows of a step are drawn, how many they are, and of how many; `undefined` where no column is fed. */
  readonly draw: { readonly kind: Draw; readonly batch: number; readonly rows: number } | undefined;
  /** The simplified graph, as text. */
  readonly graph: string;
  readonly program: CpuProgram | WebGpuProgram;
  /** Of a plan that a session gives: the text of `explain`. */
  toString(): string;
}

/** For the CPU: the simplified graph itself, in an order that can be run from first to last. */
export interface CpuProgram {
  readonly backend: 'cpu';
  readonly order: readonly Tensor[];
  readonly fetches: readonly Tensor[];
  readonly updates: readonly { readonly variable: string; readonly value: Tensor }[];
  readonly checks: readonly Tensor[];
}

/** For WebGPU: one arena of 32-bit words for everything a step makes, and the dispatches that fill it. */
export interface WebGpuProgram {
  readonly backend: 'webgpu';
  readonly dispatches: readonly Dispatch[];
  /**
   * What a step leaves for the next, made for the first: these dispatches come before it, unless the step before was the
   * plan's own.
   */
  readonly prologue: readonly Dispatch[];
  /** Size of the arena. */
  readonly scratchWords: number;
  /** The words that the fetches take; what is copied out after a run. */
  readonly resultWords: number;
  /** Whether they lie after the records in `control`, too, and not only where the arena begins. */
  readonly reported: boolean;
  /** Where each fetch lies in them. */
  readonly fetchOffsets: readonly number[];
  /** Where each array feed lies in the arena, in words; by placeholder name. */
  readonly feedOffsets: ReadonlyMap<string, number>;
  /** Large constants, written once at load. */
  readonly constants: readonly { readonly offset: number; readonly words: Uint32Array }[];
  /** Offsets of variables in the state, as the plan's code assumes them; by name. */
  readonly stateOffsets: ReadonlyMap<string, number>;
}

/** `control` begins with two records, one a generation, in so many 32-bit words. */
export const CONTROL_WORDS = 8;

/** After them there is room for small results, so that a report is one copy of one piece of memory. */
export const REPORT_WORDS = 256;

/** One dispatch: a complete WGSL module whose entry point is `main`. */
export interface Dispatch {
  readonly name: string;
  readonly code: Wgsl;
  readonly workgroups: readonly [number, number, number];
}

/** The 32-bit words that one generation of a variable takes in the state. */
export function stateWords(shape: readonly number[]): number {
  return Math.ceil(sizeOfShape(shape) / 4) * 4;
}

/** The samples that a step takes from the session's order. */
export function samplesOf({ countsStep, draw }: Pick<Plan, 'countsStep' | 'draw'>): number {
  return !countsStep || draw === undefined || draw.kind === 'rows' ? 0 : draw.batch;
}

/** How many data sources the column feeds come from. */
export function dataBindings(facts: Pick<Plan, 'feeds'>): number {
  return Math.max(0, ...facts.feeds.map(({ type }) => (type.kind === 'column' ? type.binding + 1 : 0)));
}
