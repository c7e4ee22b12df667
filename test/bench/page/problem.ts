/** The common problems: real MNIST, equal weights, equal batches. */
import { loadMnist, type Mnist } from 'inkling/data';
import { createClassifier, models } from 'inkling/layers';
import { BATCH, trainings, type ModelName } from '../contenders.ts';
import type { Batch, Problem, Values } from './peer.ts';

let loading: Promise<Mnist> | undefined;

/** MNIST, loaded once a page. */
export const mnist = (): Promise<Mnist> => (loading ??= loadMnist());

/** Batches that are made in advance. Whoever needs more begins anew. */
const PREPARED = 250;

export async function createProblem(name: ModelName): Promise<Problem> {
  const { train } = await mnist();
  const model = models[name](train.imageShape, train.classes);
  // Inkling's own for the seed 0, whatever the backend.
  const classifier = await createClassifier(model, { optimizer: 'adam', backend: 'cpu' });
  const weights = await Promise.all(classifier.variables.map((variable) => classifier.session.get(variable)));
  classifier.dispose();
  return {
    model,
    optimizer: trainings[name].optimizer,
    weights: weights as readonly Values[],
    train,
    batches: nextBatches(train, PREPARED),
  };
}

/** The data set's next batches: those that Inkling draws on the device for the seed 0. */
export function nextBatches(train: Mnist['train'], count: number): Batch[] {
  return Array.from({ length: count }, () => {
    const { images, labels } = train.nextBatch(BATCH);
    return { images: images.data as Float32Array, labels: labels.data as Float32Array };
  });
}

/** The first `count` test images. */
export async function testImages(count: number): Promise<{ images: Float32Array; labels: number[] }> {
  const { test } = await mnist();
  const { values, rowSize } = test.images;
  return {
    images: Float32Array.from(values.subarray(0, count * rowSize), (value) => value / 255),
    labels: Array.from({ length: count }, (_, i) => test.label(i)),
  };
}

/** The likeliest class of each row. */
export function classesOf(probabilities: Float32Array, classes: number): number[] {
  return Array.from({ length: probabilities.length / classes }, (_, row) => {
    const values = probabilities.subarray(row * classes, (row + 1) * classes);
    return values.indexOf(Math.max(...values));
  });
}
