/** Conversion of pictures to a model's input like the images of its data set, and matching of classes by name. */
import { afterAll, describe, expect, it } from 'vitest';
import { Dataset, inputFrom, loadMnist, type Preprocessing } from '../../src/data/index.ts';
import { FeedError, gradientDescent, UsageError } from '../../src/index.ts';
import {
  createClassifier,
  dense,
  flatten,
  loadClassifier,
  sequential,
  type Classifier,
} from '../../src/layers/index.ts';

const opened: Classifier[] = [];
afterAll(() => opened.forEach((classifier) => classifier.dispose()));

async function open(input: readonly number[], classes: readonly string[] | number): Promise<Classifier> {
  const units = typeof classes === 'number' ? classes : classes.length;
  const model = sequential({ input, classes, layers: [flatten(), dense({ units })] });
  const classifier = await createClassifier(model, { optimizer: gradientDescent(0.5), backend: 'cpu' });
  opened.push(classifier);
  return classifier;
}

async function trained(
  set: Dataset,
  steps = 40,
  classes: readonly string[] | number = set.classes,
): Promise<Classifier> {
  const classifier = await open(set.imageShape, classes);
  for await (const _ of classifier.fit(set, { steps, batchSize: set.size }));
  return classifier;
}

type Colour = readonly [number, number, number, number];

function picture(width: number, height: number, colour: (x: number, y: number) => Colour): ImageData {
  const data = new Uint8ClampedArray(4 * width * height);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) data.set(colour(x, y), 4 * (y * width + x));
  return { data, width, height, colorSpace: 'srgb' };
}

const clear: Colour = [0, 0, 0, 0];
const white: Colour = [255, 255, 255, 255];
const black: Colour = [0, 0, 0, 255];

/** Rows of 8 × 8 with a bar, upright or lying: at the left or above, of light or dark ink. */
function bars(ink: 'light' | 'dark', preprocessing?: Preprocessing, classes = ['upright', 'lying']): Dataset {
  const images = Array.from({ length: 12 }, (_, k) =>
    Array.from({ length: 64 }, (_, i) => {
      const along = k % 2 === 0 ? i % 8 : Math.floor(i / 8);
      const isInk = along === 3 || along === 4;
      return isInk === (ink === 'light') ? 255 - k : k;
    }),
  );
  const labels = Int32Array.from(images, (_, k) => k % 2);
  return new Dataset({
    name: 'bars',
    features: Uint8Array.from(images.flat()),
    labels,
    classes,
    shape: [8, 8, 1],
    preprocessing,
  });
}

/** An upright bar in a picture of another size. */
const upright = (paper: Colour, ink: Colour, size = 40): ImageData =>
  picture(size, size, (x) => (Math.abs(x - size / 2 + 0.5) < size / 8 ? ink : paper));

describe('predict', () => {
  it('takes a picture of another size, on any paper, where the data set distinguishes light ink from dark', async () => {
    for (const ink of ['light', 'dark'] as const) {
      const classifier = await trained(bars(ink));
      expect(classifier.images).toEqual({
        shape: [8, 8, 1],
        background: ink === 'light' ? 'black' : 'white',
        ink,
        drawing: { box: 8, centre: expect.any(String) as string },
      });
      const pictures = [upright(white, black), upright(black, white), upright(clear, ink === 'light' ? white : black)];
      const labels = (await classifier.predict(pictures)).map(({ label }) => label);
      expect(labels, ink).toEqual(['upright', 'upright', 'upright']);
      expect(await classifier.predict(pictures.slice(0, 1))).toEqual((await classifier.predict(pictures)).slice(0, 1));
    }
  });

  it('leaves a picture of the data set’s own size as it is', async () => {
    const set = bars('light');
    const classifier = await trained(set);
    const all = await classifier.predict(set);
    const images = Array.from({ length: set.size }, (_, i) => set.image(i));
    (await classifier.predict(images)).forEach(({ probabilities }, i) => {
      probabilities.forEach((p, k) => expect(Math.abs(p - (all[i]?.probabilities[k] ?? NaN))).toBeLessThan(1e-6));
    });
  });

  it("puts the data set's background behind transparent parts", async () => {
    for (const background of ['white', 'black'] as const) {
      const set = bars('dark', { background });
      const row = await inputFrom(
        picture(8, 8, () => clear),
        set,
      );
      expect(new Set(row)).toEqual(new Set([background === 'white' ? 1 : 0]));
      const classifier = await trained(set);
      const [found] = await classifier.predict(upright(clear, black));
      const paper = background === 'white' ? white : black;
      expect(found).toEqual((await classifier.predict(upright(paper, black)))[0]);
    }
  });

  it('finds, scales and centres handwriting, and takes an image of the data set as it is', async () => {
    const { train } = await loadMnist();
    const set = train.take(200);
    const seven = picture(300, 300, (x, y) => {
      const [u, v] = [x - 30, y - 100];
      const isInk = u >= 0 && u < 90 && v >= 0 && v < 140 && (v < 18 || Math.abs(u - 81 + (v / 140) * 60) < 9);
      return isInk ? black : white;
    });
    const row = await inputFrom(seven, set);
    const rows = [...row.keys()].filter((i) => (row[i] ?? 0) > 0.1).map((i) => Math.floor(i / 28));
    expect(Math.max(...rows) - Math.min(...rows)).toBe(19);
    expect(await inputFrom(set.image(3), set)).toEqual(set.images.row(3));
    const classifier = await trained(set, 10);
    expect(classifier.images).toMatchObject({
      shape: [28, 28, 1],
      ink: 'light',
      handwriting: { box: 20, centre: 'mass' },
    });
    expect(await classifier.predict(seven)).toEqual(await classifier.predict(row));
  });

  it('makes pictures alike after saving', async () => {
    const set = bars('dark', { background: 'black', ink: 'dark' });
    const classifier = await trained(set);
    const again = await loadClassifier(await classifier.save(), { backend: 'cpu' });
    opened.push(again);
    expect(again.images).toEqual({ shape: [8, 8, 1], background: 'black', ink: 'dark' });
    const pictures = [upright(clear, white), upright(black, white)];
    expect(await again.predict(pictures)).toEqual(await classifier.predict(pictures));
  });

  it('reads pictures at the call', async () => {
    const classifier = await trained(bars('dark'));
    const given = upright(white, black);
    const expected = await classifier.predict(given);
    const asked = classifier.predict(given);
    given.data.fill(255);
    expect(await asked).toEqual(expected);
  });

  it('says so where the model was not trained on images', async () => {
    const table = Dataset.from({
      features: new Float32Array(8).fill(3),
      labels: [0, 1],
      shape: [2, 2, 1],
      name: 'table',
    });
    const classifier = await trained(table, 1);
    await expect(classifier.predict(upright(white, black))).rejects.toThrow(FeedError);
    await expect(classifier.predict(upright(white, black))).rejects.toThrow(
      /not trained on images of values from 0 to 1.*Give numbers/,
    );
    const flat = await open([4], 2);
    await expect(flat.predict(upright(white, black))).rejects.toThrow(/takes \[4\]/);
  });

  it('reads bytes as value/255 in every form', async () => {
    const set = bars('light');
    const classifier = await trained(set);
    const bytes = Uint8Array.from(set.images.values.slice(0, 64));
    const floats = Array.from(bytes, (value) => value / 255);
    const expected = await classifier.predict(floats);
    for (const form of [
      bytes,
      new Uint8ClampedArray(bytes),
      [bytes],
      { data: bytes, shape: [8, 8], dtype: 'uint8' as const },
      [{ data: bytes, shape: [8, 8, 1], dtype: 'uint8' as const }],
      Array.from({ length: 8 }, (_, y) => floats.slice(8 * y, 8 * y + 8)),
      [Float64Array.from(floats)],
      { data: Float32Array.from(floats), shape: [1, 8, 8], dtype: 'float32' as const },
    ]) {
      expect(await classifier.predict(form)).toEqual(expected);
    }
  });
});

describe('classes', () => {
  const turned = bars('light', undefined, ['lying', 'upright']);
  const relabelled = new Dataset({
    name: 'turned',
    features: turned.images.values as Uint8Array,
    labels: Int32Array.from(turned.labels.values, (label) => 1 - label),
    classes: turned.classes,
    shape: turned.imageShape,
  });

  it('are matched by name in evaluate and fit, in any order', async () => {
    const classifier = await trained(bars('light'));
    const expected = await classifier.evaluate(bars('light'));
    expect(expected.accuracy).toBe(1);
    expect(await classifier.evaluate(relabelled)).toEqual(expected);
    for await (const { validation } of classifier.fit(relabelled, { steps: 3, batchSize: 12, validation: relabelled }))
      if (validation) expect(validation.accuracy).toBe(1);
    expect((await classifier.evaluate(bars('light'))).accuracy).toBe(1);
  });

  it('of a part of the model’s are its', async () => {
    const model = await trained(bars('light', undefined, ['upright', 'lying']), 40, ['slanted', 'lying', 'upright']);
    const { accuracy, confusion } = await model.evaluate(bars('light'));
    expect(accuracy).toBe(1);
    expect(confusion).toEqual([
      [0, 0, 0],
      [0, 6, 0],
      [0, 0, 6],
    ]);
  });

  it('that the model does not know are refused', async () => {
    const classifier = await trained(bars('light'));
    const others = bars('light', undefined, ['upright', 'slanted']);
    await expect(classifier.evaluate(others)).rejects.toThrow(UsageError);
    await expect(classifier.evaluate(others)).rejects.toThrow(/'bars' has the classes 2 \(\['upright', 'slanted'\]\)/);
    expect(() => classifier.fit(others, { steps: 1 })).toThrow(/make the model with `classes` of the data set/);
    expect(() => classifier.fit(bars('light'), { steps: 1, validation: others })).toThrow(UsageError);
  });

  it('get their names from the data set where the model only counts them, for good', async () => {
    const classifier = await trained(bars('light'), 40, 2);
    expect(classifier.model.classes).toEqual(['upright', 'lying']);
    expect((await classifier.predict(bars('light')))[1]?.label).toBe('lying');
    expect((await classifier.evaluate(relabelled)).accuracy).toBe(1);
    await expect(classifier.evaluate(bars('light', undefined, ['a', 'b']))).rejects.toThrow(UsageError);
    const again = await loadClassifier(await classifier.save(), { backend: 'cpu' });
    opened.push(again);
    expect(again.model.classes).toEqual(['upright', 'lying']);
  });
});
