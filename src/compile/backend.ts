/**
 * What a backend can do: load plans, keep variables, run steps. Plan in, numbers out.
 * Calls take effect in the order they are made; a backend never looks at a graph's meaning.
 */
import type { Plan, Target } from './plan.ts';
import type { DeviceError } from '../errors.ts';
import type { Column } from '../graph/column.ts';
import type { TypedArray } from '../graph/dtype.ts';

/** What the session runs on, for people and for messages; fields may be empty where the browser hides them. */
export interface AdapterDescription {
  readonly vendor: string;
  readonly architecture: string;
  readonly description: string;
  readonly class: 'gpu' | 'software' | 'cpu';
}

/** How far a session has come: training steps taken, and samples drawn from the shuffled data. */
export interface Counters {
  readonly step: number;
  readonly samples: number;
}

/** What a submission runs on. */
export interface SubmitRequest {
  /** Values of the plan's array feeds, by placeholder name; `undefined`: those of the submission before. */
  readonly feeds: ReadonlyMap<string, TypedArray> | undefined;
  /** The columns of the plan's column feeds, by placeholder name. */
  readonly columns: ReadonlyMap<string, Column>;
  /** Where the session stands before the first step. */
  readonly counters: Counters;
  /** The first row of a `rows` draw. */
  readonly rowOffset: number;
  /** How many times the plan runs, one after the other. */
  readonly steps: number;
  /** Whether the last step's fetches (and the health of all steps) are read back. */
  readonly read: boolean;
}

/** What became of a submission that was read. */
export interface Outcome {
  /** The fetches of the last step, in the plan's order. */
  readonly values: readonly TypedArray[];
  /** Set where a check failed: that step's and all later updates were dropped, the state is that of the step before. */
  readonly failure: Failure | undefined;
}

/** A check that failed, and where the state stands since. */
export interface Failure {
  /** The step that failed, counted from 1. */
  readonly step: number;
  readonly check: string;
  /** The counters of the state that was kept. */
  readonly counters: Counters;
}

export interface Submission {
  /** Resolves when the device has done the work; rejects with `DeviceError`. */
  readonly done: Promise<void>;
  /** Resolves with what was read (after `done`); with no values and no failure where nothing was to be read. */
  readonly outcome: Promise<Outcome>;
}

/** A plan made ready on a device: nothing is allocated when it runs. */
export interface LoadedPlan {
  readonly plan: Plan;
  /** Device memory it holds. */
  readonly bytes: number;
  submit(request: SubmitRequest): Submission;
  dispose(): void;
}

/** How long a part of a plan takes. */
export interface Timing {
  /** The number of the dispatch (on the CPU: the kernel), `undefined` for what comes before them. */
  readonly dispatch: number | undefined;
  readonly name: string;
  readonly milliseconds: number;
}

/** A device that carries out plans and keeps one session's variables. */
export interface Backend {
  readonly kind: 'webgpu' | 'cpu';
  readonly adapter: AdapterDescription;
  /** Resolves when the device is gone for good; never, for the CPU. */
  readonly lost: Promise<DeviceError>;
  /** What plans for this backend are compiled for. */
  readonly target: Target;
  /** The seed of shuffling and dropout; it can be set once everything submitted is settled. */
  seed: number;

  /** Makes room for variables and sets them. Names must be new. */
  addVariables(variables: readonly { readonly name: string; readonly values: Float32Array }[]): void;
  writeVariable(name: string, values: Float32Array): void;
  /** The variables' values after everything submitted so far. */
  readVariables(names: readonly string[]): Promise<Float32Array[]>;
  /** Where each variable lies in the state, in 32-bit words; plans are compiled against it. */
  readonly stateOffsets: ReadonlyMap<string, number>;

  /**
   * Called once a failure, the moment it is known and before anything else can be submitted: updates submitted so far are
   * void, and the session stands at `failure.counters`.
   */
  onFailure: ((failure: Failure) => void) | undefined;

  /** Resolves when it is known what became of every update submitted so far. */
  settled(): Promise<void>;

  /** Builds what the plan needs. Throws `ShaderError` or `DeviceError`. */
  load(plan: Plan): Promise<LoadedPlan>;

  /**
   * Measures a plan part by part, on copies: the state stays as it is. Call it when everything is settled. `only`: the
   * dispatches in question, if not all.
   */
  profile(plan: Plan, request: SubmitRequest, only?: ReadonlySet<number>): Promise<readonly Timing[]>;
  dispose(): void;
}
