/**
 * The interface of a backend: it loads plans, keeps variables, runs steps. Calls take effect in the order in which they are made.
 */
import type { Plan, TargetFacts, TileSizes } from './plan.ts';
import type { DeviceError } from '../errors.ts';
import type { Column } from '../graph/column.ts';
import type { TypedArray } from '../graph/dtype.ts';

/** The adapter of a session, for people and for messages; fields may be empty where the browser hides them. */
export interface AdapterDescription {
  readonly vendor: string;
  readonly architecture: string;
  readonly description: string;
  readonly class: 'gpu' | 'software' | 'cpu';
}

/** The progress of a session: training steps taken, and samples taken from the shuffled data. */
export interface Counters {
  readonly step: number;
  readonly samples: number;
}

/** The arguments of a submission. */
export interface SubmitRequest {
  /** Values of the plan's array feeds, by placeholder name; `undefined`: those of the submission before. */
  readonly feeds: ReadonlyMap<string, TypedArray> | undefined;
  /** The columns of the plan's column feeds, by placeholder name. */
  readonly columns: ReadonlyMap<string, Column>;
  /** The counters before the first step. */
  readonly counters: Counters;
  /** The first row of a batch that is a range of rows. */
  readonly rowOffset: number;
  /** The number of runs of the plan, one after the other. */
  readonly steps: number;
  /** Reads back the fetches of the last step, and the checks of all steps. */
  readonly read: boolean;
}

/** The outcome of a submission that was read. */
export interface Outcome {
  /** The fetches of the last step, in the plan's order. */
  readonly values: readonly TypedArray[];
  /** Set where a check failed: that step and all later ones are void, and the state is that of the step before. */
  readonly failure: Failure | undefined;
}

/** A failed check. */
export interface Failure {
  /** The step that failed, counted from 1. */
  readonly step: number;
  readonly check: string;
  /** The counters of the state before that step. */
  readonly counters: Counters;
}

export interface Submission {
  /** Resolves when the device has finished the work; rejects with `DeviceError`. */
  readonly done: Promise<void>;
  /** Resolves after `done`; without `read`, with no values and no failure. */
  readonly outcome: Promise<Outcome>;
}

/** A plan loaded on a device: running it allocates nothing. */
export interface LoadedPlan {
  readonly plan: Plan;
  /** Device memory of the plan. */
  readonly bytes: number;
  submit(request: SubmitRequest): Submission;
  dispose(): void;
}

/** The time that a part of a plan takes. */
export interface Timing {
  /** The number of the dispatch (on the CPU: the kernel); `undefined` for the work before the first. */
  readonly dispatch: number | undefined;
  readonly name: string;
  readonly milliseconds: number;
}

/** Compiles the plan of a run for tile sizes; default: those that the backend has measured. */
export type Compile = (tiles?: TileSizes) => Plan;

/** A device that runs plans and keeps one session's variables. */
export interface Backend {
  readonly adapter: AdapterDescription;
  /** Resolves when the device is lost; never on the CPU. */
  readonly lost: Promise<DeviceError>;
  /** The facts that plans for this backend depend on. */
  readonly target: TargetFacts;
  /** The tile sizes measured so far; an entry never changes. Missing where nothing is measured. */
  readonly tiles?: TileSizes | undefined;
  /** The seed of shuffling and dropout. Set it after {@link synchronize}. */
  seed: number;

  /** Allocates variables and sets them. Names must be new. */
  addVariables(variables: readonly { readonly name: string; readonly values: Float32Array }[]): void;
  writeVariable(name: string, values: Float32Array): void;
  /** The variables' values after everything submitted so far. */
  readVariables(names: readonly string[]): Promise<Float32Array[]>;
  /**
   * Called once a failure, when it is confirmed and before anything else can be submitted. All updates submitted so far are
   * void from the failed step on, and the session stands at `failure.counters`.
   */
  onFailure: ((failure: Failure) => void) | undefined;

  /** Resolves when the outcome of every update submitted so far is known. */
  synchronize(): Promise<void>;

  /**
   * Compiles, once it is measured on `request` which tile sizes are fastest for the products that were never measured. Missing
   * where the target has no choice.
   */
  readonly tune?: (compile: Compile, request: SubmitRequest) => Promise<Plan>;

  /** Loads a plan, whose variables have been added. @throws ShaderError, DeviceError */
  load(plan: Plan): Promise<LoadedPlan>;

  /**
   * Measures a plan part by part, on copies, so that the state stays unchanged. Call it after {@link synchronize}. `only`: the
   * dispatches to measure; default: all.
   */
  profile(plan: Plan, request: SubmitRequest, only?: ReadonlySet<number>): Promise<readonly Timing[]>;
  dispose(): void;
}
