/** Makes a job's classifier: an untrained one, or one from a file. */
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

/** A classifier, and what it was made of. */
export interface Made {
  readonly classifier: Classifier;
  /** As they were given, but for a model that comes from a file: that one has its own defaults. */
  readonly options: TrainerOptions;
  /** The learning rate, which may change from run to run. */
  readonly rate: Variable;
}

/** Throws what the model or the session cannot be made of. */
export async function makeClassifier(options: TrainerOptions, data: Dataset): Promise<Made> {
  const { model, optimizer, seed, backend } = options;
  const made = typeof model === 'string' ? models[model](data.imageShape, data.classes) : model;
  const rate = newRate();
  const classifier = await createClassifier(made, {
    optimizer: optimizers[optimizer](rate),
    images: data,
    seed,
    backend,
  });
  return { classifier, options, rate };
}

/** Throws DataError for a damaged file, UsageError where its model does not fit the data. */
export async function makeFromFile(bytes: Uint8Array, given: TrainerOptions, data: Dataset): Promise<Made> {
  const { model, images = data } = await readFile(bytes, data);
  const options = withModel(given, named(model));
  const rate = newRate();
  const { optimizer, backend } = options;
  const classifier = await loadClassifier(bytes, { optimizer: optimizers[optimizer](rate), images, backend });
  return { classifier, options, rate };
}

/** The classifier in a file, on whose model the optimizer depends: read without a device. */
async function readFile(bytes: Uint8Array, data: Dataset): Promise<Pick<Classifier, 'model' | 'images'>> {
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

/** The bytes at a URL. Throws DataError where there are none, and the signal's reason once it is aborted. */
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

function newRate(): Variable {
  return variable('learningRate', zeros([]), { trainable: false });
}

/** A saved model by its name, where it has one. */
function named(model: Sequential): ModelName | Sequential {
  const { input, classes, layers } = model;
  // A convolution takes images only.
  const names = (Object.keys(MODELS) as ModelName[]).filter((name) => name !== 'cnn' || input.length === 3);
  return names.find((name) => sameLayers(models[name](input, classes).layers, layers)) ?? model;
}

function sameLayers(a: Sequential['layers'], b: Sequential['layers']): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
