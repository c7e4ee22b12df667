/**
 * The session's machinery: where the compiler meets a backend. Variables, counters and plans; one piece of work after the other.
 */
import type { Backend, Counters, Failure, LoadedPlan, Outcome, Submission, SubmitRequest } from '../compile/backend.ts';
import { collectSources } from '../compile/collect.ts';
import { compile } from '../compile/compile.ts';
import { samplesOf, type Plan } from '../compile/plan.ts';
import type { FinishPlan } from '../compile/request.ts';
import { structureKey } from '../compile/structure.ts';
import { GraphError, NumericsError, UsageError } from '../errors.ts';
import type { StoredTensor } from '../formats/safetensors.ts';
import { randomStream } from '../graph/random.ts';
import { otherName, type Variable } from '../graph/sources.ts';
import { describeTensor } from '../graph/tensor.ts';
import type { Engine } from '../compile/target.ts';
import { bindFeeds, type Batch, type BoundFeeds, type Feeds } from './feeds.ts';
import type { Request } from './fetches.ts';
import { Lock } from './lock.ts';
import { PlanCache } from './plan-cache.ts';

/** A request checked and ready to be compiled. */
export interface Prepared {
  readonly request: Request;
  readonly feeds: BoundFeeds;
  readonly variables: readonly Variable[];
  readonly training: boolean;
  readonly key: string;
}

export interface PrepareOptions {
  /** Rows of columns that are drawn rather than fed whole. */
  readonly batch?: Batch;
  /** Training mode, whether or not an optimizer's operation is run. */
  readonly training?: boolean | undefined;
  /** Feeds that are checked and copied already, in the place of others. */
  readonly bound?: BoundFeeds;
}

/** A restored snapshot's tensors that wait for the session to meet the variables they are for. */
export interface Waiting {
  readonly tensors: Map<string, StoredTensor>;
  /** Names of those that are not trained: optimizer slots, running statistics. */
  readonly kept: ReadonlySet<string>;
  /**
   * Called before the session meets variables: makes what waits for them float32.
   * @throws DataError naming each of the variables that a tensor of its name does not fit.
   */
  fit(variables: readonly Variable[]): void;
}

/** @throws NumericsError where a check failed. */
function throwFailure(failure: Failure | undefined): void {
  if (failure !== undefined) throw new NumericsError(failure.step, failure.check);
}

/** Runs what `Session`, `train` and `evaluate` ask for. */
export class Runner {
  readonly backend: Backend;
  readonly #finish: FinishPlan;
  readonly #tune: Engine['tune'];
  /** Keeps plans loaded; a training run pins its own. */
  readonly plans = new PlanCache();
  readonly #variables = new Map<string, Variable>();
  #waiting: Waiting | undefined;
  readonly #lock = new Lock();
  #counters: Counters = { step: 0, samples: 0 };
  #failure: Failure | undefined;
  /** What kind of update was submitted last. */
  #lastUpdate = '';
  #training: object | undefined;
  #disposed = false;

  constructor({ backend, finish, tune }: Engine) {
    this.backend = backend;
    this.#finish = finish;
    this.#tune = tune;
    backend.onFailure = (failure) => {
      this.#failure = failure;
      this.#counters = failure.counters;
    };
  }

  /** Training steps and samples so far. */
  get counters(): Counters {
    return this.#counters;
  }

  /** What the session has met, by name. */
  get variables(): ReadonlyMap<string, Variable> {
    return this.#variables;
  }

  /** What it has not, but was restored. */
  get waiting(): Waiting | undefined {
    return this.#waiting;
  }

  /** The last failure of a check: what was submitted before it was known had no effect from that step on. */
  get failure(): Failure | undefined {
    return this.#failure;
  }

  /** Checks and copies all that a run needs. */
  prepare(request: Request, feeds: Feeds, { batch, training = false, ...given }: PrepareOptions = {}): Prepared {
    this.#checkUsable();
    const { tensors, operation } = request;
    const mode = operation.training || training;
    const roots = [
      ...tensors,
      ...operation.updates.map(({ value }) => value),
      ...operation.checks.map(({ tensor }) => tensor),
    ];
    const { placeholders, variables } = collectSources([
      ...roots,
      ...operation.updates.map(({ variable }) => variable),
    ]);
    this.checkNames([...variables.values()]);
    const bound = given.bound ?? bindFeeds(placeholders, feeds, batch);
    const key = [
      structureKey(roots),
      `${tensors.length} ${operation.training} ${mode} ${operation.updates.map(({ variable }) => variable.name).join()}`,
      JSON.stringify([...bound.types]),
    ].join('\n');
    return { request, feeds: bound, variables: [...variables.values()], training: mode, key };
  }

  /** Runs `work` when everything called before is done. */
  exclusively<T>(work: () => Promise<T> | T): Promise<T> {
    return this.#lock.run(() => {
      this.#checkUsable();
      return work();
    });
  }

  /** The loaded plan of a prepared request. Call it within {@link exclusively}. */
  load(prepared: Prepared): Promise<LoadedPlan> {
    this.ensureVariables(prepared.variables);
    return this.plans.get(prepared.key, async () => {
      const compile = (): Plan => this.compile(prepared);
      return this.backend.load((await this.#tune?.(compile, this.requestOf(prepared))) ?? compile());
    });
  }

  /** One run of a prepared request that is not looked at, to be measured. */
  requestOf({ feeds: { arrays, columns } }: Prepared): SubmitRequest {
    return { feeds: arrays, columns, counters: this.#counters, rowOffset: 0, steps: 1, read: false };
  }

  /**
   * Submits steps and moves the counters on. Call it within {@link exclusively}. `since`: the last failure that whoever asks
   * knew of. Updates asked for before a later one was known are dropped with it.
   */
  async submit(
    loaded: LoadedPlan,
    since: Failure | undefined,
    request: Omit<SubmitRequest, 'counters'>,
  ): Promise<Submission> {
    const { updates, countsStep, draw } = loaded.plan;
    if (updates.length > 0) {
      await this.#settleFor(`${updates.join()} ${countsStep} ${draw?.rows}`);
      if (this.#failure !== since) throwFailure(this.#failure);
    }
    const submission = loaded.submit({ ...request, counters: this.#counters });
    if (countsStep) {
      const { step, samples } = this.#counters;
      this.#counters = { step: step + request.steps, samples: samples + request.steps * samplesOf(loaded.plan) };
    }
    return submission;
  }

  /** Where other variables or counters move than before, what came before must be known to be good: it can no longer be undone. */
  async #settleFor(update: string): Promise<void> {
    if (update === this.#lastUpdate) return;
    await this.backend.synchronize();
    this.#checkUsable();
    this.#lastUpdate = update;
  }

  /** A submission's outcome. @throws NumericsError, the session standing at the last good step. */
  async outcomeOf(submission: Submission): Promise<Outcome> {
    const outcome = await submission.outcome;
    throwFailure(outcome.failure);
    return outcome;
  }

  /** Notes that a training run begins. @throws UsageError while another one runs. */
  beginTraining(run: object): void {
    this.#checkUsable();
    if (this.#training !== undefined) {
      throw new UsageError(
        'train: this session is training already; end that run first (break, return() or its signal), or use another session.',
      );
    }
    this.#training = run;
  }

  /** Notes that it ended. */
  endTraining(run: object): void {
    if (this.#training === run) this.#training = undefined;
  }

  /** Sets all variables to their initial values, and the counters to zero. Call it within {@link exclusively}. */
  async reset(): Promise<void> {
    await this.backend.synchronize();
    for (const variable of this.#variables.values()) {
      this.backend.writeVariable(variable.name, this.#initialValues(variable));
    }
    this.#counters = { step: 0, samples: 0 };
    this.#waiting = undefined;
  }

  /** Goes on from where a snapshot was taken. Call it within {@link exclusively}, when all is settled and known to fit. */
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

  compile({ request, feeds, variables, training }: Prepared): Plan {
    this.ensureVariables(variables);
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
        stateOffsets: this.backend.stateOffsets,
      },
      this.#finish,
    );
  }

  /** @throws GraphError where the session knows another variable of the same name. */
  checkNames(variables: readonly Variable[]): void {
    for (const variable of variables) {
      const known = this.#variables.get(variable.name);
      if (known !== undefined && known !== variable) {
        throw new GraphError(
          `This session knows another variable called '${variable.name}', ${describeTensor(known)}; names are unique within a session. ${otherName(variable)}, or another session.`,
        );
      }
    }
  }

  /**
   * Gives variables that the session meets for the first time their values: of a restored snapshot, or initial ones.
   * @throws DataError where a restored one does not fit.
   */
  ensureVariables(variables: readonly Variable[]): void {
    this.checkNames(variables);
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
    if (this.#disposed) throw new UsageError('The session was disposed. Make a new one with createSession().');
  }
}
