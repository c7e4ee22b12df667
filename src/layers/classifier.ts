/**
 * A classifier: a model at work in a session. It is what `inkling/layers` adds to the engine: loss, accuracy, confusion,
 * labels, and a file with all of it.
 */
import { checkOptions, isRecord, refuse, show } from '../checks.ts';
import type { Column, Dataset } from '../data/index.ts';
import { imageInputOf, type ImageInput } from '../data/input.ts';
import { copyOfBytes } from '../formats/bytes.ts';
import { createSession, UsageError, type NDArray, type Session, type SessionOptions, type Variable } from '../index.ts';
import { describe, Printed } from '../print.ts';
import { ClassifierGraph } from './classifier-graph.ts';
import { inClasses, isCounted } from './classes.ts';
import { describeFile, restoreClassifier, writeClassifier } from './file.ts';
import { fit, type FitOptions, type FitProgress, type Score } from './fit.ts';
import { checkImages, picturesIn, rowsOfPictures, sizeOf, valuesOf, type Images } from './images.ts';
import type { OptimizerChoice } from './optimizers.ts';
import { sequential, type Sequential, type SequentialOptions } from './sequential.ts';

export interface ClassifierOptions extends SessionOptions {
  /** How it learns: one of the engine's, e.g. `adam(0.003)`, or a name with Keras' learning rate, e.g. `'adam'`. */
  readonly optimizer: OptimizerChoice;
  /** A session of your own, which stays open; without, one is made with the options beside. */
  readonly session?: Session | undefined;
  /**
   * How pictures are made into what the model takes, where it was not trained by {@link Classifier.fit}, which takes this from
   * the data set. As a data set has them, or by hand: `shape` is `[height, width, channels]`. `null` for rows that are no images.
   */
  readonly images?: ImageInput | Dataset | null | undefined;
}

/** A classifier on a whole data set. */
export interface Evaluation extends Score {
  /** How many images of each class (rows) were taken for which (columns). */
  readonly confusion: number[][];
}

/** The likeliest class of an image. */
export interface Prediction {
  readonly label: string;
  readonly index: number;
  /** One a class; they add up to 1. */
  readonly probabilities: Float32Array;
}

/** Images a run, where they are not a data set's. */
const CHUNK = 1000;

/**
 * Puts a model to work: builds its graph, its loss (the mean cross-entropy) and a training step, in a session.
 *
 * @param model - What `sequential` gives, or takes.
 * @throws UsageError on options that cannot be used; DeviceError where WebGPU was asked for and there is none.
 */
export async function createClassifier(model: SequentialOptions, options: ClassifierOptions): Promise<Classifier> {
  checkOptions('createClassifier', options, "{ optimizer: 'adam' }");
  // Programs without types may leave it out.
  if ((options as Partial<ClassifierOptions>).optimizer === undefined)
    throw new UsageError("createClassifier: `optimizer` is missing; give one, e.g. { optimizer: 'adam' }.");
  return openClassifier(sequential(model), options);
}

/** How a classifier is loaded; the seed is the file's. */
export interface LoadOptions extends Omit<ClassifierOptions, 'seed' | 'optimizer'> {
  /** Default: the saved one. */
  readonly optimizer?: OptimizerChoice | undefined;
}

/**
 * A classifier from the bytes that {@link Classifier.save} gave. Going on with `fit` gives the same bits as never having
 * stopped, on the same kind of adapter, where the optimizer is the same.
 *
 * @param bytes - Copied before this returns.
 * @param options - `optimizer`: another than the saved one, or the one that was not saved since it had no name.
 * @throws DataError where the file is damaged or no classifier's, GraphError where a session of yours knows other variables of
 * these names; it is then as it was.
 */
export async function loadClassifier(bytes: Uint8Array | ArrayBuffer, options: LoadOptions = {}): Promise<Classifier> {
  checkOptions('loadClassifier', options);
  const file = copyOfBytes('loadClassifier', bytes);
  const { model, optimizer, images } = await describeFile(file);
  const given = { ...options, optimizer: options.optimizer ?? optimizer, images: options.images ?? images };
  return openClassifier(model, given, file);
}

/** A classifier that can learn if there is an optimizer; with the values of a file, or initial ones. */
async function openClassifier(
  model: Sequential,
  { optimizer, session, images, ...options }: LoadOptions & Pick<ClassifierOptions, 'seed'>,
  file?: Uint8Array,
): Promise<Classifier> {
  const [option] = Object.entries(options).find(([, value]) => value !== undefined) ?? [];
  if (session !== undefined && option !== undefined)
    throw new UsageError(`\`${option}\` is that of a session, and \`session\` is given; leave one of them out.`);
  if (session !== undefined && !(isRecord(session) && typeof session.run === 'function'))
    refuse('createClassifier: `session`', session, 'what createSession() resolves to');
  const graph = new ClassifierGraph(model, optimizer);
  const given = isDataset(images) ? undefined : images;
  if (given) checkImages(given, model.input);
  const opened = session ?? (await createSession(options));
  const classifier = new Classifier(graph, opened, session === undefined, given);
  try {
    if (isDataset(images)) await classifier.learnFormOf(classifier.match(images, 'createClassifier: `images`'));
    // A session checks what it is to restore against the variables that it knows.
    await (file === undefined ? classifier.session.meet(graph.variables) : classifier.restore(file));
    return classifier;
  } catch (error) {
    classifier.dispose();
    throw error;
  }
}

export class Classifier extends Printed {
  /** Its classes have names from the first data set it is trained on, where the model only counts them. */
  readonly model: Sequential;
  readonly session: Session;
  /** The images it was trained on: pictures to classify are made like them. `null` for a data set of no images. */
  readonly images: ImageInput | null | undefined;
  readonly #graph: ClassifierGraph;
  readonly #ownsSession: boolean;
  /** Data sets in the model's classes, where they have these in another order. */
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
   * Trains on a data set, whose classes are the model's by name, as it is iterated: not pulling pauses, `break` or the signal
   * stops. While the loop's body runs, the classifier stands exactly at the reported step. Going on after a stop is another
   * `fit`.
   *
   * @throws UsageError at once on options or a data set that do not fit; while iterating as `session.train`.
   */
  fit(dataset: Dataset, options: FitOptions): AsyncIterableIterator<FitProgress, undefined> {
    const { step, fetch } = this.#graph;
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
    const begin = (): Promise<void> => this.learnFormOf(data);
    return fit({ session: this.session, step, fetch, begin, evaluate }, data, options);
  }

  /**
   * Loss, accuracy and confusion on a whole data set, whose classes are the model's by name, in any order.
   * @throws UsageError where the data set does not fit the model, or has a class that the model does not know.
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
   * The likeliest class of each image. Pictures of any size (a canvas, an image, a video's frame, a bitmap, `ImageData`, a file)
   * are made into rows as those of the data set were that the model was trained on; see `Preprocessing` of
   * `inkling/data`. They are read at the call.
   *
   * @param images - One picture or several, one image or more as numbers, or those of a data set.
   * @throws FeedError where numbers are not whole images of the model's input shape, or the model takes no pictures; UsageError
   * for a picture that has not loaded or may not be read; DataError for a file that cannot be decoded.
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
   * The rows of images as `predict` gives them to the model: of pictures, in 0…1 and made like the data set's; of numbers, these.
   *
   * @returns as many values an image as the model takes, one image after the other
   * @throws as `predict`
   */
  async prepare(images: Images): Promise<Float32Array> {
    const { input } = this.model;
    const pictures = picturesIn(images);
    return pictures ? rowsOfPictures(pictures, this.images, input) : valuesOf(images, input);
  }

  /**
   * The classifier as a safetensors file: weights, the optimizer's state, the model, the classes, step and seed. While a `fit`
   * is paused, it is that of the step.
   */
  save(): Promise<Uint8Array> {
    const { optimizer, variables, slots } = this.#graph;
    const description = { model: this.model, optimizer, images: this.images };
    return writeClassifier(this.session, [...variables, ...slots], description);
  }

  /** @internal What {@link loadClassifier} does last. */
  restore(bytes: Uint8Array): Promise<void> {
    return restoreClassifier(this.session, bytes, this.#graph.variables, this.#graph.slots);
  }

  /** @internal Takes from a data set the form of its images, and its classes' names where the model has none. */
  async learnFormOf(dataset: Dataset): Promise<void> {
    const { classes } = this.model;
    if (isCounted(classes) && !isCounted(dataset.classes)) {
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
    const result = new Float32Array((rows.length / size) * classes.length);
    for (let row = 0; row * size < rows.length; row += CHUNK) {
      const chunk = rows.subarray(row * size, (row + CHUNK) * size);
      const values = (await this.session.run(probabilities, { images: chunk })) as NDArray;
      result.set(values.data, row * classes.length);
    }
    return result;
  }

  /**
   * A data set in the model's classes, which its own are by name, in whatever order: `fit` and `evaluate` take it so.
   *
   * @param caller - Begins the message.
   * @returns the data set itself where it has the model's classes already
   * @throws UsageError where its images are not what the model takes, or it has a class that the model does not know
   */
  match(dataset: Dataset, caller = 'match'): Dataset {
    if (!isDataset(dataset))
      refuse(`${caller}: the data set`, dataset, 'a Dataset, e.g. `train` of what loadMnist() resolves to');
    const { input, classes } = this.model;
    const { name, images, imageShape } = dataset;
    if (images.rowSize !== sizeOf(input)) {
      throw new UsageError(
        `${caller}: '${name}' has images of [${imageShape.join(', ')}] in ${images.classes} classes, the model takes ` +
          `[${input.join(', ')}] in ${classes.length}; make the model for the data set.`,
      );
    }
    const matched = this.#matched.get(dataset) ?? inClasses(dataset, classes);
    if (matched === undefined) {
      const [known, own] = [classes, dataset.classes].map((labels) => `${labels.length} (${show(labels)})`);
      throw new UsageError(
        `${caller}: '${name}' has the classes ${own}, the model ${known}; make the model with \`classes\` of the data set, or ` +
          `name the data set's classes as the model's are.`,
      );
    }
    this.#matched.set(dataset, matched);
    return matched;
  }
}

function isDataset(given: unknown): given is Dataset {
  return isRecord(given) && isColumn(given.images) && isColumn(given.labels);
}

function isColumn(given: unknown): given is Column {
  return isRecord(given) && 'rowSize' in given;
}
