/** Training of a classifier: one run of `session.train`, or one an epoch with the validation set evaluated in between. */
import { refuse } from '../checks.ts';
import type { Dataset } from '../data/index.ts';
import { UsageError, type Operation, type Session, type Tensor } from '../index.ts';

/** The length of a run: steps or epochs. @inline */
type Duration =
  | { readonly steps: number; readonly epochs?: undefined }
  /** Passes over the data set. */
  | { readonly epochs: number; readonly steps?: undefined };

export type FitOptions = Duration & {
  /** Images a step; default 32, or all where the data set has fewer. */
  readonly batchSize?: number | undefined;
  /** A data set to evaluate after each pass over the training data, and at the end. */
  readonly validation?: Dataset | undefined;
  /** Steps between reports, counted anew after each validation; default: about ten reports a second. The last step is always reported. */
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
  /** The score on the validation set, in the reports after its evaluation. */
  readonly validation?: Score | undefined;
}

/** A classifier's part in its training. */
export interface Trainable {
  readonly session: Session;
  readonly step: Operation;
  readonly fetch: { readonly loss: Tensor; readonly accuracy: Tensor };
  /** Called once, before the first step. */
  readonly begin: () => Promise<void>;
  readonly evaluate: (dataset: Dataset) => Promise<Score>;
}

const DEFAULT_BATCH = 32;

/** Checks the options at the call; trains as it is iterated. */
export function fit(
  { session, step, fetch, begin, evaluate }: Trainable,
  dataset: Dataset,
  options: FitOptions,
): AsyncIterableIterator<FitProgress, undefined> {
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
  /** The step of this run at which the round from step `from` ends. */
  const endOf = (from: number): number => {
    if (validation === undefined) return total;
    const epochsDone = Math.floor((from * batchSize) / dataset.size);
    return Math.min(total, Math.ceil(((epochsDone + 1) * dataset.size) / batchSize));
  };
  const round = (from: number) =>
    session.train(step, { steps: endOf(from) - from, batchSize, data, fetch, every, signal, shuffle });
  const first = round(0);

  async function* reports(): AsyncGenerator<FitProgress, undefined> {
    await begin();
    let seconds = 0;
    for (let from = 0; from < total; from = endOf(from)) {
      const before = seconds;
      for await (const { values, ...report } of from === 0 ? first : round(from)) {
        seconds = before + report.seconds;
        const ended = report.step === report.steps;
        yield {
          ...report,
          steps: report.steps + total - endOf(from),
          seconds,
          loss: Number(values.loss),
          accuracy: Number(values.accuracy),
          ...(ended && validation !== undefined ? { validation: await evaluate(validation) } : {}),
        };
      }
    }
    return undefined;
  }
  return reports();
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
