/** Classifiers on both backends: equal training, evaluation and prediction, and refusals. */
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { Dataset, loadMnist } from '../../src/data/index.ts';
import { readSafetensors } from '../../src/formats/safetensors.ts';
import { FeedError, gradientDescent, UsageError, type Session } from '../../src/index.ts';
import {
  createClassifier,
  dense,
  flatten,
  models,
  sequential,
  type Classifier,
  type ClassifierOptions,
  type FitOptions,
  type FitProgress,
} from '../../src/layers/index.ts';
import { createSession } from '../../src/node.ts';
import { backends, keepDevice } from '../session/programs.ts';
import { everyLayer, labels, smallSet } from './sets.ts';

keepDevice();

const set = smallSet();
const opened: Classifier[] = [];
afterAll(() => opened.forEach((classifier) => classifier.dispose()));

async function open(model = everyLayer, options: Partial<ClassifierOptions> = {}): Promise<Classifier> {
  const classifier = await createClassifier(model, { optimizer: gradientDescent(0.1), ...options });
  opened.push(classifier);
  return classifier;
}

async function collect(run: AsyncIterable<FitProgress>): Promise<FitProgress[]> {
  const reports: FitProgress[] = [];
  for await (const report of run) reports.push(report);
  return reports;
}

const small = sequential({ input: [7, 6, 2], classes: labels, layers: [flatten(), dense({ units: 3 })] });

test('every kind of layer learns alike on both backends, from the same seed', async () => {
  const [gpu = [], cpu = []] = await Promise.all(
    backends.map(async (backend) => {
      const classifier = await open(everyLayer, { backend, seed: 3 });
      const reports = await collect(classifier.fit(set, { steps: 20, batchSize: 11, every: 1 }));
      const { loss, accuracy } = await classifier.evaluate(smallSet(23));
      const [first] = await classifier.predict(set);
      return [
        ...reports.flatMap((report) => [report.loss, report.accuracy]),
        loss,
        accuracy,
        ...(first?.probabilities ?? []),
      ];
    }),
  );
  expect(gpu).toHaveLength(45);
  gpu.forEach((value, i) => expect(Math.abs(value - (cpu[i] ?? NaN)), `value ${i}`).toBeLessThan(2e-4));
  expect(gpu[38]).toBeLessThan(gpu[0] ?? 0);
});

test('a batch is at most the data set, unless it is requested', async () => {
  const classifier = await open(small, { backend: 'cpu' });
  const few = smallSet(5);
  const reports = await collect(classifier.fit(few, { epochs: 3, every: 1 }));
  expect(reports.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
  expect(() => classifier.fit(few, { steps: 1, batchSize: 6 })).toThrow(/`batchSize` is 6; .* to 5/);
});

test('numbers in every form have the same predictions', async () => {
  const classifier = await open(sequential({ input: [3], classes: 2, layers: [dense({ units: 2 })] }), {
    backend: 'cpu',
  });
  const rows = [[0, 1, 0.2], [1, 0, 0.4]]; // prettier-ignore
  const flat = Float32Array.from(rows.flat());
  const expected = await classifier.predict(flat);
  expect(expected).toHaveLength(2);
  for (const form of [
    rows,
    rows.flat(),
    Float64Array.from(flat),
    rows.map((row) => Float32Array.from(row)),
    { data: flat, shape: [2, 3], dtype: 'float32' } as const,
  ])
    expect(await classifier.predict(form)).toEqual(expected);
  expect(await classifier.predict(rows[0] ?? [])).toEqual(expected.slice(0, 1));
  // Bytes are read as those of a data set are.
  expect(await classifier.predict(Uint8Array.of(0, 255, 51))).toEqual(expected.slice(0, 1));
});

describe.each(backends)('on %s', (backend) => {
  let classifier: Classifier;
  beforeAll(async () => {
    classifier = await open(small, { backend });
  });
  const fit = (options: FitOptions) => classifier.fit(set, { batchSize: 10, ...options });

  it('names its variables as layers are named', async () => {
    const { variables } = await open(everyLayer, { backend });
    expect(variables.map(({ name }) => name).slice(0, 9)).toEqual([
      'conv2d/kernel', 'batchNormalization/gamma', 'batchNormalization/beta', 'batchNormalization/movingMean',
      'batchNormalization/movingVariance', 'conv2d_1/kernel', 'conv2d_1/bias', 'dense/kernel', 'dense/bias',
    ]); // prettier-ignore
  });

  it('reports steps, scores and speed, and validates after each pass and at the end', async () => {
    const from = classifier.session.step;
    const validation = smallSet(17);
    const reports = await collect(fit({ steps: 12, every: 2, validation }));
    // 45 images in batches of 10: passes end with steps 5 and 9.
    expect(reports.map(({ step }) => step - from)).toEqual([2, 4, 5, 7, 9, 11, 12]);
    expect(reports.map((report) => report.validation !== undefined)).toEqual([false, false, true, false, true, false, true]);
    expect(reports.every(({ steps }) => steps === from + 12)).toBe(true);
    const last = reports.at(-1);
    expect(last).toMatchObject({ epoch: Math.floor((12 * 10) / 45), loss: expect.any(Number) as number });
    expect(last?.stepsPerSecond).toBeGreaterThan(0);
    const seconds = reports.map((report) => report.seconds);
    expect(seconds).toEqual(seconds.toSorted((a, b) => a - b));
    const { loss, accuracy } = await classifier.evaluate(validation);
    expect(last?.validation).toEqual({ loss, accuracy });
  }); // prettier-ignore

  it('awaited, runs to the end and gives the history, by report and by epoch', async () => {
    const [looped, awaited] = [await open(small, { backend }), await open(small, { backend })];
    const options: FitOptions = { epochs: 2, batchSize: 10, every: 1, validation: smallSet(17) };
    const reports = await collect(looped.fit(set, options));
    const history = await awaited.fit(set, options);
    expect(awaited.session.step).toBe(9);
    const column = (name: 'step' | 'epoch' | 'loss' | 'accuracy') => reports.map((report) => report[name]);
    expect(history).toMatchObject({
      step: [1, 2, 3, 4, 5, 6, 7, 8, 9],
      epoch: column('epoch'),
      loss: column('loss'),
      accuracy: column('accuracy'),
    });
    // 45 images in batches of 10: epochs end with steps 5 and 9.
    const ends = reports.filter(({ epochMetrics }) => epochMetrics !== undefined);
    expect(ends.map(({ step }) => step)).toEqual([5, 9]);
    const { epochs, validation } = history;
    expect(epochs).toMatchObject({ epoch: [1, 2], step: [5, 9], validation: { loss: validation.loss, accuracy: validation.accuracy } });
    expect(validation).toEqual({ step: [5, 9], loss: ends.map((end) => end.validation?.loss), accuracy: ends.map((end) => end.validation?.accuracy) });
    for (const name of ['loss', 'accuracy'] as const)
      [reports.slice(0, 5), reports.slice(5)].forEach((epoch, i) => {
        const mean = epoch.reduce((sum, report) => sum + report[name], 0) / epoch.length;
        expect(ends[i]?.epochMetrics?.[name]).toBeCloseTo(mean, 5);
        expect(epochs[name][i]).toBe(ends[i]?.epochMetrics?.[name]);
      });
    // An epoch that is not over has no means. Their sums are not in the file.
    const { epochs: none } = await awaited.fit(set, { steps: 2, batchSize: 10 });
    expect(none.epoch).toEqual([]);
    expect([...readSafetensors(await awaited.save(), 'test').tensors.keys()].filter((name) => name.startsWith('metrics'))).toEqual([]);
  }); // prettier-ignore

  it('trains the same with validation as without, and as session.train counts', async () => {
    const weights = async (options: FitOptions): Promise<unknown> => {
      const fresh = await open(small, { backend });
      await collect(fresh.fit(set, { batchSize: 10, ...options }));
      return Promise.all(fresh.variables.map((variable) => fresh.session.get(variable)));
    };
    expect(await weights({ epochs: 2, validation: set })).toEqual(await weights({ steps: 9 }));
    expect(await weights({ epochs: 2, shuffle: false })).not.toEqual(await weights({ steps: 9 }));
  });

  it('takes batches of 32 by default', async () => {
    const reports = await collect(classifier.fit(set, { epochs: 3, every: 1 }));
    expect(reports).toHaveLength(Math.ceil((3 * 45) / 32));
  });

  it('stops at a break and goes on with another fit; a signal ends it with its reason', async () => {
    const from = classifier.session.step;
    for await (const { step } of fit({ steps: 100, every: 3 })) {
      expect(classifier.session.step).toBe(step);
      if (step >= from + 6) break;
    }
    expect(classifier.session.step).toBe(from + 6);
    const stop = new AbortController();
    await expect(
      (async () => {
        for await (const { step } of fit({ steps: 100, every: 1, signal: stop.signal }))
          if (step === from + 8) stop.abort(new Error('enough'));
      })(),
    ).rejects.toThrow('enough');
    expect(classifier.session.step).toBe(from + 8);
  });

  it('judges a whole set: rows of the confusion are the correct classes, its diagonal the accuracy', async () => {
    const test = smallSet(37);
    const { confusion, accuracy, loss } = await classifier.evaluate(test);
    const predictions = await classifier.predict(test);
    expect(confusion.flat().reduce((sum, count) => sum + count)).toBe(37);
    expect(accuracy).toBe(confusion.reduce((sum, row, i) => sum + (row[i] ?? 0), 0) / 37);
    const expected = labels.map(() => labels.map(() => 0));
    let nats = 0;
    predictions.forEach(({ index, probabilities }, i) => {
      const row = expected[test.label(i)] ?? [];
      row[index] = (row[index] ?? 0) + 1;
      nats -= Math.log(probabilities[test.label(i)] ?? 0) / 37;
    });
    expect(confusion).toEqual(expected);
    expect(loss).toBeCloseTo(nats, 5);
  });

  it('predicts a data set’s images, one of them, several, and arrays alike', async () => {
    const all = await classifier.predict(set);
    expect(all).toHaveLength(45);
    all.forEach(({ label, index, probabilities }) => {
      expect(label).toBe(labels[index]);
      expect(probabilities[index]).toBe(Math.max(...probabilities));
      expect(probabilities.reduce((sum, p) => sum + p)).toBeCloseTo(1, 5);
    });
    const values = Float32Array.from(set.images.values);
    const close = (some: typeof all, from: number): void =>
      some.forEach(({ index, probabilities }, i) => {
        expect(index).toBe(all[from + i]?.index);
        probabilities.forEach((p, j) => expect(p).toBeCloseTo(all[from + i]?.probabilities[j] ?? NaN, 5));
      });
    const one = values.slice(84, 168);
    for (const [given, from, count] of [
      [set.images, 0, 45], [values, 0, 45], [one, 1, 1],
      [{ data: one, shape: [7, 6, 2], dtype: 'float32' }, 1, 1],
      [{ data: values.slice(168, 420), shape: [3, 7, 6, 2], dtype: 'float32' }, 2, 3],
      [{ data: values.slice(168, 420), shape: [3, 84], dtype: 'float32' }, 2, 3],
    ] as const) {
      const some = await classifier.predict(given);
      expect(some).toHaveLength(count);
      close(some, from);
    }
  }); // prettier-ignore

  test.each<[string, Float32Array | { data: Float32Array; shape: number[]; dtype: 'float32' }, RegExp]>([
    ['half an image', new Float32Array(126), /^predict: the images are \[126\]; give \[7, 6, 2\], 84 values each, or several/],
    ['no image', new Float32Array(0), /the images are \[0, 84\]; give/],
    ['an image on its side', { data: new Float32Array(84), shape: [6, 7, 2], dtype: 'float32' }, /the images are \[6, 7, 2\]; give \[7, 6, 2\]/],
    ['a shape that is not filled', { data: new Float32Array(80), shape: [7, 6, 2], dtype: 'float32' }, /80 values do not fill shape \[7, 6, 2\]; give/],
    ['NaN', new Float32Array(84).fill(NaN, 5, 6), /value 5 of the images is NaN; give finite numbers/],
    ['nothing', undefined as never, /^predict: found undefined where a number/],
    ['what is not awaited', Promise.resolve(new Float32Array(84)) as never, /^predict: found a Promise that is not awaited/],
    ['ragged rows', [[1, 2], [3]] as never, /^predict: nested arrays are ragged at axis 1/],
  ])('does not predict %s', async (_, images, message) => {
    await expect(classifier.predict(images)).rejects.toThrow(FeedError);
    await expect(classifier.predict(images)).rejects.toThrow(message);
  }); // prettier-ignore

  test.each<[string, Partial<FitOptions>, RegExp]>([
    ['neither steps nor epochs', {}, /^fit: give either `steps` or `epochs`, e\.g\. /],
    ['both', { steps: 1, epochs: 1 } as never, /^fit: give either/],
    ['0 steps', { steps: 0 }, /^fit: `steps` is 0; give a whole number from 1 on\.$/],
    ['half an epoch', { epochs: 0.5 }, /^fit: `epochs` is 0\.5;/],
    ['batches of 0', { epochs: 1, batchSize: 0 }, /^fit: `batchSize` is 0;/],
    ['batches larger than the set', { steps: 1, batchSize: 46 }, /`batchSize` is 46; give a whole number from 1 to 45/],
    ['a report every 0 steps', { steps: 1, every: 0 }, /`every` is 0;/],
    ['another set to validate on', { steps: 1, validation: other() }, /^fit: validation: 'other' has images of \[2\] in 2 classes, the model takes \[7, 6, 2\] in 3/],
  ])('refuses %s at the call', (_, options, message) => {
    expect(() => fit(options as FitOptions)).toThrow(UsageError);
    expect(() => fit(options as FitOptions)).toThrow(message);
  }); // prettier-ignore

  it('refuses data sets that are not the model’s', async () => {
    expect(() => classifier.fit(other(), { steps: 1 })).toThrow(/^fit: 'other' has images of \[2\] in 2 classes/);
    await expect(classifier.evaluate(other())).rejects.toThrow(
      /^evaluate: 'other' .*; make the model for the data set/,
    );
  });
});

function other(): Dataset {
  return Dataset.from({ features: [1, 2, 3, 4], labels: [0, 1], name: 'other' });
}

describe('createClassifier', () => {
  let session: Session;
  beforeAll(async () => {
    session = await createSession({ backend: 'cpu' });
  });
  afterAll(() => session.dispose());

  it('leaves a session that is yours open, and closes its own', async () => {
    const mine = await createClassifier(small, { optimizer: 'sgd', session });
    expect(mine.session).toBe(session);
    mine.dispose();
    expect(await mine.predict(set)).toHaveLength(45);
    const own = await createClassifier(small, { optimizer: 'sgd', backend: 'cpu' });
    own.dispose();
    await expect(own.predict(set)).rejects.toThrow(UsageError);
  });

  test.each<[string, () => unknown, RegExp]>([
    ['no optimizer', () => ({}), /`optimizer` is missing; give one, e\.g\. \{ optimizer: 'adam' \}/],
    ['an unknown one', () => ({ optimizer: 'toString' }), /`optimizer` is 'toString'; give one of 'sgd', 'momentum', /],
    ['a rate that is none', () => ({ optimizer: { name: 'sgd', learningRate: -1 } }), /the learning rate is -1; give/],
    ['a seed beside a session', () => ({ optimizer: 'sgd', session, seed: 1 }), /`seed` is an option of a session, and `session` is given; leave one/],
    ['a backend that is none', () => ({ optimizer: 'sgd', backend: 'gpu' }), /`backend` is 'gpu'/],
  ])('refuses %s', async (_, options, message) => {
    const opening = createClassifier(small, options() as ClassifierOptions);
    await expect(opening).rejects.toThrow(UsageError);
    await expect(opening).rejects.toThrow(message);
  }); // prettier-ignore

  it('takes ImageData: grey by luma, or colours', async () => {
    const bytes = Uint8ClampedArray.from({ length: 4 * 6 }, (_, i) => (i % 4 === 3 ? 255 : i * 10));
    const imageOf = (width: number, height: number) =>
      ({ data: bytes, width, height, colorSpace: 'srgb' }) as ImageData;
    const expected: Readonly<Record<number, (pixel: number[]) => number[]>> = {
      1: ([r = 0, g = 0, b = 0]) => [Math.round(0.299 * r + 0.587 * g + 0.114 * b)],
      3: (pixel) => pixel.slice(0, 3),
      4: (pixel) => pixel,
    };
    for (const channels of [1, 3, 4]) {
      const model = sequential({ input: [3, 2, channels], classes: 2, layers: [flatten(), dense({ units: 2 })] });
      const classifier = await open(model, { backend: 'cpu' });
      const pixels = Array.from({ length: 6 }, (_, i) => [...bytes.slice(4 * i, 4 * i + 4)]);
      const numbers = pixels.flatMap((pixel) => expected[channels]?.(pixel) ?? []).map((byte) => byte / 255);
      expect(await classifier.predict(imageOf(2, 3))).toEqual(await classifier.predict(Float32Array.from(numbers)));
    }
  });
});

test.each<[keyof typeof models, ClassifierOptions['optimizer'], number, number]>([
  ['softmax', gradientDescent(1), 30, 100],
  ['mlp', { name: 'adam', learningRate: 0.003 }, 30, 100],
  ['cnn', 'adam', 10, 16],
])('%s learns MNIST alike on both backends', async (name, optimizer, steps, batchSize) => {
  const { train, test } = await loadMnist();
  const runs = await Promise.all(
    backends.map(async (backend) => {
      const classifier = await open(models[name](train.imageShape, train.classes), { backend, optimizer });
      const reports = await collect(classifier.fit(train, { steps, batchSize, every: 1 }));
      const { accuracy } = await classifier.evaluate(test.take(200));
      return { losses: reports.map(({ loss }) => loss), accuracy };
    }),
  );
  const [gpu = [], cpu = []] = runs.map(({ losses }) => losses);
  expect(gpu).toHaveLength(steps);
  gpu.forEach((loss, i) => expect(Math.abs(loss / (cpu[i] ?? NaN) - 1), `step ${i + 1}`).toBeLessThan(1e-3));
  expect(gpu.at(-1)).toBeLessThan(gpu[0] ?? 0);
  const [onGpu = NaN, onCpu = NaN] = runs.map(({ accuracy }) => accuracy);
  expect(Math.abs(onGpu - onCpu)).toBeLessThanOrEqual(0.005);
});

test('the codelab’s model learns MNIST: 100 steps, more than 80 %', async () => {
  const { train, test } = await loadMnist();
  const classifier = await open(models.softmax(train.imageShape, train.classes), { optimizer: gradientDescent(1) });
  await collect(classifier.fit(train, { steps: 100, batchSize: 100 }));
  const { accuracy, confusion } = await classifier.evaluate(test);
  expect(accuracy).toBeGreaterThan(0.8);
  expect(confusion.map((row) => row.reduce((sum, count) => sum + count))).toEqual(
    test.classes.map((_, label) => test.labels.values.filter((value) => value === label).length),
  );
  const [prediction] = await classifier.predict(test.image(0));
  expect(prediction?.label).toBe('7');
});
