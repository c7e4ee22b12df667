/** Pipelines that classifiers build, counted: few for predictions of any number of images, none for a model that was compiled before. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createClassifier, dense, flatten, sequential } from '../../src/layers/index.ts';
import { countDevice } from '../tools/count-device.ts';
import { newDevice } from '../session/programs.ts';
import { labels, smallSet } from './sets.ts';

let real: GPUDevice;
beforeAll(async () => {
  real = await newDevice();
});
afterAll(() => real.destroy());

const model = sequential({
  input: [7, 6, 2],
  classes: labels,
  layers: [flatten(), dense({ units: 5, activation: 'relu' }), dense({ units: 3 })],
});
const SIZE = 84;

it('predict builds at most 4 for 1 to 100 images, and an image has the same probabilities in each', async () => {
  const { device, counts } = countDevice(real);
  const classifier = await createClassifier(model, { optimizer: 'adam', device });
  const images = Float32Array.from({ length: 100 * SIZE }, (_, i) => ((i * 7919) % 255) / 255);
  const all = await classifier.predict(images);
  for (const count of [1, 2, 3, 4, 5, 31, 32, 33, 36, 37, 64, 99]) {
    const some = await classifier.predict(images.subarray(0, count * SIZE));
    expect(some).toHaveLength(count);
    some.forEach(({ index, probabilities }, i) => {
      expect(index).toBe(all[i]?.index);
      probabilities.forEach((value, k) =>
        expect(Math.abs(value - (all[i]?.probabilities[k] ?? NaN))).toBeLessThan(1e-6),
      );
    });
  }
  expect(counts.pipelines).toBeGreaterThan(0);
  expect(counts.pipelines).toBeLessThanOrEqual(4);
  classifier.dispose();
});

it('creating, training, disposing and again builds none the second time', async () => {
  const { device, counts } = countDevice(real);
  const set = smallSet();
  const built: number[] = [];
  for (let i = 0; i < 3; i++) {
    const classifier = await createClassifier(model, { optimizer: 'adam', device });
    await classifier.fit(set, { epochs: 1, batchSize: 10 });
    await classifier.evaluate(set);
    classifier.dispose();
    built.push(counts.pipelines);
    expect(counts.live).toBe(0);
  }
  expect(built[0]).toBeGreaterThan(0);
  expect(built).toEqual([built[0], built[0], built[0]]);
});
