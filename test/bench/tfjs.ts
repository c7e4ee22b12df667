/**
 * TensorFlow.js as a peer, in Node and in a page: the same model from the same weights, trained in its idiomatic form, with
 * `minimize` on a function of functional ops. `npm run bench` installs it, so its types are not available: the used ones are
 * declared here.
 */
import type { Layer } from 'inkling/layers';

export interface Value {
  data(): Promise<Float32Array>;
  dispose(): void;
}

type Pair = readonly [number, number];

/** What is used of `@tensorflow/tfjs`. */
export interface Tfjs {
  setBackend(name: string): Promise<boolean>;
  tensor(values: Float32Array, shape: readonly number[]): Value;
  variable(initial: Value): Value;
  ready(): Promise<void>;
  env(): { set(flag: string, value: boolean): void };
  tidy<T>(work: () => T): T;
  add(a: Value, b: Value): Value;
  matMul(a: Value, b: Value): Value;
  softmax(x: Value): Value;
  slice(x: Value, begin: readonly number[], size: readonly number[]): Value;
  relu(x: Value): Value;
  reshape(x: Value, shape: readonly number[]): Value;
  conv2d(x: Value, filter: Value, strides: Pair, padding: string): Value;
  maxPool(x: Value, size: Pair, strides: Pair, padding: string): Value;
  readonly losses: { softmaxCrossEntropy(labels: Value, logits: Value): Value };
  readonly train: { adam(rate: number): Optimizer; sgd(rate: number): Optimizer };
}

interface Optimizer {
  minimize(loss: () => Value, returnCost: boolean): Value | null;
}

/** @throws where it is not installed, or does not have the backend. */
export async function loadTfjs(backend: string): Promise<Tfjs> {
  const name = '@tensorflow/tfjs'; // not a literal: the compiler would look for it
  const module = (await import(/* @vite-ignore */ name)) as { readonly default: Tfjs };
  if (!(await module.default.setBackend(backend))) throw new Error(`TensorFlow.js has no backend '${backend}'`);
  return module.default;
}

/** A model at work: one step on a batch, whose loss comes back. */
export class TfjsModel {
  readonly #tf: Tfjs;
  readonly #layers: readonly Layer[];
  readonly #input: readonly number[];
  readonly #weights: readonly Value[];
  readonly #optimizer: Optimizer;

  constructor(
    tf: Tfjs,
    { input, layers }: { readonly input: readonly number[]; readonly layers: readonly Layer[] },
    weights: readonly { readonly data: ArrayLike<number>; readonly shape: readonly number[] }[],
    optimizer: (train: Tfjs['train']) => Optimizer,
  ) {
    this.#tf = tf;
    this.#layers = layers;
    this.#input = input;
    this.#weights = weights.map(({ data, shape }) => tf.variable(tf.tensor(Float32Array.from(data), shape)));
    this.#optimizer = optimizer(tf.train);
  }

  /** @param images - `rows` images, one after the other. @param labels - As many rows, one-hot. */
  async step(rows: number, images: Float32Array, labels: Float32Array): Promise<number> {
    const tf = this.#tf;
    const loss = tf.tidy(() => this.minimize(rows, ...this.tensors(rows, images, labels)));
    const [value = NaN] = await loss.data();
    loss.dispose();
    return value;
  }

  /** A batch for {@link minimize}, on the device. */
  tensors(rows: number, images: Float32Array, labels: Float32Array): [Value, Value] {
    const tf = this.#tf;
    return [tf.tensor(images, [rows, ...this.#input]), tf.tensor(labels, [rows, labels.length / rows])];
  }

  /** One step on a batch that is on the device already; the loss is the caller's to dispose of. */
  minimize(rows: number, images: Value, labels: Value): Value {
    const cost = (): Value => this.#tf.losses.softmaxCrossEntropy(labels, this.#logits(rows, images));
    const loss = this.#optimizer.minimize(cost, true);
    if (loss === null) throw new Error('TensorFlow.js gives no loss');
    return loss;
  }

  /** The probabilities of each class, row by row. */
  async predict(rows: number, images: Float32Array): Promise<Float32Array> {
    const tf = this.#tf;
    const result = tf.tidy(() => tf.softmax(this.#logits(rows, tf.tensor(images, [rows, ...this.#input]))));
    const probabilities = await result.data();
    result.dispose();
    return probabilities;
  }

  #logits(rows: number, images: Value): Value {
    const tf = this.#tf;
    const weights = this.#weights.values();
    const next = (): Value => {
      const { value } = weights.next();
      if (value === undefined) throw new Error('the model has more layers than weights were given for');
      return value;
    };
    const activate = (x: Value, name: string): Value => (name === 'relu' ? tf.relu(x) : x); // softmax is the loss's
    return this.#layers.reduce((x, layer) => {
      switch (layer.kind) {
        case 'flatten':
          return tf.reshape(x, [rows, -1]);
        case 'dense':
          return activate(tf.add(tf.matMul(x, next()), next()), layer.activation);
        case 'conv2d':
          return activate(tf.add(tf.conv2d(x, next(), layer.strides, layer.padding), next()), layer.activation);
        case 'maxPooling2d':
          return tf.maxPool(x, layer.poolSize, layer.strides, layer.padding);
        case 'activation':
          return activate(x, layer.activation);
        default:
          throw new Error(`the benchmark has no ${layer.kind} for TensorFlow.js`);
      }
    }, images);
  }
}
