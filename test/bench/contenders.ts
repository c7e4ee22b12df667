/** The contenders and their tasks. */

/** A library on one of its backends. */
export interface Contender {
  /** What `--peers` and the results call it. */
  readonly name: string;
  readonly title: string;
  readonly library: Library;
  readonly backend: 'webgpu' | 'wasm' | 'cpu';
}

export type Library = 'inkling' | 'jax' | 'tfjs';

/** In order of preference: the others are compared with the first that works, Inkling's own choice. */
export const contenders: readonly Contender[] = [
  { name: 'inkling-webgpu', title: 'Inkling, WebGPU', library: 'inkling', backend: 'webgpu' },
  { name: 'inkling-cpu', title: 'Inkling, CPU', library: 'inkling', backend: 'cpu' },
  { name: 'jax-webgpu', title: 'jax-js, WebGPU', library: 'jax', backend: 'webgpu' },
  { name: 'jax-wasm', title: 'jax-js, wasm', library: 'jax', backend: 'wasm' },
  { name: 'tfjs-webgpu', title: 'TensorFlow.js, WebGPU', library: 'tfjs', backend: 'webgpu' },
  { name: 'tfjs-wasm', title: 'TensorFlow.js, wasm', library: 'tfjs', backend: 'wasm' },
  { name: 'tfjs-cpu', title: 'TensorFlow.js, CPU', library: 'tfjs', backend: 'cpu' },
];

/** A model that is trained, in batches of {@link BATCH}. */
export interface Training {
  readonly model: ModelName;
  readonly optimizer: { readonly name: 'gradientDescent' | 'adam'; readonly learningRate: number };
  /** The share of 1,000 test images that whoever has taken so many steps, or more, must classify rightly. */
  readonly bound: { readonly steps: number; readonly accuracy: number };
}

export type ModelName = 'softmax' | 'mlp' | 'cnn';

export const BATCH = 100;

export const trainings: Readonly<Record<ModelName, Training>> = {
  softmax: {
    model: 'softmax',
    optimizer: { name: 'gradientDescent', learningRate: 0.5 },
    bound: { steps: 20, accuracy: 0.75 },
  },
  mlp: { model: 'mlp', optimizer: { name: 'adam', learningRate: 0.003 }, bound: { steps: 9, accuracy: 0.5 } },
  cnn: { model: 'cnn', optimizer: { name: 'adam', learningRate: 0.001 }, bound: { steps: 8, accuracy: 0.35 } },
};

export const workloads = ['softmax', 'mlp', 'cnn', 'inference', 'matmul', 'load', 'frames'] as const;

export type Workload = (typeof workloads)[number];
