/**
 * One classifier at work: a session, its data set and its graph, opened together and closed together. It knows what to
 * run for a picture, a test or a training run; when to do so is the trainer's affair.
 */
import { createSession, type Session } from '../index.ts';
import type { Dataset } from '../data/index.ts';
import { borrowDataset, type Loan, type OnLoaded } from './datasets.ts';
import { type TrainerOptions, unsupported } from './options.ts';
import { type SoftmaxModel, softmaxModel } from './softmax.ts';

/** One report of a training run; the session stands at `step`. */
export interface Report {
  readonly step: number;
  readonly loss: number;
  readonly accuracy: number;
  readonly stepsPerSecond: number;
}

/** Reports in a run; the curves have as many points, whatever the speed of the device. */
const REPORTS = 100;
const MOST_STEPS_A_REPORT = 100;

export class Job {
  readonly session: Session;
  readonly train: Dataset;
  readonly test: Dataset;
  readonly #model: SoftmaxModel;
  readonly #loan: Loan;

  private constructor(session: Session, train: Dataset, test: Dataset, loan: Loan) {
    this.session = session;
    this.train = train;
    this.test = test;
    this.#model = softmaxModel(train.images.rowSize, train.classes.length);
    this.#loan = loan;
  }

  /** Throws what cannot be trained, the signal's reason where it is aborted, and the engine's errors; then nothing stays open. */
  static async open(options: TrainerOptions, onLoaded: OnLoaded, signal: AbortSignal): Promise<Job> {
    const refusal = unsupported(options);
    if (refusal !== undefined) throw refusal;
    const loan = borrowDataset(options.dataset, onLoaded);
    const release = (): void => loan.release();
    signal.addEventListener('abort', release);
    let session: Session | undefined;
    try {
      const { train, test } = await loan.sets;
      signal.throwIfAborted();
      session = await createSession({ backend: options.backend, seed: options.seed });
      signal.throwIfAborted();
      return new Job(session, train, test, loan);
    } catch (error) {
      session?.dispose();
      loan.release();
      signal.throwIfAborted();
      throw error;
    } finally {
      signal.removeEventListener('abort', release);
    }
  }

  /** `steps` more steps, with about {@link REPORTS} reports. Not pulling pauses; the signal ends it, with its reason. */
  async *run(steps: number, options: TrainerOptions, signal: AbortSignal): AsyncGenerator<Report, void> {
    const { loss, accuracy } = this.#model;
    const reports = this.session.train(this.#model.trainStep(options.learningRate), {
      steps,
      batchSize: options.batchSize,
      data: { x: this.train.images, y_: this.train.labels },
      fetch: { loss, accuracy },
      every: Math.max(1, Math.min(MOST_STEPS_A_REPORT, Math.round(steps / REPORTS))),
      signal,
    });
    for await (const { values, stepsPerSecond } of reports) {
      yield {
        step: this.session.step,
        loss: Number(values.loss),
        accuracy: Number(values.accuracy),
        stepsPerSecond,
      };
    }
  }

  /** The accuracy on the whole test set, and the predicted class of each of its images. */
  async judge(): Promise<{ readonly accuracy: number; readonly predicted: ArrayLike<number> }> {
    const { accuracy, predicted } = this.#model;
    const data = { x: this.test.images, y_: this.test.labels };
    const values = await this.session.evaluate({ data, fetch: { accuracy, predicted } });
    return { accuracy: Number(values.accuracy), predicted: dataOf(values.predicted) };
  }

  /** The weights, `[features, classes]`. */
  async weights(): Promise<ArrayLike<number>> {
    return dataOf(await this.session.get(this.#model.weights));
  }

  /** The probabilities of one picture's classes. */
  async classify(pixels: Float32Array): Promise<Float32Array> {
    const x = { data: pixels, shape: [1, pixels.length], dtype: 'float32' as const };
    return Float32Array.from(dataOf(await this.session.run(this.#model.probabilities, { x })));
  }

  dispose(): void {
    this.session.dispose();
    this.#loan.release();
  }
}

function dataOf(value: number | { readonly data: ArrayLike<number> }): ArrayLike<number> {
  return typeof value === 'number' ? [value] : value.data;
}
