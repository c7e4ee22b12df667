/** The program of the session's tests: a small softmax regression on a small set, so a step takes a millisecond. */
import { afterAll, beforeAll } from 'vitest';
import { Dataset } from '../../src/data/index.ts';
import {
  add,
  argMax,
  cast,
  equal,
  gradientDescent,
  log,
  matmul,
  mul,
  neg,
  placeholder,
  reduceMean,
  reduceSum,
  softmax,
  variable,
  zeros,
  type Variable,
} from '../../src/index.ts';
import { createSession } from '../../src/node.ts';
import type { Session } from '../../src/session/session.ts';
import { nodeGpu } from '../tools/node-gpu.ts';

export const backends = ['webgpu', 'cpu'] as const;

/** Backends, and WebGPU with as few dispatches as there can be. */
export const ways = [
  { backend: 'webgpu', schedule: 'auto' },
  { backend: 'webgpu', schedule: 'fused' },
  { backend: 'cpu', schedule: 'auto' },
] as const;

export const FEATURES = 12;
export const CLASSES = 3;

/** The codelab's program, its learning rate a placeholder. */
export function program(name = '') {
  const x = placeholder('x', [null, FEATURES]);
  const y_ = placeholder('y_', [null, CLASSES]);
  const rate = placeholder('rate', []);
  const W = variable(`W${name}`, zeros([FEATURES, CLASSES]));
  const b = variable(`b${name}`, zeros([CLASSES]));
  const y = softmax(add(matmul(x, W), b));
  const loss = neg(reduceSum(mul(y_, log(y))));
  const step = gradientDescent(rate).minimize(loss);
  const accuracy = reduceMean(cast(equal(argMax(y, 1), argMax(y_, 1)), 'float32'));
  return { x, y_, rate, W, b, y, loss, step, accuracy };
}

/** Rows of three classes that a softmax regression can tell apart, but not at once. */
export function smallSet(rows = 60, name = 'small'): Dataset {
  const labels = Array.from({ length: rows }, (_, i) => (i * 7) % CLASSES);
  const features = labels.flatMap((label, i) =>
    Array.from(
      { length: FEATURES },
      (_, j) => (((i * 31 + j * 17) % 23) / 23) * 0.9 + (j % CLASSES === label ? 0.4 : 0),
    ),
  );
  return Dataset.from({ features: Float32Array.from(features), labels, classes: CLASSES, name });
}

/** A data set's columns for {@link program}. */
export const columns = (set: Dataset) => ({ x: set.images, y_: set.labels });

/** Rows `from` to before `to` as feeds for {@link program}. */
export function rowsOf(set: Dataset, from: number, to: number) {
  const x = set.images.values.slice(from * FEATURES, to * FEATURES);
  const y_ = Array.from({ length: to - from }, (_, i) =>
    Array.from({ length: CLASSES }, (_, c) => Number(set.label(from + i) === c)),
  );
  return { x, y_ };
}

/** Keeps the device that sessions share, and its pipelines, from test to test. */
export function keepDevice(): void {
  let session: Session;
  beforeAll(async () => {
    session = await createSession({ backend: 'webgpu' });
  });
  afterAll(() => session.dispose());
}

/** A variable's values as words: equal only where every bit is. */
export async function bits(session: Session, ...variables: readonly Variable[]): Promise<number[]> {
  const values = await Promise.all(variables.map((variable) => session.get(variable)));
  return values.flatMap(({ data }) => [...new Uint32Array(data.buffer, data.byteOffset, data.length)]);
}

/** All that an async iterable gives. */
export async function collect<T>(iterable: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of iterable) all.push(item);
  return all;
}

/** What a promise was rejected with, or a call threw. @throws where nothing was. */
export async function rejection(work: Promise<unknown> | (() => unknown)): Promise<unknown> {
  try {
    await (typeof work === 'function' ? work() : work);
  } catch (error) {
    return error;
  }
  throw new Error('It was to fail, but did not.');
}

/** A device of one's own, with all the memory there is. */
export async function newDevice(): Promise<GPUDevice> {
  const adapter = await (await nodeGpu()).requestAdapter();
  if (adapter === null) throw new Error('There is no adapter.');
  const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
  return adapter.requestDevice({ requiredLimits: { maxBufferSize, maxStorageBufferBindingSize } });
}

/** Fails rather than hangs. */
export const soon = <T>(work: Promise<T>): Promise<T> =>
  Promise.race([
    work,
    new Promise<never>((_, reject) => setTimeout(reject, 1000, new Error('Nothing came within a second.'))),
  ]);
