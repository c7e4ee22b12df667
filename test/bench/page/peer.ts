/** The interface of a library's page: each library implements it in one file. */
import type { Dataset } from 'inkling/data';
import type { Sequential } from 'inkling/layers';
import type { Library, Training } from '../contenders.ts';

/** Values and their shape, row-major. */
export interface Values {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

/** A batch to train on: rows of pixels, rows of one-hot labels. */
export interface Batch {
  readonly images: Float32Array;
  readonly labels: Float32Array;
}

export interface Problem {
  readonly model: Sequential;
  readonly optimizer: Training['optimizer'];
  /** Initial values, layer by layer: a kernel, its bias. */
  readonly weights: readonly Values[];
  /** For who draws batches from it: those that follow, and on. */
  readonly train: Dataset;
  /** Taken in turns, over and over. */
  readonly batches: readonly Batch[];
}

/** A model with a library. */
export interface Model {
  /** Takes steps, and resolves with the last one's loss when it is there. */
  train(steps: number): Promise<number>;
  /** The probabilities of each class, row by row. */
  predict(images: Float32Array): Promise<Float32Array>;
}

/** The product of two square matrices that are on the device. */
export interface Product {
  /** Resolves when all are done. */
  multiply(times: number): Promise<void>;
  result(): Promise<Float32Array>;
}

export interface Peer {
  open(problem: Problem): Promise<Model>;
  product(a: Values, b: Values): Promise<Product>;
}

/** Steps after which a peer's queue is waited for: queues that grow without bound make them slower. */
export const STEPS_IN_FLIGHT = 10;

const libraries: Readonly<Record<Library, () => Promise<{ readonly createPeer: (backend: string) => Promise<Peer> }>>> =
  {
    inkling: () => import('./inkling.ts'),
    jax: () => import('./jax.ts'),
    tfjs: () => import('./tensorflow.ts'),
  };

/** @throws where the backend cannot be had. */
export async function loadPeer(library: Library, backend: string): Promise<Peer> {
  const { createPeer } = await libraries[library]();
  return createPeer(backend);
}
