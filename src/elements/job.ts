/**
 * One classifier at work: it and its data set, opened together and closed together. It knows what to run for a picture, a
 * test or a training run; when to do so is the trainer's affair.
 */
import type { Dataset } from '../data/index.ts';
import { UsageError } from '../index.ts';
import type { Classifier, Images, Prediction } from '../layers/index.ts';
import { borrowDataset, type Loan, type OnLoaded, type Sets } from './datasets.ts';
import { fetchBytes, type Made, makeClassifier, makeFromFile } from './making.ts';
import { batchSizeFor, type TrainerOptions } from './options.ts';
import { type Pictures, picturesOf } from './pictures.ts';

/** One report of a training run; the session stands at `step`. */
export interface Report {
  readonly step: number;
  /** Cross-entropy, summed over the batch. */
  readonly loss: number;
  /** The share of the batch whose likeliest class is the right one. */
  readonly accuracy: number;
  readonly stepsPerSecond: number;
}

/** A test: the accuracy on the whole test set, and the predicted class of each of its images. */
export interface Judgement {
  readonly accuracy: number;
  readonly predicted: readonly number[];
}

/** Pictures of weights, as `[pixels, pictures]`. */
export interface View extends Pictures {
  readonly weights: Float32Array;
}

/** Reports in a run; the curves have as many points, whatever the speed of the device. */
const REPORTS = 100;
const MOST_STEPS_A_REPORT = 100;

export class Job {
  readonly #sets: Sets;
  readonly #loan: Loan;
  #made: Made;

  private constructor(made: Made, sets: Sets, loan: Loan) {
    this.#made = made;
    this.#sets = sets;
    this.#loan = loan;
  }

  /** In the model's classes. */
  get train(): Dataset {
    return this.classifier.match(this.#sets.train);
  }

  get test(): Dataset {
    return this.classifier.match(this.#sets.test);
  }

  /** Throws what cannot be trained, the signal's reason where it is aborted, and the engine's errors; then nothing stays open. */
  static async open(options: TrainerOptions, onLoaded: OnLoaded, signal: AbortSignal): Promise<Job> {
    const loan = borrowDataset(options.dataset, onLoaded);
    const release = (): void => loan.release();
    signal.addEventListener('abort', release);
    let made: Made | undefined;
    try {
      const { weights } = options;
      const [sets, bytes] = await Promise.all([
        loan.sets,
        weights === undefined ? undefined : fetchBytes(weights, signal),
      ]);
      signal.throwIfAborted();
      made = await (bytes ? makeFromFile(bytes, options, sets.train) : makeClassifier(options, sets.train));
      signal.throwIfAborted();
      return new Job(made, sets, loan);
    } catch (error) {
      made?.classifier.dispose();
      loan.release();
      signal.throwIfAborted();
      throw error;
    } finally {
      signal.removeEventListener('abort', release);
    }
  }

  get classifier(): Classifier {
    return this.#made.classifier;
  }

  /** What it was opened with, or those of the model that a file held. */
  get options(): TrainerOptions {
    return this.#made.options;
  }

  /** `steps` more steps, with about {@link REPORTS} reports. Not pulling pauses; the signal ends it, with its reason. */
  async *run(steps: number, options: TrainerOptions, signal: AbortSignal): AsyncGenerator<Report, void> {
    const batchSize = batchSizeFor(options, this.train.size);
    await this.classifier.session.set(this.#made.rate, rateOf({ ...options, batchSize }));
    const reports = this.classifier.fit(this.train, {
      steps,
      batchSize,
      every: Math.max(1, Math.min(MOST_STEPS_A_REPORT, Math.round(steps / REPORTS))),
      signal,
    });
    for await (const { step, loss, accuracy, stepsPerSecond } of reports) {
      yield { step, loss: loss * batchSize, accuracy, stepsPerSecond };
    }
  }

  /** The signal ends it, with its reason. */
  async judge(signal: AbortSignal): Promise<Judgement> {
    const predicted: number[] = [];
    for (const piece of this.#sets.pieces) {
      for (const { index } of await this.classifier.predict(piece)) predicted.push(index);
      signal.throwIfAborted();
    }
    const { test } = this;
    const right = predicted.filter((index, row) => index === test.label(row)).length;
    return { accuracy: right / test.size, predicted };
  }

  /** What is to be seen of the model's weights now, if anything. */
  async look(): Promise<View | null> {
    const { variables, model, session } = this.classifier;
    const pictures = picturesOf(variables, this.train.imageShape, model.classes);
    if (pictures === undefined) return null;
    const { data } = await session.get(pictures.kernel);
    return { ...pictures, weights: pictures.read(data) };
  }

  /** A picture as a row of numbers, made like the data set's. Throws what is no picture, and no such row. */
  async rowOf(image: Images): Promise<Float32Array> {
    const rows = await this.classifier.prepare(image);
    if (rows.length === this.train.images.rowSize) return rows;
    throw new UsageError(`There are ${rows.length / this.train.images.rowSize} pictures to classify. Give one.`);
  }

  /** The probabilities of a row's classes. */
  async classify(row: Float32Array): Promise<Prediction> {
    const [prediction] = await this.classifier.predict(row);
    if (prediction === undefined) throw new UsageError('There is no picture to classify. Give one.');
    return prediction;
  }

  /** A saved classifier to `use`. Throws DataError for a damaged file, UsageError where the model does not fit the data. */
  read(bytes: Uint8Array, options: TrainerOptions): Promise<Made> {
    return makeFromFile(bytes, options, this.train);
  }

  /** Goes on with another classifier; what was asked of the one before is still answered. */
  async use(made: Made): Promise<void> {
    const { session, variables } = this.classifier;
    this.#made = made;
    // A session answers in the order it is asked.
    await Promise.all(variables.slice(0, 1).map((variable) => session.get(variable)));
    session.dispose();
  }

  dispose(): void {
    this.classifier.dispose();
    this.#loan.release();
  }
}

/**
 * What the optimizer is to be given. The element's loss is summed over the batch, as the codelab's is, the classifier's is its
 * mean: what steps along the gradient itself takes as many times the rate.
 */
function rateOf({ optimizer, learningRate, batchSize }: TrainerOptions): number {
  return optimizer === 'gradientDescent' || optimizer === 'momentum' ? learningRate * batchSize : learningRate;
}
