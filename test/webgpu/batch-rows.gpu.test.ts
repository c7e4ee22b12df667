/**
 * Rows sampled in training: those of the permutation, over the ends of epochs, within a step's dispatches, on both backends.
 */
import { describe, expect, it } from 'vitest';
import { Dataset } from '../../src/data/index.ts';
import {
  argMax,
  createSession,
  gradientDescent,
  identity,
  matmul,
  placeholder,
  reduceMean,
  softmaxCrossEntropy,
  variable,
  zeros,
  type NDArray,
  type Tensor,
} from '../../src/index.ts';
import '../../src/node.ts';
import { rowsSampled } from './steps.ts';

const ROWS = 11;
const PIXELS = 4;
const CLASSES = 3;
const SEED = 77;

const labelOf = (row: number): number => (row * 5) % CLASSES;

/** Image r has the bytes 4r, 4r + 1, …: whoever sees it knows which it is. */
const set = Dataset.from({
  features: Uint8Array.from({ length: ROWS * PIXELS }, (_, i) => i),
  labels: Array.from({ length: ROWS }, (_, row) => labelOf(row)),
  classes: ['a', 'b', 'c'],
  shape: [PIXELS],
  name: 'rows',
});

describe.each(['webgpu', 'cpu'] as const)('on %s', (backend) => {
  it.each([
    { batch: 4, shuffle: true },
    { batch: 1, shuffle: true },
    { batch: 11, shuffle: true },
    { batch: 3, shuffle: false },
  ])('batches of $batch, shuffled: $shuffle', async ({ batch, shuffle }) => {
    const x: Tensor = placeholder('x', [null, PIXELS]);
    const labels: Tensor = placeholder('y', [null, CLASSES]);
    const ids: Tensor = placeholder('ids', [null], 'int32');
    const W: Tensor = variable('W', zeros([PIXELS, CLASSES]));
    const step = gradientDescent(0.1).minimize(reduceMean(softmaxCrossEntropy(matmul(x, W), labels)));
    const session = await createSession({ backend, seed: SEED });
    const run = session.train(step, {
      steps: 9,
      every: 1,
      batchSize: batch,
      shuffle,
      data: { x: set.images, y: set.labels, ids: set.labels },
      fetch: { images: identity(x, 'images'), labels: argMax(labels, 1), ids: identity(ids, 'again') },
    });
    for await (const { step: at, values } of run) {
      const batches = { sampling: shuffle ? 'shuffled' : 'sequential', batch, rows: ROWS, offset: 0 } as const;
      const rows = rowsSampled(batches, at - 1, SEED);
      const bytes = rows.flatMap((row) =>
        Array.from({ length: PIXELS }, (_, i) => Math.fround((PIXELS * row + i) / 255)),
      );
      expect(dataOf(values.images).map((value) => Math.round(value * 255))).toEqual(
        bytes.map((value) => Math.round(value * 255)),
      );
      expect(dataOf(values.labels)).toEqual(rows.map(labelOf));
      expect(dataOf(values.ids)).toEqual(rows.map(labelOf));
    }
    expect(session.step).toBe(9);
    session.dispose();
  });
});

const dataOf = (value: unknown): number[] => Array.from((value as NDArray).data);
