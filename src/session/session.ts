/**
 * A session: variables on a device, and the graphs that are run on them.
 */
import type { AdapterDescription } from '../compile/backend.ts';
import type { Plan } from '../compile/plan.ts';
import { checkCount, checkOptions, isRecord } from '../checks.ts';
import { GraphError, UsageError, type DeviceError } from '../errors.ts';
import { copyOfBytes } from '../formats/bytes.ts';
import type { Column } from '../graph/column.ts';
import { toNDArray, type NDArray, type NestedArray } from '../graph/ndarray.ts';
import type { Operation } from '../graph/operation.ts';
import { ndarray } from '../graph/print-array.ts';
import { formatShape, shapesEqual, sizeOfShape } from '../graph/shape.ts';
import { checkVariable, checkVariables, type Variable } from '../graph/sources.ts';
import { describeTensor } from '../graph/tensor.ts';
import { describe, Printed, printedBy } from '../print.ts';
import type { EvaluateOptions } from './evaluate.ts';
import type { KernelTiming } from '../compile/explain.ts';
import { checkFinite, isFeed, joinFeeds, rowsOfColumns, type Feeds } from './feeds.ts';
import { parseFetches, toValues, type Fetches, type Results } from './fetches.ts';
import type { Prepared } from './prepare.ts';
import type { Timings } from './profile.ts';
import { LockedRunner, type Runner } from './runner.ts';
import type { Restored, RestoreOptions } from './snapshot.ts';
import type { BackendName, Engine } from './targets.ts';
import { train, type TrainingRun, type TrainOptions } from './train.ts';

/** The feeds of a plan: as for `run`, or as for `train`. */
export type PlanFeeds =
  | Feeds
  | {
      readonly data: Readonly<Record<string, Column>>;
      readonly batchSize: number;
      readonly fetch?: Fetches;
      readonly feeds?: Feeds;
    };

export interface RunOptions {
  /** Training mode: dropout drops, and batch normalisation uses the batch. Default: only in runs of an optimizer's operation. */
  readonly training?: boolean | undefined;
}

export class Session extends Printed {
  /** The backend that runs the session's graphs. */
  readonly backend: BackendName;
  /** The adapter that it runs on; fields are empty where the browser hides them. */
  readonly adapter: AdapterDescription;
  readonly #runner: Runner;
  readonly #explain: Engine['target']['explain'];
  /** The last profiles, by request. */
  readonly #timings: Timings = new Map();

  /** Internal: use `createSession`. */
  constructor(engine: Engine) {
    super('Session');
    this.backend = engine.name;
    this.adapter = engine.backend.adapter;
    this.#runner = new LockedRunner(engine);
    this.#explain = engine.target.explain;
    const { dispose } = Symbol as { readonly dispose?: symbol };
    if (dispose !== undefined)
      Object.defineProperty(this, dispose, {
        value: () => {
          this.dispose();
        },
      });
  }

  /** Training steps taken since the start or the last `reset`. */
  get step(): number {
    return this.#runner.counters.step;
  }

  /** Resolves when the device is lost; never on the CPU. */
  get lost(): Promise<DeviceError> {
    return this.#runner.backend.lost;
  }

  /**
   * Computes `fetches`: a tensor, an operation, or arrays and objects of them. Results come in the same form: a scalar as a
   * number, any other tensor as an `NDArray`, an operation as `undefined`. Tensors have the values from before the operations.
   *
   * @param feeds - Values of the placeholders that the fetches depend on; copied before this returns.
   * @throws FeedError, GraphError, UsageError on values that do not fit; NumericsError where an update became non-finite;
   * DeviceError where the device is lost or too small.
   */
  async run<const F extends Fetches>(fetches: F, feeds: Feeds = {}, options: RunOptions = {}): Promise<Results<F>> {
    checkOptions('run', options);
    const prepared = this.#runner.prepare(parseFetches(fetches), feeds, { training: options.training });
    const { failure } = this.#runner;
    const { plan, submission } = await this.#runner.exclusively(async (locked) => {
      const loaded = await locked.load(prepared);
      checkFinite(loaded.plan, prepared.feeds.arrays);
      const submission = await locked.submit(loaded, failure, {
        feeds: prepared.feeds.arrays,
        columns: prepared.feeds.columns,
        rowOffset: 0,
        steps: 1,
        read: true,
      });
      return { plan: loaded.plan, submission };
    });
    const outcome = await this.#runner.outcomeOf(submission);
    return prepared.request.assemble(toValues(plan, outcome.values)) as Results<F>;
  }

  /**
   * Trains on batches drawn from a data set on the device. The run begins when it is iterated or awaited. While a loop's body
   * runs, the session is paused at the reported step; `break`, the signal or `dispose` end the run. `await` runs to the end, and
   * gives the history of all reports.
   *
   * @throws UsageError, FeedError at once on options that do not fit; from the run as `run`, or the signal's reason.
   */
  train<const F extends Readonly<Record<string, Fetches>> = Readonly<Record<string, Fetches>>>(
    step: Operation,
    options: TrainOptions<F>,
  ): TrainingRun<F> {
    return train(this.#runner, step, options);
  }

  /**
   * Evaluates tensors on a whole data set in chunks. For any size of chunks, the values are those of {@link run} on the whole
   * set: rows are concatenated along the axis of samples, sums over samples are added, maxima and minima combined, and tensors
   * computed from these (means, ratios, a loss with a penalty) are computed once.
   *
   * @throws UsageError naming a fetch that needs all samples at once: `x - reduceMean(x, { axis: 0 })`, products of samples with
   * samples, `argMax` among samples; FeedError, GraphError, DeviceError as `run`.
   */
  async evaluate<const F extends Readonly<Record<string, Fetches>>>(options: EvaluateOptions<F>): Promise<Results<F>> {
    return this.#runner.exclusively(async (locked) => {
      const { evaluateColumns } = await import('./evaluate.ts');
      return evaluateColumns(locked, options);
    });
  }

  /** The current value of a variable. */
  async get(variable: Variable): Promise<NDArray> {
    checkVariable('get', variable);
    const read = await this.#runner.exclusively((locked) => {
      locked.ensureVariables([variable]);
      return { values: locked.backend.readVariables([variable.name]) };
    });
    const [data = new Float32Array(0)] = await read.values;
    return ndarray({ data, shape: variable.initial.shape, dtype: variable.dtype });
  }

  /**
   * Sets a variable.
   * @throws GraphError where the value does not have its shape; UsageError where it is not finite.
   */
  async set(variable: Variable, value: NestedArray | ArrayLike<number> | NDArray): Promise<void> {
    checkVariable('set', variable);
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
    await this.#runner.exclusively(async (locked) => {
      await locked.backend.synchronize();
      locked.ensureVariables([variable]);
      locked.backend.writeVariable(variable.name, array.data as Float32Array);
    });
  }

  /** @internal Adds variables with their initial values, so that a file is checked against them when it is restored. */
  async meet(variables: readonly Variable[]): Promise<void> {
    await this.#runner.exclusively((locked) => locked.ensureVariables(variables));
  }

  /** Sets all variables to the initial values of the same seed, and the counters to zero. */
  async reset(): Promise<void> {
    await this.#runner.exclusively((locked) => locked.reset());
  }

  /**
   * The state of the session, at the next step boundary, as a safetensors file: variables and optimizer slots by name; step,
   * samples drawn, seed, adapter and version in the metadata.
   */
  snapshot(): Promise<Uint8Array> {
    return this.#runner.exclusively(async (locked) => {
      const { takeSnapshot } = await import('./snapshot.ts');
      return takeSnapshot(locked);
    });
  }

  /**
   * Restores a snapshot and its seed at the next step boundary. On the same class of adapter, training continues bit for bit.
   * The file must have all variables that the session has used. Tensors of other names wait, and are checked when a variable of
   * their name is first used. Files of other programs set variables only, from tensors of floating-point numbers.
   *
   * @param bytes - Copied before this returns.
   * @returns The names that matched a variable, and those that wait.
   * @throws DataError on a damaged file, or naming every tensor that does not fit or is not finite; GraphError where one of
   * `variables` has the name of another that the session knows. Nothing has changed then.
   */
  async restore(bytes: Uint8Array | ArrayBuffer, options: RestoreOptions = {}): Promise<Restored> {
    checkOptions('restore', options);
    if (options.variables !== undefined) checkVariables('restore', options.variables);
    const file = copyOfBytes('restore', bytes);
    return this.#runner.exclusively(async (locked) => {
      const { restoreSnapshot } = await import('./snapshot.ts');
      return restoreSnapshot(locked, file, options);
    });
  }

  /**
   * The plan of a run as text: graph, kernels, dispatches, buffers, bytes; with times after {@link profile}.
   */
  explain(fetches: Fetches, feeds: PlanFeeds = {}, options: RunOptions = {}): string {
    const prepared = this.#prepareForPlan(fetches, feeds, options);
    return this.#explain(this.#runner.compile(prepared), this.#timings.get(prepared.key));
  }

  /**
   * Measures each dispatch of a run: by the device's clock where it has one (`timestamp-query`), else by the wall clock over many
   * repeats. It runs on copies, so the state is unchanged. Other calls wait.
   *
   * @throws FeedError, GraphError, UsageError as `run`; DeviceError where the device is lost or too small.
   */
  async profile(fetches: Fetches, feeds: PlanFeeds = {}, options: RunOptions = {}): Promise<KernelTiming[]> {
    const prepared = this.#prepareForPlan(fetches, feeds, options);
    return this.#runner.exclusively(async (locked) => {
      const { profile } = await import('./profile.ts');
      return profile(locked, prepared, this.#timings);
    });
  }

  /** The plan of a run, as data. */
  plan(fetches: Fetches, feeds: PlanFeeds = {}, options: RunOptions = {}): Plan {
    const plan = this.#runner.compile(this.#prepareForPlan(fetches, feeds, options));
    return printedBy<Plan>(this.#explain)(plan);
  }

  /** Frees the session's resources. Calls in progress fail with a `UsageError`. */
  dispose(): void {
    this.#runner.dispose();
  }

  /** The session's backend, adapter, seed and step. */
  override toString(): string {
    const { backend, step } = this;
    const adapter = Object.values(this.adapter).filter(Boolean).join(' ');
    return describe('Session', undefined, { backend, adapter, seed: this.#runner.backend.seed, step });
  }

  #prepareForPlan(fetches: Fetches, feeds: PlanFeeds, options: RunOptions): Prepared {
    checkOptions('plan', options);
    const { training } = options;
    if (!isTrainOptions(feeds)) return this.#runner.prepare(parseFetches(fetches), feeds, { training });
    const rows = rowsOfColumns('plan', feeds.data);
    checkCount('`batchSize`', feeds.batchSize, rows, ` (the data set has ${rows} rows)`);
    const fetch = feeds.fetch === undefined ? [fetches] : [fetches, feeds.fetch];
    return this.#runner.prepare(parseFetches(fetch), joinFeeds(feeds.data, feeds.feeds), {
      batch: { size: feeds.batchSize, sampling: 'shuffled' },
      training,
    });
  }
}

/** Tells `train`'s options from feeds: no placeholder takes columns by name, even if it is called `data`. */
function isTrainOptions(feeds: PlanFeeds): feeds is Exclude<PlanFeeds, Feeds> {
  return isRecord(feeds) && isRecord(feeds.data) && !isFeed(feeds.data);
}
