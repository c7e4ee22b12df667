/**
 * The runner: a session's variables, counters and plans, between the compiler and a backend. Work that touches them runs under
 * a lock, one piece after the other.
 */
import type {
  Backend,
  Compile,
  Counters,
  Failure,
  LoadedPlan,
  Outcome,
  Submission,
  SubmitRequest,
} from '../compile/backend.ts';
import { compile } from '../compile/compile.ts';
import { hasTiles, samplesOf, type Plan } from '../compile/plan.ts';
import type { Target } from '../compile/target.ts';
import { disposedError, NumericsError, UsageError } from '../errors.ts';
import type { StoredTensor } from '../formats/safetensors.ts';
import { randomStream } from '../graph/random.ts';
import type { Variable } from '../graph/sources.ts';
import type { Feeds } from './feeds.ts';
import type { Request } from './fetches.ts';
import { Lock } from './lock.ts';
import { PlanCache } from './plan-cache.ts';
import { checkNames, prepareRequest, type Prepared, type PrepareOptions } from './prepare.ts';
import type { Engine } from './targets.ts';

/** The tensors of a restored snapshot whose variables the session has not met. */
export interface Waiting {
  readonly tensors: Map<string, StoredTensor>;
  /** The names of those that are not trained: optimizer slots, running statistics. */
  readonly kept: ReadonlySet<string>;
  /**
   * Called before the session meets variables: converts their tensors to float32.
   * @throws DataError naming each variable that the tensor of its name does not fit.
   */
  fit(variables: readonly Variable[]): void;
}

/** @throws NumericsError where a check failed. */
function throwFailure(failure: Failure | undefined): void {
  if (failure !== undefined) throw new NumericsError(failure.step, failure.check);
}

/**
 * A runner outside of its lock. Whatever else a {@link LockedRunner} can do is reached through `exclusively`, which hands it
 * to the work that holds the lock.
 */
export interface Runner extends Pick<
  LockedRunner,
  | 'counters'
  | 'failure'
  | 'prepare'
  | 'compile'
  | 'exclusively'
  | 'outcomeOf'
  | 'beginTraining'
  | 'endTraining'
  | 'dispose'
> {
  readonly backend: Readonly<Pick<Backend, 'adapter' | 'lost' | 'seed'>>;
}

/** A runner within its lock: nothing else runs meanwhile. */
export class LockedRunner {
  readonly backend: Backend;
  readonly #target: Target;
  readonly plans = new PlanCache();
  readonly #variables = new Map<string, Variable>();
  #waiting: Waiting | undefined;
  readonly #lock = new Lock();
  #counters: Counters = { step: 0, samples: 0 };
  #failure: Failure | undefined;
  /** The kind of the last update. */
  #lastUpdate = '';
  #training: object | undefined;
  #disposed = false;

  constructor({ backend, target }: Pick<Engine, 'backend' | 'target'>) {
    this.backend = backend;
    this.#target = target;
    backend.onFailure = (failure) => {
      this.#failure = failure;
      this.#counters = failure.counters;
    };
  }

  /** Training steps and samples so far. */
  get counters(): Counters {
    return this.#counters;
  }

  /** The variables that the session has met, by name. */
  get variables(): ReadonlyMap<string, Variable> {
    return this.#variables;
  }

  /** The restored tensors of variables that it has not met. */
  get waiting(): Waiting | undefined {
    return this.#waiting;
  }

  /** The last failed check. Steps from the failed one on that were submitted before it was known are void. */
  get failure(): Failure | undefined {
    return this.#failure;
  }

  /** Checks a request and copies its feeds. */
  prepare(request: Request, feeds: Feeds, options?: PrepareOptions): Prepared {
    this.#checkUsable();
    return prepareRequest(request, feeds, this.#variables, options);
  }

  /** Runs `work` under the lock, after all work before it. Do not await another call of it in there. */
  exclusively<T>(work: (locked: LockedRunner) => Promise<T> | T): Promise<T> {
    return this.#lock.run(() => {
      this.#checkUsable();
      return work(this);
    });
  }

  /** The loaded plan of a prepared request. */
  load(prepared: Prepared): Promise<LoadedPlan> {
    this.ensureVariables(prepared.variables);
    const { backend } = this;
    const isCurrent = ({ plan }: LoadedPlan): boolean => hasTiles(plan, backend.tiles);
    return this.plans.get(prepared.key, isCurrent, async () => {
      const compile: Compile = (tiles) => this.compile(prepared, tiles);
      return backend.load((await backend.tune?.(compile, this.requestOf(prepared))) ?? compile());
    });
  }

  /** One run of a prepared request that is not read back, to be measured. */
  requestOf({ feeds: { arrays, columns } }: Prepared): SubmitRequest {
    return { feeds: arrays, columns, counters: this.#counters, rowOffset: 0, steps: 1, read: false };
  }

  /**
   * Submits steps and advances the counters. `since`: the last failure that the caller knew of.
   * @throws NumericsError where a later one is known: updates that were requested before are void with it.
   */
  async submit(
    loaded: LoadedPlan,
    since: Failure | undefined,
    request: Omit<SubmitRequest, 'counters'>,
  ): Promise<Submission> {
    const { updates, countsStep, sampling } = loaded.plan;
    if (updates.length > 0) {
      await this.#synchronizeFor(`${updates.join()} ${countsStep} ${sampling?.rows}`);
      if (this.#failure !== since) throwFailure(this.#failure);
    }
    const submission = loaded.submit({ ...request, counters: this.#counters });
    if (countsStep) {
      const { step, samples } = this.#counters;
      this.#counters = { step: step + request.steps, samples: samples + request.steps * samplesOf(loaded.plan) };
    }
    return submission;
  }

  /** Waits for earlier submissions before another kind of update, which gives up the generation that they roll back to. */
  async #synchronizeFor(update: string): Promise<void> {
    if (update === this.#lastUpdate) return;
    await this.backend.synchronize();
    this.#checkUsable();
    this.#lastUpdate = update;
  }

  /** A submission's outcome. @throws NumericsError where a step failed; the session then stands at the last good one. */
  async outcomeOf(submission: Submission): Promise<Outcome> {
    const outcome = await submission.outcome;
    throwFailure(outcome.failure);
    return outcome;
  }

  /** Registers a training run. @throws UsageError while another one runs. */
  beginTraining(run: object): void {
    this.#checkUsable();
    if (this.#training !== undefined) {
      throw new UsageError(
        'train: this session is training already; end that run first (break, return() or its signal), or use another session.',
      );
    }
    this.#training = run;
  }

  /** Unregisters a training run, and releases the plan that it pinned. */
  endTraining(run: object, pinned: LoadedPlan | undefined): void {
    if (this.#training === run) this.#training = undefined;
    if (pinned !== undefined) this.plans.unpin(pinned);
  }

  /** Sets all variables to their initial values, and the counters to zero. */
  async reset(): Promise<void> {
    await this.backend.synchronize();
    for (const variable of this.#variables.values()) {
      this.backend.writeVariable(variable.name, this.#initialValues(variable));
    }
    this.#counters = { step: 0, samples: 0 };
    this.#waiting = undefined;
  }

  /** Sets variables, counters and seed to those of a snapshot, after its tensors were checked and earlier updates resolved. */
  restore(counters: Counters, seed: number, waiting: Waiting): void {
    this.backend.seed = seed;
    this.#counters = counters;
    this.#waiting = waiting;
    for (const name of this.#variables.keys()) {
      const values = waiting.tensors.get(name)?.data;
      if (values instanceof Float32Array) this.backend.writeVariable(name, values);
      waiting.tensors.delete(name);
    }
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.plans.dispose();
    this.backend.dispose();
  }

  /** The plan of a prepared request, for `tiles` of its products; default: those measured so far. Changes nothing. */
  compile({ request, feeds, training }: Prepared, tiles = this.backend.tiles): Plan {
    const { tensors, operation } = request;
    return compile(
      {
        fetches: tensors,
        updates: operation.updates,
        checks: operation.checks,
        training,
        countsStep: operation.training,
        feeds: feeds.types,
        target: this.backend.target,
        tiles,
      },
      this.#target,
    );
  }

  /**
   * Adds variables that the session has not met, with their restored values or their initial ones.
   * @throws DataError where a restored one does not fit.
   */
  ensureVariables(variables: readonly Variable[]): void {
    checkNames(variables, this.#variables);
    const added = variables.filter((variable) => !this.#variables.has(variable.name));
    if (added.length === 0) return;
    this.#waiting?.fit(added);
    this.backend.addVariables(added.map((variable) => ({ name: variable.name, values: this.#firstValues(variable) })));
    for (const variable of added) {
      this.#variables.set(variable.name, variable);
      this.#waiting?.tensors.delete(variable.name);
    }
  }

  #firstValues(variable: Variable): Float32Array {
    const restored = this.#waiting?.tensors.get(variable.name)?.data;
    return restored instanceof Float32Array ? restored : this.#initialValues(variable);
  }

  #initialValues(variable: Variable): Float32Array {
    return variable.initial.values(randomStream(this.backend.seed, variable.name));
  }

  #checkUsable(): void {
    if (this.#disposed) throw disposedError();
  }
}
