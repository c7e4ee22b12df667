/** Training of a classifier: a run of `session.train` for each epoch, with the validation set evaluated in between. */
import { refuse } from '../checks.ts';
import type { Dataset } from '../data/index.ts';
import { UsageError, type Operation, type Session, type Tensor, type Variable } from '../index.ts';
import { Run } from '../session/run.ts';

/** The length of a run: steps or epochs. @inline */
type Duration =
  | { readonly steps: number; readonly epochs?: undefined }
  /** Passes over the data set. */
  | { readonly epochs: number; readonly steps?: undefined };

export type FitOptions = Duration & {
  /** Images a step; default 32, or all where the data set has fewer. */
  readonly batchSize?: number | undefined;
  /** A data set to evaluate after each epoch, and at the end. */
  readonly validation?: Dataset | undefined;
  /**
   * Steps between reports, counted anew after each validation; default: about ten reports a second. The last step of an epoch and of
   * the run is always reported.
   */
  readonly every?: number | undefined;
  /** A signal that ends the run: the iteration throws its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Samples batches in a shuffled order; default true. */
  readonly shuffle?: boolean | undefined;
};

/** Measures of a classifier on a data set or a batch. */
export interface Score {
  /** Mean cross-entropy, in nats. */
  readonly loss: number;
  /** The share of images that are classified correctly. */
  readonly accuracy: number;
}

/** A report; its score is of the last batch. */
export interface FitProgress extends Score {
  /** The session's step, at which it stands while the loop's body runs. */
  readonly step: number;
  /** The step at which the run ends. */
  readonly steps: number;
  /** Whole passes over the data set since the session began. */
  readonly epoch: number;
  /** Seconds spent training in this run; pauses and validation do not count. */
  readonly seconds: number;
  /** The speed since the last report. */
  readonly stepsPerSecond: number;
  /** The means over an epoch's steps, in the report at its end. */
  readonly epochMetrics?: Score | undefined;
  /** The score on the validation set, in the reports after its evaluation. */
  readonly validation?: Score | undefined;
}

/** Scores in columns. @inline */
interface Scores {
  readonly loss: number[];
  readonly accuracy: number[];
}

/** The reports of a run, in columns: element i of each is of report i. */
export interface History extends Scores {
  readonly step: number[];
  readonly epoch: number[];
  readonly seconds: number[];
  readonly stepsPerSecond: number[];
  /** The scores on the validation set, and the steps after which it was evaluated. */
  readonly validation: Scores & { readonly step: number[] };
  /** The ends of epochs: how many are done, the step, the means over the epoch, the scores on the validation set after it. */
  readonly epochs: Scores & { readonly epoch: number[]; readonly step: number[]; readonly validation: Scores };
}

/** A run of `fit`. Awaited, it runs to the end and gives its history. */
export interface FitRun extends AsyncIterableIterator<FitProgress, undefined>, PromiseLike<History> {
  readonly catch: Promise<History>['catch'];
  readonly finally: Promise<History>['finally'];
}

/** Measures of a labelled batch. */
// A type, since an interface has no index signature.

export type Measures = { readonly [K in keyof Score]: Tensor };

/** A classifier's part in its training. */
export interface Trainable {
  readonly session: Session;
  readonly step: Operation;
  readonly fetch: Measures;
  /** The variables to which the step adds the measures. */
  readonly totals: { readonly [K in keyof Measures]: Variable };
  /** These variables after the step. */
  readonly newTotals: Measures;
  /** Called once, before the first step. */
  readonly begin: () => Promise<void>;
  readonly evaluate: (dataset: Dataset) => Promise<Score>;
}

const DEFAULT_BATCH = 32;

/** Checks the options at the call; trains as it is iterated or awaited. */
export function fit(
  { session, step, fetch, totals, newTotals, begin, evaluate }: Trainable,
  dataset: Dataset,
  options: FitOptions,
): FitRun {
  const {
    batchSize = Math.min(DEFAULT_BATCH, dataset.size),
    validation,
    every,
    signal,
    shuffle,
    ...duration
  } = options;
  const total = stepsOf(duration, batchSize, dataset.size);
  const data = { images: dataset.images, labels: dataset.labels };
  /** The step of this run at which the epoch of the step after `from` ends. */
  const epochEnd = (from: number): number => {
    const epochsDone = Math.floor((from * batchSize) / dataset.size);
    return Math.ceil(((epochsDone + 1) * dataset.size) / batchSize);
  };
  const endOf = (from: number): number => Math.min(total, epochEnd(from));
  const fetches = { ...fetch, totals: newTotals };
  const round = (from: number) =>
    session.train(step, {
      ...{ batchSize, data, every, signal, shuffle },
      steps: endOf(from) - from,
      stepsBefore: validation === undefined ? from : 0,
      fetch: fetches,
    });
  const first = round(0);

  async function* reports(): AsyncGenerator<FitProgress, undefined> {
    await begin();
    let seconds = 0;
    for (let from = 0; from < total; from = endOf(from)) {
      const before = seconds;
      const end = endOf(from);
      for (const variable of Object.values(totals)) await session.set(variable, 0);
      for await (const { values, ...report } of from === 0 ? first : round(from)) {
        seconds = before + report.seconds;
        const ended = report.step === report.steps;
        yield {
          ...report,
          steps: report.steps + total - end,
          seconds,
          loss: Number(values.loss),
          accuracy: Number(values.accuracy),
          ...(ended && end === epochEnd(from) ? { epochMetrics: means(values.totals, end - from) } : {}),
          ...(ended && validation !== undefined ? { validation: await evaluate(validation) } : {}),
        };
      }
    }
    return undefined;
  }
  const history: History = {
    step: [],
    epoch: [],
    seconds: [],
    stepsPerSecond: [],
    loss: [],
    accuracy: [],
    validation: { step: [], loss: [], accuracy: [] },
    epochs: { epoch: [], step: [], loss: [], accuracy: [], validation: { loss: [], accuracy: [] } },
  };
  return new Run('fit', reports(), history, (report) => {
    record(history, report);
  });
}

const means = (totals: Readonly<Record<keyof Score, unknown>>, steps: number): Score => ({
  loss: Number(totals.loss) / steps,
  accuracy: Number(totals.accuracy) / steps,
});

function record(history: History, report: FitProgress): void {
  for (const name of ['step', 'epoch', 'seconds', 'stepsPerSecond', 'loss', 'accuracy'] as const)
    history[name].push(report[name]);
  const add = (to: Scores, score: Score): void => {
    to.loss.push(score.loss);
    to.accuracy.push(score.accuracy);
  };
  const { step, epoch, validation, epochMetrics } = report;
  if (validation !== undefined) {
    history.validation.step.push(step);
    add(history.validation, validation);
  }
  if (epochMetrics === undefined) return;
  history.epochs.epoch.push(epoch);
  history.epochs.step.push(step);
  add(history.epochs, epochMetrics);
  if (validation !== undefined) add(history.epochs.validation, validation);
}

/** @throws UsageError unless either steps or epochs are given, and all numbers are whole and above 0. */
function stepsOf(duration: Duration, batchSize: number, rows: number): number {
  // Programs without types may give both.
  const { steps, epochs }: { readonly [K in keyof Duration]?: number | undefined } = duration;
  if ((steps === undefined) === (epochs === undefined))
    throw new UsageError('fit: give either `steps` or `epochs`, e.g. { epochs: 3 }.');
  for (const [option, value = 1] of Object.entries({ steps, epochs, batchSize })) {
    if (!Number.isSafeInteger(value) || value < 1) refuse(`fit: \`${option}\``, value, 'a whole number from 1 on');
  }
  return steps ?? Math.ceil(((epochs ?? 0) * rows) / batchSize);
}
