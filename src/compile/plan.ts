/**
 * The plan: the compiler's output, which a backend runs. Its printable part is plain data that can be compared and replayed;
 * `program` is the target's own part.
 */
import type { Column } from '../graph/column.ts';
import { invariant } from '../errors.ts';
import type { DType } from '../graph/dtype.ts';

/**
 * The facts of a device that plans depend on. Its target may know more; see the target's own `plan.ts`.
 */
export interface TargetFacts {
  /** The name of the target, as in `src/session/targets.ts`. */
  readonly backend: string;
  /** The arrangement of dispatches, where the target has a choice; default `auto`. */
  readonly schedule?: ScheduleChoice | undefined;
}

/** The index of the tile size of each product that was measured, by its {@link TileChoice.key}; 0 for others. */
export type TileSizes = ReadonlyMap<string, number>;

/** `plain`: no chained kernels. `fused`: as few dispatches as possible. `auto`: the one that is likely faster. */
export type ScheduleChoice = 'auto' | 'plain' | 'fused';

/**
 * The rows of a column that become a batch: the next of the shuffled order, the next in sequence (the session counts both), or
 * a range from the request's offset on.
 *
 * @inline
 */
export type Draw = 'shuffled' | 'sequential' | 'range';

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
      readonly sampling: Draw;
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
  readonly turn: number | undefined;
  /** Set where the kernel's tile size is worth tuning. */
  readonly tiles?: TileChoice | undefined;
}

/** A product with a choice of tile sizes. All sizes compute the same bits, so measuring may decide. */
export interface TileChoice {
  /** The product's shapes and operand layouts: the same key in every plan. */
  readonly key: string;
  /** Number of tile sizes. */
  readonly count: number;
  /** The index of the tile size that the kernel has. */
  readonly tile: number;
}

export interface BufferSummary {
  readonly name: string;
  readonly bytes: number;
}

/** The part of a plan that its target alone understands. */
export interface TargetProgram {
  readonly backend: string;
}

/** A plan. `program` is the target's own; everything else is printable. */
export interface Plan {
  readonly target: TargetFacts;
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
  readonly sampling: { readonly kind: Draw; readonly batch: number; readonly rows: number } | undefined;
  /** The simplified graph, as text. */
  readonly graph: string;
  readonly program: TargetProgram;
  /** The text of `explain`, for plans that a session returns. */
  toString(): string;
}

/** A part of a plan, checked to be of the target that is called `backend`. */
export function partOf<T extends TargetProgram>(part: T, backend: string): T {
  invariant(part.backend === backend, `a plan for ${part.backend} was given to ${backend}`);
  return part;
}

/** Tells whether the plan's kernels have the tile sizes that `tiles` gives for their products. */
export function hasTiles({ kernels }: Pick<Plan, 'kernels'>, tiles: TileSizes | undefined): boolean {
  return kernels.every(({ tiles: choice }) => choice === undefined || choice.tile === (tiles?.get(choice.key) ?? 0));
}

/** The number of samples by which a step advances the session's counter. */
export function samplesOf({ countsStep, sampling }: Pick<Plan, 'countsStep' | 'sampling'>): number {
  return !countsStep || sampling === undefined || sampling.kind === 'range' ? 0 : sampling.batch;
}

/** The number of data sources of the column feeds. */
export function dataBindings(facts: Pick<Plan, 'feeds'>): number {
  return Math.max(0, ...facts.feeds.map(({ type }) => (type.kind === 'column' ? type.binding + 1 : 0)));
}
