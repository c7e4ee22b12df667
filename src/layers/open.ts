/** Opening of a classifier: a new one, or one from a file. */
import { checkOptions, isRecord, refuse } from '../checks.ts';
import type { Dataset } from '../data/index.ts';
import type { ImageInput } from '../data/input.ts';
import { copyOfBytes } from '../formats/bytes.ts';
import { createSession, UsageError, type Session, type SessionOptions } from '../index.ts';
import { ClassifierGraph } from './classifier-graph.ts';
import { Classifier, isDataset } from './classifier.ts';
import { readDescription } from './file.ts';
import { checkImages } from './images.ts';
import type { OptimizerChoice } from './optimizers.ts';
import { sequential, type Sequential, type SequentialOptions } from './sequential.ts';

export interface ClassifierOptions extends SessionOptions {
  /** An optimizer of the engine, e.g. `adam(0.003)`, or a name with Keras' learning rate, e.g. `'adam'`. */
  readonly optimizer: OptimizerChoice;
  /** A session of your own, which stays open; default: a new one with the session's options given here. */
  readonly session?: Session | undefined;
  /**
   * The form of the model's images, for the preparation of pictures: of a data set, or by hand with `shape` as
   * `[height, width, channels]`. `null` for rows that are not images. {@link Classifier.fit} takes it from its data set.
   */
  readonly images?: ImageInput | Dataset | null | undefined;
}

/**
 * Opens an untrained classifier: the model's graph, its loss (the mean cross-entropy) and a training step, in a session.
 *
 * @param model - A model of `sequential`, or its options.
 * @throws UsageError on invalid options; DeviceError for `backend: 'webgpu'` without WebGPU.
 */
export async function createClassifier(model: SequentialOptions, options: ClassifierOptions): Promise<Classifier> {
  checkOptions('createClassifier', options, "{ optimizer: 'adam' }");
  // Programs without types may leave it out.
  if ((options as Partial<ClassifierOptions>).optimizer === undefined)
    throw new UsageError("createClassifier: `optimizer` is missing; give one, e.g. { optimizer: 'adam' }.");
  return openClassifier(sequential(model), options);
}

/** Options of {@link loadClassifier}; the seed is the file's. */
export interface LoadOptions extends Omit<ClassifierOptions, 'seed' | 'optimizer'> {
  /** Default: the saved optimizer. */
  readonly optimizer?: OptimizerChoice | undefined;
}

/**
 * Opens a classifier from a file of {@link Classifier.save}. With the same optimizer and the same kind of adapter, `fit` goes on
 * to the same bits as without the stop.
 *
 * @param bytes - The file, copied before this returns.
 * @param options - `optimizer` replaces the saved one; one of the engine's is not saved and has to be given again.
 * @throws DataError for a damaged file, or one without a classifier; GraphError for a session of yours with other variables of
 * these names, which stays as it was.
 */
export async function loadClassifier(bytes: Uint8Array | ArrayBuffer, options: LoadOptions = {}): Promise<Classifier> {
  checkOptions('loadClassifier', options);
  const file = copyOfBytes('loadClassifier', bytes);
  const { model, optimizer, images } = await readDescription(file);
  const given = { ...options, optimizer: options.optimizer ?? optimizer, images: options.images ?? images };
  return openClassifier(model, given, file);
}

/** Opens a classifier with the values of a file, or initial ones; without an optimizer it cannot be trained. */
async function openClassifier(
  model: Sequential,
  { optimizer, session, images, ...options }: LoadOptions & Pick<ClassifierOptions, 'seed'>,
  file?: Uint8Array,
): Promise<Classifier> {
  const [option] = Object.entries(options).find(([, value]) => value !== undefined) ?? [];
  if (session !== undefined && option !== undefined)
    throw new UsageError(`\`${option}\` is an option of a session, and \`session\` is given; leave one of them out.`);
  if (session !== undefined && !(isRecord(session) && typeof session.run === 'function'))
    refuse('createClassifier: `session`', session, 'a session of createSession()');
  const graph = new ClassifierGraph(model, optimizer);
  const given = isDataset(images) ? undefined : images;
  if (given) checkImages(given, model.input);
  const opened = session ?? (await createSession(options));
  const classifier = new Classifier(graph, opened, session === undefined, given);
  try {
    if (isDataset(images)) await classifier.adoptForm(classifier.match(images, 'createClassifier: `images`'));
    // A session checks a file against the variables that it has met.
    await (file === undefined ? classifier.session.meet(graph.variables) : classifier.restore(file));
    return classifier;
  } catch (error) {
    classifier.dispose();
    throw error;
  }
}
