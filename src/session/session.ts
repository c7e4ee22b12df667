/**
 * A session: variables on a device, and the one place where the compiler meets a backend.
 */
import type {
  AdapterDescription,
  Backend,
  Counters,
  Failure,
  LoadedPlan,
  Outcome,
  Submission,
  SubmitRequest,
} from '../backend/backend.ts';
import { collectSources } from '../compile/collect.ts';
import { compile } from '../compile/compile.ts';
import type { Plan } from '../compile/plan.ts';
import { structureKey } from '../compile/structure.ts';
import { GraphError, NumericsError, UsageError, type DeviceError } from '../errors.ts';
import type { Column } from '../graph/column.ts';
import { toNDArray, type NDArray, type NestedArray } from '../graph/ndarray.ts';
import type { Operation } from '../graph/operation.ts';
import { randomStream } from '../graph/random.ts';
import { formatShape, shapesEqual, sizeOfShape } from '../graph/shape.ts';
import type { Variable } from '../graph/sources.ts';
import { describeTensor } from '../graph/tensor.ts';
import { evaluateColumns, type EvaluateOptions } from './evaluate.ts';
import { explainPlan } from './explain.ts';
import { bindFeeds, checkFinite, type Batch, type BoundFeeds, type Feeds } from './feeds.ts';
import { parseFetches, toValues, type Fetches, type Request, type Results, type Value } from './fetches.ts';
import { Lock } from './lock.ts';
import { PlanCache } from './plan-cache.ts';
import { TrainRun, type Progress, type TrainOptions } from './train.ts';

/** Feeds of a plan that is only looked at: as for `run`, or as for `train`. */
export type PlanFeeds =
  | Feeds
  | {
      readonly data: Readonly<Record<string, Column>>;
      readonly batchSize: number;
      readonly fetch?: Fetches;
      readonly feeds?: Feeds;
    };

/** A request checked and ready to be compiled. */
export interface Prepared {
  readonly request: Request;
  readonly feeds: BoundFeeds;
  readonly variables: readonly Variable[];
  readonly key: string;
}

export class Session {
  readonly #backend: Backend;
  readonly #variables = new Map<string, Variable>();
  readonly #plans = new PlanCache();
  readonly #lock = new Lock();
  #counters: Counters = { step: 0, samples: 0 };
  #lastUpdates = '';
  #lastFailure: Failure | undefined;
  #training: TrainRun | undefined;
  #disposed = false;

  /** Internal: use `createSession`. */
  constructor(backend: Backend) {
    this.#backend = backend;
    const { dispose } = Symbol as { readonly dispose?: symbol };
    if (dispose !== undefined)
      Object.defineProperty(this, dispose, {
        value: () => {
          this.dispose();
        },
      });
  }

  /** Which backend runs the session's graphs. */
  get backend(): 'webgpu' | 'cpu' {
    return this.#backend.kind;
  }

  /** What it runs on; fields are empty where the browser hides them. */
  get adapter(): AdapterDescription {
    return this.#backend.adapter;
  }

  /** Training steps taken since the start or the last `reset`. */
  get step(): number {
    return this.#counters.step;
  }

  /** Resolves when the device is gone; never on the CPU. */
  get lost(): Promise<DeviceError> {
    return this.#backend.lost;
  }

  /**
   * Computes `fetches`: a tensor, an operation, or arrays and objects of them. Results come in the same form: a scalar as a
   * number, any other tensor as an `NDArray`, an operation as `undefined`. Tensors have the values from before the operations.
   *
   * @param feeds - Values of the placeholders that the fetches depend on; copied before this returns.
   * @throws FeedError, GraphError, UsageError on what does not fit; NumericsError where an update turned non-finite;
   * DeviceError where the device is gone or too small.
   */
  async run<const F extends Fetches>(fetches: F, feeds: Feeds = {}): Promise<Results<F>> {
    const prepared = this.prepare(parseFetches(fetches), feeds);
    const { plan, submission } = await this.exclusively(async () => {
      const loaded = await this.load(prepared);
      checkFinite(loaded.plan, prepared.feeds.arrays);
      const submission = await this.submit(loaded, {
        feeds: prepared.feeds.arrays,
        columns: prepared.feeds.columns,
        rowOffset: 0,
        steps: 1,
        read: true,
      });
      return { plan: loaded.plan, submission };
    });
    const outcome = await this.outcomeOf(submission);
    return prepared.request.assemble(toValues(plan, outcome.values)) as Results<F>;
  }

  /**
   * Trains on batches drawn from a data set that lives on the device. The run begins with the first `next()`; while the
   * loop's body runs the session stands exactly at the reported step. Not pulling pauses; `break`, the signal or `dispose` end it.
   *
   * @throws UsageError, FeedError at once on options that do not fit; while iterating as `run`, or the signal's reason.
   */
  train<const F extends Readonly<Record<string, Fetches>> = Record<never, never>>(
    step: Operation,
    options: TrainOptions<F>,
  ): AsyncIterableIterator<Progress<F>> {
    return new TrainRun(this, step, options) as AsyncIterableIterator<Progress<F>>;
  }

  /**
   * Takes a whole data set through a graph in chunks: scalars come back as means weighted by rows, tensors whose first size
   * is the batch's are put together row by row.
   */
  evaluate<const F extends Readonly<Record<string, Fetches>>>(options: EvaluateOptions<F>): Promise<Results<F>> {
    return evaluateColumns(this, options);
  }

  /** A variable's value now. */
  async get(variable: Variable): Promise<NDArray> {
    const read = await this.exclusively(() => {
      this.#ensureVariables([variable]);
      return { values: this.#backend.readVariables([variable.name]) };
    });
    const [data = new Float32Array(0)] = await read.values;
    return { data, shape: variable.initial.shape, dtype: variable.dtype };
  }

  /**
   * Sets a variable.
   * @throws GraphError where the value does not have its shape; UsageError where it is not finite.
   */
  async set(variable: Variable, value: NestedArray | ArrayLike<number> | NDArray): Promise<void> {
    const array = toNDArray(value, 'float32', `set '${variable.name}'`);
    const flat = ArrayBuffer.isView(value);
    if (
      !(flat ? array.data.length === sizeOfShape(variable.initial.shape) : shapesEqual(array.shape, variable.shape))
    ) {
      throw new GraphError(
        `set: ${describeTensor(variable)} was given ${formatShape(array.shape)}; give ${formatShape(variable.shape)}.`,
      );
    }
    if (!array.data.every(Number.isFinite))
      throw new UsageError(`set: the value for '${variable.name}' is not finite everywhere; give finite numbers.`);
    await this.exclusively(async () => {
      await this.#backend.settled();
      this.#ensureVariables([variable]);
      this.#backend.writeVariable(variable.name, array.data as Float32Array);
    });
  }

  /** Sets all variables to the initial values of the same seed, and the counters to zero. */
  async reset(): Promise<void> {
    await this.exclusively(async () => {
      await this.#backend.settled();
      for (const variable of this.#variables.values())
        this.#backend.writeVariable(variable.name, this.#initialValues(variable));
      this.#counters = { step: 0, samples: 0 };
    });
  }

  /** How a run would be carried out, as text: graph, kernels, dispatches, buffers, bytes. */
  explain(fetches: Fetches, feeds: PlanFeeds = {}): string {
    return explainPlan(this.plan(fetches, feeds));
  }

  /** How a run would be carried out, as data. */
  plan(fetches: Fetches, feeds: PlanFeeds = {}): Plan {
    return this.#compile(this.#prepareForPlan(fetches, feeds));
  }

  /** Frees everything the session holds. What still runs fails with a `UsageError`. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#plans.dispose();
    this.#backend.dispose();
  }

  /** Internal: checks and copies all that a run needs. */
  prepare(request: Request, feeds: Feeds, batch?: Batch): Prepared {
    this.#checkUsable();
    const { tensors, operation } = request;
    const roots = [
      ...tensors,
      ...operation.updates.map(({ value }) => value),
      ...operation.checks.map(({ tensor }) => tensor),
    ];
    const { placeholders, variables } = collectSources([
      ...roots,
      ...operation.updates.map(({ variable }) => variable),
    ]);
    for (const variable of variables.values()) this.#checkName(variable);
    const bound = bindFeeds(placeholders, feeds, batch);
    const key = [
      structureKey(roots),
      `${tensors.length} ${operation.training} ${operation.updates.map(({ variable }) => variable.name).join()}`,
      JSON.stringify([...bound.types]),
    ].join('\n');
    return { request, feeds: bound, variables: [...variables.values()], key };
  }

  /** Internal: runs `work` when everything called before is done. */
  exclusively<T>(work: () => Promise<T> | T): Promise<T> {
    return this.#lock.run(() => {
      this.#checkUsable();
      return work();
    });
  }

  /** Internal: the loaded plan of a prepared request. Call it within {@link exclusively}. */
  load(prepared: Prepared): Promise<LoadedPlan> {
    this.#ensureVariables(prepared.variables);
    return this.#plans.get(prepared.key, () => this.#backend.load(this.#compile(prepared)));
  }

  /** Internal: submits steps and moves the counters on. Call it within {@link exclusively}. */
  async submit(loaded: LoadedPlan, request: Omit<SubmitRequest, 'counters'>): Promise<Submission> {
    const { updates, countsStep, draw } = loaded.plan;
    const names = updates.join();
    if (updates.length > 0 && names !== this.#lastUpdates) {
      // Another set of variables moves: what came before must be known to be good, for it can no longer be undone.
      await this.#backend.settled();
      this.#lastUpdates = names;
    }
    this.#checkUsable();
    const submission = loaded.submit({ ...request, counters: this.#counters });
    if (countsStep) {
      const { step, samples } = this.#counters;
      this.#counters = { step: step + request.steps, samples: samples + request.steps * (draw?.batch ?? 0) };
    }
    return submission;
  }

  /** Internal: a submission's outcome. @throws NumericsError, the session standing at the last good step. */
  async outcomeOf(submission: Submission): Promise<Outcome> {
    const outcome = await submission.outcome;
    const { failure } = outcome;
    if (failure === undefined) return outcome;
    if (failure !== this.#lastFailure) {
      this.#lastFailure = failure;
      this.#counters = failure.counters;
    }
    throw new NumericsError(failure.step, failure.check);
  }

  /** Internal: how far the session has come. */
  get counters(): Counters {
    return this.#counters;
  }

  /** Internal: keeps a plan loaded while a training run uses it. */
  get plans(): PlanCache {
    return this.#plans;
  }

  /** Internal: only one training run at a time. */
  beginTraining(run: TrainRun): void {
    this.#checkUsable();
    if (this.#training !== undefined) {
      throw new UsageError(
        'train: this session is training already; end that run first (break, return() or its signal), or use another session.',
      );
    }
    this.#training = run;
  }

  /** Internal. */
  endTraining(run: TrainRun): void {
    if (this.#training === run) this.#training = undefined;
  }

  #prepareForPlan(fetches: Fetches, feeds: PlanFeeds): Prepared {
    if (!isDataFeeds(feeds)) return this.prepare(parseFetches(fetches), feeds);
    const fetch = feeds.fetch === undefined ? [fetches] : [fetches, feeds.fetch];
    return this.prepare(
      parseFetches(fetch),
      { ...feeds.data, ...(feeds.feeds as Record<string, Column>) },
      { size: feeds.batchSize, draw: 'shuffle' },
    );
  }

  #compile({ request, feeds, variables }: Prepared): Plan {
    this.#ensureVariables(variables);
    const { tensors, operation } = request;
    return compile({
      fetches: tensors,
      updates: operation.updates,
      checks: operation.checks,
      countsStep: operation.training,
      feeds: feeds.types,
      target: this.#backend.target,
      stateOffsets: this.#backend.stateOffsets,
    });
  }

  #checkName(variable: Variable): void {
    const known = this.#variables.get(variable.name);
    if (known !== undefined && known !== variable) {
      throw new GraphError(
        `This session knows another variable called '${variable.name}', ${describeTensor(known)}; names are unique within a session. Use that variable, another name, or another session.`,
      );
    }
  }

  /** Gives variables that the session meets for the first time their initial values. */
  #ensureVariables(variables: readonly Variable[]): void {
    for (const variable of variables) this.#checkName(variable);
    const added = variables.filter((variable) => !this.#variables.has(variable.name));
    if (added.length === 0) return;
    this.#backend.addVariables(
      added.map((variable) => ({ name: variable.name, values: this.#initialValues(variable) })),
    );
    for (const variable of added) this.#variables.set(variable.name, variable);
  }

  #initialValues(variable: Variable): Float32Array {
    return variable.initial.values(randomStream(this.#backend.seed, variable.name));
  }

  #checkUsable(): void {
    if (this.#disposed) throw new UsageError('The session was disposed. Make a new one with createSession().');
  }
}

function isDataFeeds(feeds: PlanFeeds): feeds is Exclude<PlanFeeds, Feeds> {
  return 'data' in feeds && 'batchSize' in feeds && typeof feeds.batchSize === 'number';
}

export type { Value };
