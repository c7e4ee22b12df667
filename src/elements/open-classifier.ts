/** Opening of a job's classifier: an untrained one, or one from a file. */
import {
  adagrad,
  adam,
  adamW,
  DataError,
  gradientDescent,
  momentum,
  rmsProp,
  UsageError,
  variable,
  type Variable,
  zeros,
} from '../index.ts';
import type { Dataset } from '../data/index.ts';
import { type Classifier, createClassifier, loadClassifier, models, type Sequential } from '../layers/index.ts';
import { MODELS, type ModelName, type TrainerOptions, withModel } from './options.ts';

const optimizers = { adagrad, adam, adamW, gradientDescent, momentum, rmsProp };

/** A classifier with its options. */
export interface OpenedClassifier {
  readonly classifier: Classifier;
  /** The options as given; for a model from a file, that model's defaults. */
  readonly options: TrainerOptions;
  /** The learning rate, set anew for each run. */
  readonly learningRate: Variable;
}

/** Throws errors of the model and of the session. */
export async function createUntrained(options: TrainerOptions, data: Dataset): Promise<OpenedClassifier> {
  const { model, optimizer, seed, backend } = options;
  const sequential = typeof model === 'string' ? models[model](data.imageShape, data.classes) : model;
  const learningRate = learningRateVariable();
  const classifier = await createClassifier(sequential, {
    optimizer: optimizers[optimizer](learningRate),
    images: data,
    seed,
    backend,
  });
  return { classifier, options, learningRate };
}

/** Throws DataError for a damaged file, UsageError for a model that does not fit the data set. */
export async function openSaved(bytes: Uint8Array, given: TrainerOptions, data: Dataset): Promise<OpenedClassifier> {
  const { model, images = data } = await readModel(bytes, data);
  const options = withModel(given, nameOf(model));
  const learningRate = learningRateVariable();
  const { optimizer, backend } = options;
  const classifier = await loadClassifier(bytes, { optimizer: optimizers[optimizer](learningRate), images, backend });
  return { classifier, options, learningRate };
}

/** Reads the model in a file, without a device: the optimizer depends on it. */
async function readModel(bytes: Uint8Array, data: Dataset): Promise<Pick<Classifier, 'model' | 'images'>> {
  const classifier = await loadClassifier(bytes, { backend: 'cpu' });
  classifier.dispose();
  const { model, images } = classifier;
  try {
    classifier.match(data);
  } catch (cause) {
    throw new UsageError(
      `The saved model takes images of [${model.input.join(', ')}] in ${model.classes.length} classes, the data set has ` +
        `[${data.imageShape.join(', ')}] in ${data.classes.length}, or others. Load one that was trained on such images.`,
      { cause },
    );
  }
  return { model, images };
}

/** Fetches the bytes at a URL. Throws DataError where that fails, and the signal's reason once it is aborted. */
export async function fetchBytes(url: string, signal: AbortSignal): Promise<Uint8Array> {
  const advice = 'Check the address, the connection, and that the server allows this page to read it (CORS).';
  try {
    const response = await fetch(url, { signal });
    if (response.ok) return new Uint8Array(await response.arrayBuffer());
    throw new Error(`HTTP ${response.status}`);
  } catch (cause) {
    signal.throwIfAborted();
    throw new DataError(`${url} could not be fetched: ${String(cause)}. ${advice}`, { cause });
  }
}

function learningRateVariable(): Variable {
  return variable('learningRate', zeros([]), { trainable: false });
}

/** The name of a saved model, if it is one of {@link MODELS}; else the model. */
function nameOf(model: Sequential): ModelName | Sequential {
  const { input, classes, layers } = model;
  // A convolution takes images only.
  const names = (Object.keys(MODELS) as ModelName[]).filter((name) => name !== 'cnn' || input.length === 3);
  return names.find((name) => sameLayers(models[name](input, classes).layers, layers)) ?? model;
}

function sameLayers(a: Sequential['layers'], b: Sequential['layers']): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
