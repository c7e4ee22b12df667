/**
 * The training loop: many steps per submit, at most two submits in flight. Between reports it runs ahead of the host; at a
 * report the session is paused at the reported step.
 */
import type { Failure, LoadedPlan, Submission } from '../compile/backend.ts';
import { checkCount, checkOptions, checkSignal, refuse } from '../checks.ts';
import { invariant } from '../errors.ts';
import type { Column } from '../graph/column.ts';
import { Operation } from '../graph/operation.ts';
import { checkFinite, joinFeeds, rowsOfColumns, type Feeds } from './feeds.ts';
import { parseFetches, toValues, type Fetches, type Results } from './fetches.ts';
import type { Prepared } from './prepare.ts';
import { Run } from './run.ts';
import type { Runner } from './runner.ts';

export interface TrainOptions<F extends Readonly<Record<string, Fetches>>> {
  /** The number of further steps. */
  readonly steps: number;
  readonly batchSize: number;
  /** Columns of one data set, by placeholder name. */
  readonly data: Readonly<Record<string, Column>>;
  /** Values for the whole run, by placeholder name: a learning rate, for instance. */
  readonly feeds?: Feeds | undefined;
  /** Draws batches in a shuffled order; default `true`. */
  readonly shuffle?: boolean | undefined;
  /** The tensors to report. */
  readonly fetch?: F | undefined;
  /** Steps between reports; default: about ten reports a second. The last step is always reported. */
  readonly every?: number | undefined;
  /** Earlier steps that `every` counts too; default 0. @internal */
  readonly stepsBefore?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Steps per submit; default: as many as a smooth page allows. For tests. */
  readonly stepsPerSubmit?: number | undefined;
}

/** A report. */
export interface Progress<F> {
  /** The session's step while the loop's body runs. */
  readonly step: number;
  /** The step at which the run ends. */
  readonly steps: number;
  /** Whole passes over the data set since the session began. */
  readonly epoch: number;
  /** Seconds spent training in this run; pauses do not count. */
  readonly seconds: number;
  /** Steps per second since the report before. */
  readonly stepsPerSecond: number;
  readonly values: Results<F>;
}

/** The reports of a run, in columns: element i of each is of report i. */
export interface History<F> {
  readonly step: number[];
  readonly epoch: number[];
  readonly seconds: number[];
  readonly stepsPerSecond: number[];
  readonly values: { readonly [K in keyof F]: Results<F[K]>[] };
}

/** A run of `train`. Awaited, it gives the history of all reports, which keeps the values of each of them. */
export interface TrainingRun<F> extends AsyncIterableIterator<Progress<F>, undefined>, PromiseLike<History<F>> {
  readonly catch: Promise<History<F>>['catch'];
  readonly finally: Promise<History<F>>['finally'];
}

const REPORT_SECONDS = 0.1;
const IN_FLIGHT = 2;
const MAX_STEPS_PER_SUBMIT = 1024;

/** The longest time that one submit may occupy the device, so that a page stays smooth. */
const SUBMIT_SECONDS = { gpu: 0.006, software: 0.03, cpu: 0.03 };

type AnyFetches = Readonly<Record<string, Fetches>>;

class TrainingSteps {
  readonly #runner: Runner;
  readonly #options: TrainOptions<AnyFetches>;
  readonly #prepared: Prepared;
  readonly #rows: number;
  #loaded: LoadedPlan | undefined;
  /** The session's last failure when the run began; another one ends the run. */
  #failure: Failure | undefined;
  #taken = 0;
  #seconds = 0;
  #secondsPerStep: number | undefined;

  /** Checks the options and copies the feeds; nothing runs yet. */
  constructor(runner: Runner, step: Operation, options: TrainOptions<AnyFetches>) {
    this.#rows = checkTraining(step, options);
    this.#runner = runner;
    this.#options = { ...options };
    const { fetch = {} } = options;
    const feeds = joinFeeds(options.data, options.feeds);
    this.#prepared = runner.prepare(parseFetches({ step, values: fetch }), feeds, {
      batch: { size: options.batchSize, sampling: options.shuffle === false ? 'sequential' : 'shuffled' },
    });
  }

  /** The reports; nothing runs before the first is pulled. */
  async *reports(): AsyncGenerator<Progress<AnyFetches>, undefined> {
    try {
      await this.#begin();
      while (this.#taken < this.#options.steps) yield await this.#advance();
    } finally {
      this.#runner.endTraining(this, this.#loaded);
      this.#loaded = undefined;
    }
    return undefined;
  }

  async #begin(): Promise<void> {
    this.#options.signal?.throwIfAborted();
    this.#runner.beginTraining(this);
    await this.#runner.exclusively(async (locked) => {
      const loaded = await locked.load(this.#prepared);
      checkFinite(loaded.plan, this.#prepared.feeds.arrays);
      locked.plans.pin(loaded);
      this.#loaded = loaded;
      await locked.backend.synchronize();
      this.#failure = locked.failure;
    });
  }

  /** Runs steps up to the next report. */
  async #advance(): Promise<Progress<AnyFetches>> {
    const { signal, steps, every, stepsBefore = 0 } = this.#options;
    const began = performance.now();
    const from = this.#taken;
    const due = every === undefined ? steps : Math.min(steps, from + every - ((stepsBefore + from) % every));
    const flying: { readonly slice: number; readonly done: Promise<void> }[] = [];
    let finished = from;
    for (;;) {
      if (signal?.aborted === true) {
        await this.#runner.exclusively((locked) => locked.backend.synchronize());
        signal.throwIfAborted();
      }
      const elapsed = (performance.now() - began) / 1000;
      const slice = Math.min(this.#sliceSteps(), due - this.#taken);
      const reports =
        this.#taken + slice === due ||
        (every === undefined && elapsed + (this.#secondsPerStep ?? 0) * slice >= REPORT_SECONDS);
      const submission = await this.#submit(slice, reports);
      this.#taken += slice;
      if (reports) return await this.#report(submission, from, began);
      flying.push({ slice, done: submission.done });
      const oldest = flying.length < IN_FLIGHT ? undefined : flying.shift();
      if (oldest === undefined) continue;
      await oldest.done;
      finished += oldest.slice;
      this.#secondsPerStep = (performance.now() - began) / 1000 / (finished - from);
    }
  }

  async #report(submission: Submission, from: number, began: number): Promise<Progress<AnyFetches>> {
    const outcome = await this.#runner.outcomeOf(submission);
    const plan = this.#loaded?.plan;
    const seconds = (performance.now() - began) / 1000;
    const taken = this.#taken - from;
    this.#seconds += seconds;
    this.#secondsPerStep = seconds / taken;
    const { step, samples } = this.#runner.counters;
    const assembled = this.#prepared.request.assemble(plan === undefined ? [] : toValues(plan, outcome.values));
    return {
      step,
      steps: step + this.#options.steps - this.#taken,
      epoch: Math.floor(samples / this.#rows),
      seconds: this.#seconds,
      stepsPerSecond: taken / Math.max(seconds, 1e-6),
      values: (assembled as { readonly values: Results<AnyFetches> }).values,
    };
  }

  #submit(steps: number, read: boolean): Promise<Submission> {
    return this.#runner.exclusively((locked) => {
      const loaded = this.#loaded;
      invariant(loaded !== undefined, 'the run has ended');
      const first = this.#taken === 0;
      return locked.submit(loaded, this.#failure, {
        feeds: first ? this.#prepared.feeds.arrays : undefined,
        columns: this.#prepared.feeds.columns,
        rowOffset: 0,
        steps,
        read,
      });
    });
  }

  #sliceSteps(): number {
    const { stepsPerSubmit } = this.#options;
    if (stepsPerSubmit !== undefined) return stepsPerSubmit;
    if (this.#secondsPerStep === undefined) return 1;
    const budget = SUBMIT_SECONDS[this.#runner.backend.adapter.class];
    return Math.max(1, Math.min(MAX_STEPS_PER_SUBMIT, Math.floor(budget / Math.max(this.#secondsPerStep, 1e-6))));
  }
}

/** Checks the options at the call. Nothing runs before the run is iterated or awaited. */
export function train<F extends AnyFetches>(runner: Runner, step: Operation, options: TrainOptions<F>): TrainingRun<F> {
  const steps = new TrainingSteps(runner, step, options);
  const values = Object.fromEntries(Object.keys(options.fetch ?? {}).map((name) => [name, [] as unknown[]]));
  const history = { step: [], epoch: [], seconds: [], stepsPerSecond: [], values } as History<AnyFetches>;
  return new Run('train', steps.reports(), history, (report) => {
    for (const name of ['step', 'epoch', 'seconds', 'stepsPerSecond'] as const) history[name].push(report[name]);
    for (const name in values) values[name]?.push(report.values[name]);
  }) as TrainingRun<F>;
}

/** @returns The number of rows of the data set. @throws UsageError naming the option, the given and the allowed value. */
function checkTraining(step: Operation, options: TrainOptions<AnyFetches>): number {
  if (!(step instanceof Operation) || !step.training)
    refuse('train: the first argument', step, "a training step: the result of an optimizer's minimize()");
  checkOptions('train', options);
  const { steps, batchSize, data, every, stepsPerSubmit } = options;
  const rows = rowsOfColumns('train', data);
  checkSignal('train', options.signal);
  checkCount('`steps`', steps);
  checkCount('`batchSize`', batchSize, rows, ` (the data set has ${rows} rows)`);
  if (every !== undefined) checkCount('`every`', every);
  if (stepsPerSubmit !== undefined) checkCount('`stepsPerSubmit`', stepsPerSubmit, MAX_STEPS_PER_SUBMIT);
  return rows;
}
