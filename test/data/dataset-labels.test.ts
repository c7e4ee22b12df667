/**
 * Labels of `Dataset.from` in every form, and float targets.
 */
import { describe, expect, it } from 'vitest';
import { Dataset, type DatasetOptions } from '../../src/data/index.ts';
import { DataError, UsageError } from '../../src/errors.ts';
import { createClassifier, dense, sequential } from '../../src/layers/index.ts';

const features = [[0, 1], [2, 3], [4, 5]]; // prettier-ignore
const from = (labels: unknown, more: object = {}): Dataset =>
  Dataset.from({ features, labels, ...more, name: 'mine' } as DatasetOptions);
const idsOf = ({ labels }: Dataset): number[] => Array.from(labels.values);

describe('labels', () => {
  it('are read as BigInts, in typed arrays and in lists', () => {
    for (const labels of [BigInt64Array.of(2n, 0n, 1n), BigUint64Array.of(2n, 0n, 1n), [2n, 0n, 1n]]) {
      const set = from(labels);
      expect([idsOf(set), set.classes]).toEqual([
        [2, 0, 1],
        ['0', '1', '2'],
      ]);
    }
    for (const label of [2n ** 53n + 1n, 2n ** 63n - 1n, -1n, -(2n ** 63n)])
      expect(() => from(BigInt64Array.of(0n, label, 1n))).toThrow(/'mine', row 1: the label is -?\d+, .*class ids/);
    expect(() => from([0n, 1, 2])).toThrow(DataError);
  });

  it('are read as names, whose classes are sorted unless they are given', () => {
    const set = from(['dog', 'cat', 'dog']);
    expect([set.classes, idsOf(set)]).toEqual([['cat', 'dog'], [1, 0, 1]]); // prettier-ignore
    const given = from(['dog', 'cat', 'dog'], { classes: ['dog', 'bird', 'cat'] });
    expect([given.classes, idsOf(given)]).toEqual([['dog', 'bird', 'cat'], [0, 2, 0]]); // prettier-ignore
    expect(from(['b', 'a', 'b'], { classes: 2 }).classes).toEqual(['a', 'b']);
    expect(() => from(['dog', 'cow', 'dog'], { classes: ['dog', 'cat'] })).toThrow(
      "'mine', row 1: the label 'cow' is not one of the 2 classes. Correct the label, or add it to 'classes'.",
    );
    expect(() => from(['b', 'a', 'b'], { classes: 3 })).toThrow("'mine' has labels of 2 classes, not 3.");
    expect(() => from(['dog', 1, 'dog'])).toThrow(/labels: found 'dog' where a number was expected/);
    expect(() => from(['dog', 'cat'])).toThrow(/6 features and 2 labels/);
    expect(() => from(['a', 'b', 'c'], { classes: {} })).toThrow(UsageError);
  });

  it('are read as one-hot rows, nested, as an NDArray, and flat where the features tell the rows', () => {
    const data = Float32Array.of(0, 0, 1, 1, 0, 0, 0, 1, 0);
    const rows = [data.subarray(0, 3), data.subarray(3, 6), data.subarray(6)];
    const array = { data, shape: [3, 3], dtype: 'float32' };
    for (const labels of [rows, rows.map((row) => [...row]), array, data, [...data]]) {
      const set = from(labels);
      expect([idsOf(set), set.classes]).toEqual([
        [2, 0, 1],
        ['0', '1', '2'],
      ]);
    }
    const named = Dataset.from({ features: new Uint8Array(6), shape: [2], labels: data, classes: ['a', 'b', 'c'] });
    expect([idsOf(named), named.classes]).toEqual([[2, 0, 1], ['a', 'b', 'c']]); // prettier-ignore
    expect(idsOf(from([[2], [0], [1]]))).toEqual([2, 0, 1]);
    expect(() => from(rows, { classes: ['a', 'b'] })).toThrow("'mine' has labels of 3 classes, not 2.");
  });

  it.each([
    [0, 0],
    [1, 1],
    [0.5, 0.5],
    [1, 2],
    [NaN, 1],
  ])('refuse [%s, %s] for a one-hot row', (a, b) => {
    expect(() => from([[1, 0], [a, b], [0, 1]])).toThrow(DataError); // prettier-ignore
    expect(() => from([[1, 0], [a, b], [0, 1]])).toThrow(`'mine', row 1: the label is [${a}, ${b}], but rows`); // prettier-ignore
  });
});

describe('targets', () => {
  const targets = [[0.5, -1], [2, 0], [1e6, 3]]; // prettier-ignore
  const set = Dataset.from({ features, targets, name: 'mine' });

  it('are a float column, in place of classes', () => {
    expect(set).toMatchObject({ size: 3, imageShape: [2], classes: [] });
    expect(set.labels).toMatchObject({ format: 'float32', rows: 3, rowSize: 2, classes: 0, shape: [3, 2] });
    expect(set.labels.values).toEqual(Float32Array.of(0.5, -1, 2, 0, 1e6, 3));
    expect(set.labels.row(1)).toEqual(Float32Array.of(2, 0));
    expect(String(set)).toBe("Dataset('mine', size=3, imageShape=[2], targets=2)");
    expect(set.nextBatch(2).labels.shape).toEqual([2, 2]);
    expect(Dataset.from({ features, targets: [1, 2, 3] }).labels.shape).toEqual([3, 1]);
    expect(Dataset.from({ features, targets: Float32Array.from(targets.flat()) }).labels.values).toEqual(
      set.labels.values,
    );
    // Bytes are numbers here, not pixels.
    expect([...Dataset.from({ features, targets: Uint8Array.of(1, 0, 1) }).labels.row(0)]).toEqual([1]);
  });

  it('go with their rows', () => {
    const shuffled = set.shuffle(3);
    for (let i = 0; i < 3; i++)
      expect([...shuffled.labels.row(i)]).toEqual(
        targets[features.findIndex(([x]) => x === shuffled.images.row(i)[0])],
      );
    const [first, rest] = set.split(1);
    expect([first.labels.row(0), rest.labels.row(1)]).toEqual([Float32Array.of(0.5, -1), Float32Array.of(1e6, 3)]);
  });

  it('are refused where classes are needed, and where they do not fit', async () => {
    expect(() => set.label(0)).toThrow(new UsageError("label(i): 'mine' has targets, not classes. Use labels.row(i)."));
    expect(() => set.split(1, { stratify: true })).toThrow(/'mine' has targets, not classes/);
    const model = sequential({ input: [2], classes: 2, layers: [dense({ units: 2 })] });
    const classifier = await createClassifier(model, { optimizer: 'sgd', backend: 'cpu' });
    expect(() => classifier.fit(set, { steps: 1 })).toThrow(/fit: 'mine' has targets, not classes/);
    await expect(classifier.evaluate(set)).rejects.toThrow(/'mine' has targets, not classes/);
    await expect(classifier.predict(set)).resolves.toHaveLength(3);
    classifier.dispose();
    const wrong = (options: object) => () => Dataset.from({ features, name: 'mine', ...options } as never);
    expect(wrong({ targets: [1, NaN, 3] })).toThrow("'mine', row 1, column 0: the target is NaN as float32.");
    expect(wrong({ targets: [1, 2] })).toThrow('6 features and 2 rows of targets');
    expect(wrong({ targets, labels: [0, 1, 0] })).toThrow(UsageError);
    expect(wrong({ targets, classes: ['a'] })).toThrow(UsageError);
    expect(wrong({})).toThrow(DataError);
  });
});
