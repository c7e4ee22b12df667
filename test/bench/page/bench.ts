/** One contender's page. The runner calls the functions of `bench` one after the other. */
import type { Contender, ModelName } from '../contenders.ts';
import { countCalls, type Calls } from './count-calls.ts';
import { loadPeer, type Model, type Peer, type Product } from './peer.ts';
import { classesOf, createProblem, testImages } from './problem.ts';

let peer: Peer | undefined;
let model: Model | undefined;
let product: Product | undefined;

const SIZE = 1024;

/** @throws where nothing of the kind was opened. */
function opened<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('open it first');
  return value;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** Values from -1 to 1 that are the same everywhere. */
function square(seed: number): { data: Float32Array; shape: [number, number] } {
  const data = Float32Array.from({ length: SIZE * SIZE }, (_, i) => ((i * 7919 + seed * 104729) % 2003) / 1001 - 1);
  return { data, shape: [SIZE, SIZE] };
}

const bench = {
  /** Loads the library. */
  async load({ library, backend }: Contender): Promise<void> {
    peer = await loadPeer(library, backend);
  },

  async open(name: ModelName): Promise<void> {
    model = await opened(peer).open(await createProblem(name));
  },

  async train(steps: number): Promise<{ ms: number; loss: number }> {
    let loss = NaN;
    const ms = await timed(async () => (loss = await opened(model).train(steps)));
    return { ms, loss };
  },

  /** Calls of WebGPU in so many steps. */
  countSteps: (steps: number): Promise<Calls> => countCalls(() => opened(model).train(steps)),

  /** Calls of WebGPU while one image is classified. */
  async countImage(): Promise<Calls> {
    const { images } = await testImages(1);
    return countCalls(() => opened(model).predict(images));
  },

  /** The share of the first test images that is classified rightly. */
  async accuracy(count: number): Promise<number> {
    const { images, labels } = await testImages(count);
    const classes = classesOf(await opened(model).predict(images), 10);
    return classes.filter((index, i) => index === labels[i]).length / count;
  },

  /** The class of each of the first test images, and how long that took, upload and readback included. */
  async classify(count: number): Promise<{ ms: number; classes: number[] }> {
    const { images } = await testImages(count);
    let probabilities = new Float32Array();
    const ms = await timed(async () => (probabilities = new Float32Array(await opened(model).predict(images))));
    return { ms, classes: classesOf(probabilities, 10) };
  },

  /** How long images take that come one at a time, for about so long. */
  async classifyOneByOne(limitMs: number): Promise<number[]> {
    const { images } = await testImages(100);
    const times: number[] = [];
    const end = performance.now() + limitMs;
    for (let i = 0; times.length === 0 || performance.now() < end; i++) {
      const at = 784 * (i % 100);
      times.push(await timed(() => opened(model).predict(images.slice(at, at + 784))));
    }
    return times;
  },

  /** @returns how far the first product is off, as a share of the largest element. */
  async openProduct(): Promise<number> {
    const [a, b] = [square(1), square(2)];
    product = await opened(peer).product(a, b);
    await product.multiply(1);
    const result = await product.result();
    const places = Array.from({ length: 64 }, (_, i) => (i * 16411) % (SIZE * SIZE));
    const exact = places.map((place) => {
      const [row, column] = [Math.floor(place / SIZE), place % SIZE];
      let sum = 0;
      for (let k = 0; k < SIZE; k++) sum += (a.data[row * SIZE + k] ?? NaN) * (b.data[k * SIZE + column] ?? NaN);
      return sum;
    });
    const errors = places.map((place, i) => Math.abs((result[place] ?? NaN) - (exact[i] ?? NaN)));
    return Math.max(...errors) / Math.max(...exact.map(Math.abs));
  },

  multiply: (times: number): Promise<number> => timed(() => opened(product).multiply(times)),
};

/** What the runner may call, and with what. */
export type Bench = typeof bench;

Object.assign(globalThis, { bench });
