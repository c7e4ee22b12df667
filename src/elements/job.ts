/**
 * A classifier with its data set, opened and closed together. It predicts, tests and trains; the trainer decides when.
 */
import type { Dataset } from '../data/index.ts';
import { type AdapterDescription, type Session, UsageError } from '../index.ts';
import type { Classifier, Images, Prediction } from '../layers/index.ts';
import { acquireDataset, type DatasetHandle, type OnLoaded, type Sets } from './datasets.ts';
import { createUntrained, fetchBytes, type OpenedClassifier, openSaved } from './open-classifier.ts';
import { batchSizeFor, type TrainerOptions } from './options.ts';
import type { InkColor } from './paint.ts';
import { type WeightImages, weightImagesOf } from './weight-images.ts';

/** A report of a training run; the session stands at `step`. */
export interface Report {
  readonly step: number;
  /** Cross-entropy, summed over the batch. */
  readonly loss: number;
  /** The share of the batch that is classified correctly. */
  readonly accuracy: number;
  readonly stepsPerSecond: number;
}

/** The accuracy on the whole test set, and the predicted class of each of its images. */
export interface TestResult {
  readonly accuracy: number;
  readonly predicted: readonly number[];
}

/** Weight images with their values, `[pixels, images]`. */
export interface WeightView extends WeightImages {
  readonly weights: Float32Array;
}

/** Facts about an opened classifier. */
export interface ClassifierInfo {
  readonly backend?: Session['backend'];
  readonly adapter?: AdapterDescription;
  /** The names of the classes. */
  readonly labels: readonly string[];
  /** The ink of the data set's grey images; `none` for photographs. */
  readonly ink: InkColor;
  /** True if a drawing can be prepared like the data set's images. */
  readonly drawable: boolean;
}

/** Reports of a run: the curves have as many points, whatever the speed of the device. */
const REPORTS = 100;
const MAX_STEPS_PER_REPORT = 100;

export class Job {
  readonly #sets: Sets;
  readonly #handle: DatasetHandle;
  #opened: OpenedClassifier;

  private constructor(opened: OpenedClassifier, sets: Sets, handle: DatasetHandle) {
    this.#opened = opened;
    this.#sets = sets;
    this.#handle = handle;
  }

  /** The training set, with the model's classes. */
  get train(): Dataset {
    return this.classifier.match(this.#sets.train);
  }

  get test(): Dataset {
    return this.classifier.match(this.#sets.test);
  }

  /** Throws errors of the data set, the model and the session, or the signal's reason; then nothing stays open. */
  static async open(options: TrainerOptions, onLoaded: OnLoaded, signal: AbortSignal): Promise<Job> {
    const handle = acquireDataset(options.dataset, onLoaded);
    const release = (): void => handle.release();
    signal.addEventListener('abort', release);
    let opened: OpenedClassifier | undefined;
    try {
      const { weights } = options;
      const [sets, bytes] = await Promise.all([
        handle.sets,
        weights === undefined ? undefined : fetchBytes(weights, signal),
      ]);
      signal.throwIfAborted();
      opened = await (bytes ? openSaved(bytes, options, sets.train) : createUntrained(options, sets.train));
      signal.throwIfAborted();
      return new Job(opened, sets, handle);
    } catch (error) {
      opened?.classifier.dispose();
      handle.release();
      signal.throwIfAborted();
      throw error;
    } finally {
      signal.removeEventListener('abort', release);
    }
  }

  get classifier(): Classifier {
    return this.#opened.classifier;
  }

  /** The options it was opened with, or the defaults of a saved model. */
  get options(): TrainerOptions {
    return this.#opened.options;
  }

  get info(): ClassifierInfo & Pick<Session, 'backend' | 'adapter'> {
    const { session, images, model } = this.classifier;
    const { backend, adapter } = session;
    return { backend, adapter, labels: model.classes, ink: images?.ink ?? 'none', drawable: images !== null };
  }

  /** Trains `steps` more steps, with about {@link REPORTS} reports. Not pulling pauses; the signal ends it, with its reason. */
  async *run(steps: number, options: TrainerOptions, signal: AbortSignal): AsyncGenerator<Report, void> {
    const batchSize = batchSizeFor(options, this.train.size);
    await this.classifier.session.set(this.#opened.learningRate, learningRateOf({ ...options, batchSize }));
    const reports = this.classifier.fit(this.train, {
      steps,
      batchSize,
      every: Math.max(1, Math.min(MAX_STEPS_PER_REPORT, Math.round(steps / REPORTS))),
      signal,
    });
    for await (const { step, loss, accuracy, stepsPerSecond } of reports) {
      yield { step, loss: loss * batchSize, accuracy, stepsPerSecond };
    }
  }

  /** Evaluates the test set. The signal ends it, with its reason. */
  async evaluate(signal: AbortSignal): Promise<TestResult> {
    const predicted: number[] = [];
    for (const chunk of this.#sets.testChunks) {
      for (const { index } of await this.classifier.predict(chunk)) predicted.push(index);
      signal.throwIfAborted();
    }
    const { test } = this;
    const right = predicted.filter((index, row) => index === test.label(row)).length;
    return { accuracy: right / test.size, predicted };
  }

  /** Reads the first layer's weights as images; `null` where they are not images. */
  async readWeights(): Promise<WeightView | null> {
    const { variables, model, session } = this.classifier;
    const images = weightImagesOf(variables, this.train.imageShape, model.classes);
    if (images === undefined) return null;
    const { data } = await session.get(images.kernel);
    return { ...images, weights: images.read(data) };
  }

  /** One image as a row of numbers, prepared like the data set's. Throws for anything else. */
  async rowOf(image: Images): Promise<Float32Array> {
    const rows = await this.classifier.prepare(image);
    if (rows.length === this.train.images.rowSize) return rows;
    throw new UsageError(`classify(): got ${rows.length / this.train.images.rowSize} images; give one.`);
  }

  /** Predicts the class of a row. */
  async classify(row: Float32Array): Promise<Prediction> {
    const [prediction] = await this.classifier.predict(row);
    if (prediction === undefined) throw new UsageError('classify(): got 0 images; give one.');
    return prediction;
  }

  /** Opens a saved classifier, for {@link use}. Throws DataError for a damaged file, UsageError for a model that does not fit. */
  openSaved(bytes: Uint8Array, options: TrainerOptions): Promise<OpenedClassifier> {
    return openSaved(bytes, options, this.train);
  }

  /** Replaces the classifier, once the calls of the one before are answered. */
  async use(opened: OpenedClassifier): Promise<void> {
    const { session, variables } = this.classifier;
    this.#opened = opened;
    // A session answers in the order it is asked.
    await Promise.all(variables.slice(0, 1).map((variable) => session.get(variable)));
    session.dispose();
  }

  dispose(): void {
    this.classifier.dispose();
    this.#handle.release();
  }
}

/**
 * The learning rate for the classifier's optimizer. The element's rate is for a loss that is summed over the batch, as the
 * codelab's; the classifier's loss is the mean. Optimizers that step along the gradient itself take the rate times the batch size.
 */
function learningRateOf({ optimizer, learningRate, batchSize }: TrainerOptions): number {
  return optimizer === 'gradientDescent' || optimizer === 'momentum' ? learningRate * batchSize : learningRate;
}
