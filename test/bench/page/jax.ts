/**
 * jax-js in its idiomatic form: the whole step is one jitted function, batches are arrays on the device (slices would be
 * compiled one by one), and the program awaits the queue now and then, as its manual recommends. Its optimizers are not on
 * npm, so Adam is written here.
 */
import type { Layer } from 'inkling/layers';
import {
  blockUntilReady,
  defaultDevice,
  init,
  jit,
  lax,
  nn,
  numpy as np,
  tree,
  valueAndGrad,
  type Array as JaxArray,
} from 'peer:jax';
import { BATCH } from '../contenders.ts';
import { toChannelsFirst } from './channels-first.ts';
import { STEPS_IN_FLIGHT, type Peer, type Problem, type Values } from './peer.ts';

/** What a step takes over and gives anew. */
interface State {
  readonly [name: string]: JaxArray[];
  readonly weights: JaxArray[];
  /** Adam's moments; none without it. */
  readonly first: JaxArray[];
  readonly second: JaxArray[];
}

const [BETA1, BETA2, EPSILON] = [0.9, 0.999, 1e-7];

export async function createPeer(backend: string): Promise<Peer> {
  if (!(await init(backend)).includes(backend)) throw new Error(`jax-js has no ${backend} here`);
  defaultDevice(backend);
  return {
    open: (problem) => Promise.resolve(openModel(problem)),

    product(a, b) {
      const [left, right] = [toArray(a), toArray(b)];
      const multiply = jit((a: JaxArray, b: JaxArray) => np.matmul(a, b));
      let results = [multiply(left.ref, right.ref)];
      return Promise.resolve({
        async multiply(times) {
          for (let done = 0; done < times; done += results.length) {
            results.forEach((result) => result.dispose());
            const count = Math.min(STEPS_IN_FLIGHT, times - done);
            results = Array.from({ length: count }, () => multiply(left.ref, right.ref));
            // All of them: what is disposed of before it was computed is left out.
            await blockUntilReady(results);
          }
        },
        result: () => at(results, 0).ref.data(),
      });
    },
  };
}

const toArray = ({ data, shape }: Values): JaxArray => np.array(data).reshape([...shape]);

function openModel({ model, optimizer, weights, batches }: Problem) {
  const { input, layers, classes } = model;
  const pixels = input.reduce((product, size) => product * size, 1);
  const adam = optimizer.name === 'adam';
  const values = toChannelsFirst(weights, layers);
  const moments = adam ? values.map(({ data, shape }) => ({ data: new Float32Array(data.length), shape })) : [];
  let state: State = {
    weights: values.map(toArray),
    first: moments.map(toArray),
    second: moments.map(toArray),
  };
  const resident = batches.map(({ images, labels }) => ({
    images: np.array(images).reshape([BATCH, pixels]),
    labels: np.array(labels).reshape([BATCH, classes.length]),
  }));

  const lossOf = (weights: JaxArray[], images: JaxArray, labels: JaxArray): JaxArray =>
    nn
      .logSoftmax(logits(layers, input, weights, images))
      .mul(labels)
      .sum()
      .mul(-1 / BATCH);
  const step = jit(({ weights, first, second }: State, images: JaxArray, labels: JaxArray, rate: JaxArray) => {
    const [loss, gradients] = valueAndGrad(lossOf)(tree.ref(weights), images, labels);
    const next = adam ? adamStep : gradientStep;
    return [loss, next({ weights, first, second }, gradients, rate)] as [JaxArray, State];
  });
  const predict = jit((weights: JaxArray[], images: JaxArray) => nn.softmax(logits(layers, input, weights, images)));

  let taken = 0;
  return {
    async train(steps: number): Promise<number> {
      let last: JaxArray | undefined;
      for (let i = 1; i <= steps; i++) {
        const batch = resident[taken++ % resident.length];
        if (batch === undefined) throw new Error('there are no batches');
        last?.dispose();
        const rate = np.array(Float32Array.of(adam ? adamRate(optimizer.learningRate, taken) : optimizer.learningRate));
        [last, state] = step(state, batch.images.ref, batch.labels.ref, rate);
        if (i % STEPS_IN_FLIGHT === 0 || i === steps) await blockUntilReady(state.weights);
      }
      const [loss = NaN] = (await last?.data()) ?? [];
      return loss;
    },
    predict: (images: Float32Array): Promise<Float32Array> =>
      predict(tree.ref(state.weights), np.array(images).reshape([images.length / pixels, pixels])).data(),
  };
}

function gradientStep(state: State, gradients: JaxArray[], rate: JaxArray): State {
  const weights = state.weights.map((weight, i) => weight.sub(at(gradients, i).mul(rate.ref)));
  rate.dispose();
  return { ...state, weights };
}

function adamStep(state: State, gradients: JaxArray[], rate: JaxArray): State {
  const first = state.first.map((moment, i) => moment.mul(BETA1).add(at(gradients, i).ref.mul(1 - BETA1)));
  const second = state.second.map((moment, i) => moment.mul(BETA2).add(np.square(at(gradients, i)).mul(1 - BETA2)));
  const weights = state.weights.map((weight, i) => {
    const change = at(first, i).ref.mul(rate.ref);
    return weight.sub(change.div(np.sqrt(at(second, i).ref).add(EPSILON)));
  });
  rate.dispose();
  return { weights, first, second };
}

/** Adam's learning rate with both moments' bias taken out. Source: D. Kingma, J. Ba, "Adam", section 2. */
const adamRate = (rate: number, step: number): number => (rate * Math.sqrt(1 - BETA2 ** step)) / (1 - BETA1 ** step);

function at(arrays: readonly JaxArray[], i: number): JaxArray {
  const array = arrays[i];
  if (array === undefined) throw new Error('there are fewer weights than layers need');
  return array;
}

function logits(
  layers: readonly Layer[],
  input: readonly number[],
  weights: readonly JaxArray[],
  images: JaxArray,
): JaxArray {
  const [height = 1, width = 1, channels = 1] = input;
  const convolves = layers.some(({ kind }) => kind === 'conv2d');
  const activate = (x: JaxArray, name: string): JaxArray => (name === 'relu' ? nn.relu(x) : x); // softmax is the loss's
  let used = 0;
  const next = (): JaxArray => at(weights, used++);
  return layers.reduce(
    (x, layer) => {
      switch (layer.kind) {
        case 'flatten':
          return convolves ? x.reshape([-1, flattened(weights, used)]) : x;
        case 'dense':
          return activate(np.dot(x, next()).add(next()), layer.activation);
        case 'conv2d':
          return activate(
            lax.convGeneralDilated(x, next(), layer.strides, layer.padding.toUpperCase()).add(next()),
            layer.activation,
          );
        case 'maxPooling2d':
          return lax.reduceWindow(x, (window) => np.max(window), layer.poolSize, layer.strides);
        case 'activation':
          return activate(x, layer.activation);
        default:
          throw new Error(`the benchmark has no ${layer.kind} for jax-js`);
      }
    },
    convolves ? images.reshape([-1, channels, height, width]) : images,
  );
}

/** How many numbers the next layer's kernel takes a row. */
const flattened = (weights: readonly JaxArray[], used: number): number => at(weights, used).shape[0] ?? 0;
