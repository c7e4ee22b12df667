/**
 * The classifier: a model in a session, with loss, accuracy, confusion matrix, labels, and a file of all of it.
 */
import { checkOptions, isRecord, refuse, show } from '../checks.ts';
import type { Column, Dataset } from '../data/index.ts';
import { imageInputOf, type ImageInput } from '../data/input.ts';
import { UsageError, type NDArray, type Session, type Variable } from '../index.ts';
import { describe, Printed } from '../print.ts';
import type { ClassifierGraph } from './classifier-graph.ts';
import { isNumbered, withClasses } from './classes.ts';
import { restoreClassifier, writeClassifier } from './file.ts';
import { fit, type FitOptions, type FitRun, type Score } from './fit.ts';
import { picturesOf, rowsOfPictures, sizeOf, valuesOf, type Images } from './images.ts';
import { sequential, type Sequential } from './sequential.ts';

/** The score of a whole data set, with its confusion matrix. */
export interface Evaluation extends Score {
  /** The number of images by correct class (rows) and predicted class (columns). */
  readonly confusion: number[][];
}

/** The likeliest class of an image. */
export interface Prediction {
  readonly label: string;
  readonly index: number;
  /** A probability for each class; their sum is 1. */
  readonly probabilities: Float32Array;
}

/**
 * Images a run, for those that are not a data set's. Each size is compiled once, so there are few; a run of one size is filled up with
 * zeros. Up to {@link MAX_SINGLES} images are run one by one.
 */
const CHUNK_SIZES = [1000, 32] as const;
const MAX_SINGLES = 4;

export class Classifier extends Printed {
  /** The model. Numbered classes get the names of the first data set it is trained on. */
  readonly model: Sequential;
  readonly session: Session;
  /** The form of the images it was trained on: pictures are prepared like them. `null` for a data set without images. */
  readonly images: ImageInput | null | undefined;
  readonly #graph: ClassifierGraph;
  readonly #ownsSession: boolean;
  /** Data sets with the model's classes, by the data sets as given. */
  #matched = new WeakMap<Dataset, Dataset>();

  /** @internal Use `createClassifier` or `loadClassifier`. */
  constructor(graph: ClassifierGraph, session: Session, ownsSession: boolean, images: ImageInput | null | undefined) {
    super('Classifier');
    this.model = graph.model;
    this.session = session;
    this.images = images;
    this.#graph = graph;
    this.#ownsSession = ownsSession;
  }

  override toString(): string {
    const { input, classes } = this.model;
    const parameters = this.variables.reduce((sum, { initial }) => sum + sizeOf(initial.shape), 0);
    return describe('Classifier', undefined, {
      input,
      classes: classes.length,
      parameters,
      backend: this.session.backend,
    });
  }

  /** The model's weights, for `session.get` and `set`: `conv2d/kernel`, `conv2d/bias`, `dense/kernel`, … */
  get variables(): readonly Variable[] {
    return this.#graph.variables;
  }

  /**
   * Trains on a data set with the model's classes, matched by name. `await` runs to the end, and gives the history. A loop trains
   * as it is iterated: not pulling pauses, `break` or the signal stops. While the loop's body runs, the classifier stands exactly
   * at the reported step. Another `fit` goes on after a stop.
   *
   * @throws UsageError at the call on options or a data set that do not fit; from the run, errors of `session.train`.
   */
  fit(dataset: Dataset, options: FitOptions): FitRun {
    const { step, fetch, totals, newTotals } = this.#graph;
    if (step === undefined)
      throw new UsageError(
        'fit: the classifier has no optimizer; load it with one: loadClassifier(bytes, { optimizer }).',
      );
    const data = this.match(dataset, 'fit');
    checkOptions('fit', options, '{ epochs: 3 }');
    if (options.validation !== undefined) this.match(options.validation, 'fit: validation');
    const evaluate = async (validation: Dataset): Promise<Score> => {
      const { loss, accuracy } = await this.evaluate(validation);
      return { loss, accuracy };
    };
    const begin = (): Promise<void> => this.adoptForm(data);
    return fit({ session: this.session, step, fetch, totals, newTotals, begin, evaluate }, data, options);
  }

  /**
   * Evaluates loss, accuracy and confusion on a whole data set with the model's classes, matched by name, in any order.
   * @throws UsageError for a data set that does not fit the model, or has a class that the model does not have.
   */
  async evaluate(given: Dataset): Promise<Evaluation> {
    const dataset = this.match(given, 'evaluate');
    const { predicted, fetch } = this.#graph;
    const data = { images: dataset.images, labels: dataset.labels };
    const values = await this.session.evaluate({ data, fetch: { loss: fetch.loss, predicted } });
    const { classes } = this.model;
    const confusion = classes.map(() => classes.map(() => 0));
    (values.predicted as NDArray).data.forEach((index, i) => {
      const row = confusion[dataset.label(i)] ?? [];
      row[index] = (row[index] ?? 0) + 1;
    });
    const right = confusion.reduce((sum, row, i) => sum + (row[i] ?? 0), 0);
    return { loss: Number(values.loss), accuracy: right / dataset.size, confusion };
  }

  /**
   * Predicts the class of each image. Pictures of any size (a canvas, an image, a video's frame, a bitmap, `ImageData`, a file)
   * are prepared like the images that the model was trained on; see `Preprocessing`. They are read at the call.
   *
   * @param images - One or several pictures, images as numbers, or a data set's images.
   * @throws FeedError for numbers that are not whole images of the model's input shape, or a model that takes no pictures;
   * UsageError for a picture that has not loaded or may not be read; DataError for a file that cannot be decoded.
   */
  async predict(images: Images | Column | Dataset): Promise<Prediction[]> {
    const { classes } = this.model;
    const probabilities = await this.#probabilities(images);
    return Array.from({ length: probabilities.length / classes.length }, (_, i) => {
      const row = probabilities.slice(i * classes.length, (i + 1) * classes.length);
      const index = row.indexOf(row.reduce((most, value) => Math.max(most, value)));
      return { label: classes[index] ?? '', index, probabilities: row };
    });
  }

  /**
   * Prepares images as `predict` does: pictures become rows of 0…1 like the data set's, numbers stay.
   *
   * @returns the model's inputs, one image after the other
   * @throws errors of `predict`
   */
  async prepare(images: Images): Promise<Float32Array> {
    const { input } = this.model;
    const pictures = picturesOf(images);
    return pictures ? rowsOfPictures(pictures, this.images, input) : valuesOf(images, input);
  }

  /**
   * Saves the classifier as a safetensors file: weights, the optimizer's state, the model, the classes, step and seed. During a
   * pause of `fit`, the file is of that step.
   */
  save(): Promise<Uint8Array> {
    const { optimizer, variables, slots } = this.#graph;
    const description = { model: this.model, optimizer, images: this.images };
    return writeClassifier(this.session, [...variables, ...slots], description);
  }

  /** @internal The last part of `loadClassifier`. */
  restore(bytes: Uint8Array): Promise<void> {
    return restoreClassifier(this.session, bytes, this.#graph.variables, this.#graph.slots);
  }

  /** @internal Adopts the form of a data set's images, and the names of its classes for numbered ones. */
  async adoptForm(dataset: Dataset): Promise<void> {
    const { classes } = this.model;
    if (isNumbered(classes) && !isNumbered(dataset.classes)) {
      Object.assign(this, { model: sequential({ ...this.model, classes: dataset.classes }) });
      this.#matched = new WeakMap();
    }
    Object.assign(this, { images: await imageInputOf(dataset) });
  }

  /** Frees the session, unless it is yours. */
  dispose(): void {
    if (this.#ownsSession) this.session.dispose();
  }

  async #probabilities(images: Images | Column | Dataset): Promise<Float32Array> {
    const { probabilities } = this.#graph.built;
    const column = isDataset(images) ? images.images : images;
    if (isColumn(column)) {
      const values = await this.session.evaluate({ data: { images: column }, fetch: { probabilities } });
      return (values.probabilities as NDArray).data as Float32Array;
    }
    const { input, classes } = this.model;
    const size = sizeOf(input);
    const rows = await this.prepare(column);
    const count = rows.length / size;
    const result = new Float32Array(count * classes.length);
    const runs: Promise<void>[] = [];
    for (let row = 0; row < count;) {
      const left = count - row;
      const [large, small] = CHUNK_SIZES;
      // Half a large run takes as long as many small ones.
      const chunk = left <= MAX_SINGLES ? 1 : left > large / 2 ? large : small;
      const images = new Float32Array(chunk * size);
      images.set(rows.subarray(row * size, (row + chunk) * size));
      const at = row * classes.length;
      runs.push(
        this.session.run(probabilities, { images }).then((values) => {
          result.set((values as NDArray).data.slice(0, result.length - at), at);
        }),
      );
      row += chunk;
    }
    await Promise.all(runs);
    return result;
  }

  /**
   * The data set with the model's classes, matched by name, as `fit` and `evaluate` use it.
   *
   * @param caller - The beginning of an error's message.
   * @returns the same data set where the classes are the same already
   * @throws UsageError for images that do not fit the model, or a class that the model does not have
   */
  match(dataset: Dataset, caller = 'match'): Dataset {
    if (!isDataset(dataset)) refuse(`${caller}: the data set`, dataset, 'a Dataset, e.g. `train` of loadMnist()');
    const { input, classes } = this.model;
    const { name, images, imageShape } = dataset;
    if (dataset.classes.length === 0)
      throw new UsageError(`${caller}: '${name}' has targets, not classes; give it labels, or use session.train.`);
    if (images.rowSize !== sizeOf(input)) {
      throw new UsageError(
        `${caller}: '${name}' has images of [${imageShape.join(', ')}] in ${images.classes} classes, the model takes ` +
          `[${input.join(', ')}] in ${classes.length}; make the model for the data set.`,
      );
    }
    const matched = this.#matched.get(dataset) ?? withClasses(dataset, classes);
    if (matched === undefined) {
      const [known, own] = [classes, dataset.classes].map((labels) => `${labels.length} (${show(labels)})`);
      throw new UsageError(
        `${caller}: '${name}' has the classes ${own}, the model ${known}; make the model with \`classes\` of the data set, or ` +
          `give the data set the names of the model's.`,
      );
    }
    this.#matched.set(dataset, matched);
    return matched;
  }
}

export function isDataset(given: unknown): given is Dataset {
  return isRecord(given) && isColumn(given.images) && isColumn(given.labels);
}

function isColumn(given: unknown): given is Column {
  return isRecord(given) && 'rowSize' in given;
}
