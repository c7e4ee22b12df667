/**
 * The layers' types, checked by `tsc`: accepted and refused programs.
 */
import type { Dataset } from 'inkling/data';
import { conv2d, createClassifier, dense, dropout, sequential, type Layer, type Sequential } from 'inkling/layers';
import { adam, type Session } from 'inkling';

declare const set: Dataset;
declare const session: Session;

export const runtime = (units: number, names: readonly string[], deep: boolean): Sequential => {
  const layers: Layer[] = [];
  for (let i = 0; i < units; i++) layers.push(dense({ units, activation: deep ? 'relu' : 'linear' }));
  return sequential({ input: set.imageShape, classes: names, layers: [...layers, dense({ units: names.length })] });
};

// A model read from JSON has the type of what `sequential` takes.
export const again = (text: string): Sequential => sequential(JSON.parse(text) as Sequential);

// Columns tell their shape and their rows.
export const [rows, width]: readonly [number, number] = set.images.shape;
export const oneHot: Float32Array = set.labels.row(0);

export async function learn(model: Sequential): Promise<number> {
  const classifier = await createClassifier(model, { optimizer: { name: 'adam', learningRate: 0.003 }, session });
  await createClassifier(model, { optimizer: adam(0.003), backend: 'cpu', seed: undefined });
  for await (const { loss, validation } of classifier.fit(set, { epochs: 3, validation: undefined })) {
    if (loss < (validation?.loss ?? 0)) break;
  }
  const [prediction] = await classifier.predict(set.image(0));
  return prediction?.label === 'seven' ? 1 : (await classifier.evaluate(set)).accuracy;
}

export async function refused(model: Sequential): Promise<void> {
  // @ts-expect-error: units are asked for
  dense({ activation: 'relu' });
  // @ts-expect-error: there is no such activation
  dense({ units: 3, activation: 'ReLU' });
  // @ts-expect-error: a window has two sizes
  conv2d({ filters: 3, kernelSize: [3, 3, 3] });
  // @ts-expect-error: as for Keras, the rate has a name
  dropout(0.5);
  // @ts-expect-error: an optimizer is asked for
  await createClassifier(model, {});
  // @ts-expect-error: there is no such optimizer
  const classifier = await createClassifier(model, { optimizer: 'Adam' });
  // @ts-expect-error: steps or epochs
  classifier.fit(set, { batchSize: 10 });
  // @ts-expect-error: steps or epochs, not both
  classifier.fit(set, { steps: 10, epochs: 1 });
}
