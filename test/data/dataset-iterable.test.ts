/**
 * `Dataset.fromIterable`: rows that come one by one.
 */
import { describe, expect, it } from 'vitest';
import { Dataset, type IterableRow } from '../../src/data/index.ts';
import { DataError, UsageError } from '../../src/errors.ts';

const rows: readonly IterableRow[] = [
  { features: [1, 2], label: 'dog' },
  { features: Float32Array.of(3, 4), label: 'cat' },
  { features: [[5], [6]], label: 'dog' },
];

async function* slowly<T>(all: readonly T[]): AsyncGenerator<T> {
  for (const one of all) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    yield one;
  }
}

describe('Dataset.fromIterable', () => {
  it('reads lists, generators and async generators alike', async () => {
    const seen: number[] = [];
    for (const source of [rows, new Set(rows), rows.values(), slowly(rows)]) {
      const set = await Dataset.fromIterable(source, { onProgress: ({ rows }) => seen.push(rows) });
      expect(set).toMatchObject({ size: 3, imageShape: [2], classes: ['cat', 'dog'], name: 'dataset' });
      expect(set.images.values).toEqual(Float32Array.of(1, 2, 3, 4, 5, 6));
      expect(set.labels.values).toEqual(Int32Array.of(1, 0, 1));
    }
    expect(seen).toEqual([1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3]);
  });

  it('takes ids, BigInts and targets; bytes stay bytes; more rows than it had room for', async () => {
    function* bytes(): Generator<IterableRow> {
      const features = new Uint8Array(4);
      for (let i = 0; i < 200; i++) yield { features: features.fill(i), label: i % 2 ? 1n : 3n };
    }
    const set = await Dataset.fromIterable(bytes(), {
      shape: [2, 2, 1],
      classes: ['a', 'b', 'c', 'd'],
      name: 'stream',
    });
    expect(set).toMatchObject({ size: 200, imageShape: [2, 2, 1], classes: ['a', 'b', 'c', 'd'], name: 'stream' });
    expect(set.images.format).toBe('uint8');
    expect(set.images.values).toEqual(Uint8Array.from({ length: 800 }, (_, i) => i >> 2));
    expect([set.label(198), set.label(199)]).toEqual([3, 1]);
    const targets = await Dataset.fromIterable([0, 1].map((i) => ({ features: [i], target: [i / 2, -i] })));
    expect([targets.classes, [...targets.labels.row(1)]]).toEqual([[], [0.5, -1]]);
    const single = await Dataset.fromIterable([{ features: 1, target: 2.5 }]);
    expect([single.imageShape, [...single.labels.values]]).toEqual([[1], [2.5]]);
  });

  const faults: [string, readonly unknown[], string][] = [
    ['no rows', [], "'dataset' has no rows."],
    ['lengths', [{ features: [1], label: 0 }, { features: [1, 2], label: 0 }], "'dataset', row 1, features: 2 values do not make a row of 1."],
    ['NaN', [{ features: [1], label: 0 }, { features: [NaN], label: 0 }], "'dataset', row 1, column 0: the feature is NaN"],
    ['texts', [{ features: ['1'], label: 0 }], "'dataset', row 0, features: found '1' where"],
    ['bytes beside floats', [{ features: [1], label: 0 }, { features: Uint8Array.of(1), label: 0 }], 'row 1, features: bytes and other numbers'],
    ['no label', [{ features: [1] }], "'dataset', row 0 is an Object. Give { features, label }"],
    ['a label and a target', [{ features: [1], label: 0, target: 0 }], "'dataset', row 0 is an Object."],
    ['something else', [3], "'dataset', row 0 is 3."],
    ['labels of two kinds', [{ features: [1], label: 0 }, { features: [1], label: 'a' }], "'dataset', row 1 has a label (string), the rows before a label (number)."],
    ['targets beside labels', [{ features: [1], label: 0 }, { features: [1], target: 0 }], "'dataset', row 1 has a target, the rows before a label (number)."],
    ['targets of two lengths', [{ features: [1], target: [1] }, { features: [1], target: [1, 2] }], 'row 1, target: 2 values do not make a row of 1'],
    ['a fraction', [{ features: [1], label: 0.5 }], "'dataset', row 0: the label is 0.5,"],
  ]; // prettier-ignore
  it.each(faults)('refuses %s', async (_, source, message) => {
    const failed = Dataset.fromIterable(source as readonly IterableRow[]);
    await expect(failed).rejects.toThrow(DataError);
    await expect(failed).rejects.toThrow(message);
  });

  it('refuses sources that are not iterable, and options that make no sense', async () => {
    for (const source of [undefined, 3, {}, 'text', Promise.resolve(rows)])
      await expect(Dataset.fromIterable(source as never)).rejects.toThrow(UsageError);
    for (const options of [
      null,
      { shape: [0] },
      { shape: 2 },
      { name: '' },
      { signal: 1 },
      { onProgress: 1 },
      { classes: {} },
    ])
      await expect(Dataset.fromIterable(rows, options as never)).rejects.toThrow(UsageError);
    await expect(Dataset.fromIterable([{ features: [1], target: 1 }], { classes: 2 })).rejects.toThrow(UsageError);
  });

  it('ends at an abort, also while a row is awaited, and closes the source', async () => {
    const reason = new Error('enough');
    const stop = new AbortController();
    let closed = false;
    const hanging: AsyncIterable<IterableRow> = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => undefined),
        return: () => ((closed = true), new Promise(() => undefined)),
      }),
    };
    const reading = Dataset.fromIterable(hanging, { signal: stop.signal });
    setTimeout(() => stop.abort(reason), 5);
    await expect(reading).rejects.toBe(reason);
    expect(closed).toBe(true);
    await expect(Dataset.fromIterable(rows, { signal: stop.signal })).rejects.toBe(reason);
  });

  it('passes on an error of the source or of onProgress, and closes the source at a bad row', async () => {
    const own = new Error('disk');
    // eslint-disable-next-line require-yield
    const broken = function* (): Generator<IterableRow> {
      throw own;
    };
    await expect(Dataset.fromIterable(broken())).rejects.toBe(own);
    let closed = false;
    const source = (function* (): Generator<IterableRow> {
      try {
        yield { features: [1], label: 0 };
        yield { features: [], label: 0 };
        throw new Error('read on');
      } finally {
        closed = true;
      }
    })();
    await expect(Dataset.fromIterable(source)).rejects.toThrow(DataError);
    expect(closed).toBe(true);
    const onProgress = (): void => {
      throw own;
    };
    await expect(Dataset.fromIterable(rows, { onProgress })).rejects.toBe(own);
  });

  it('lets other work run in between', async () => {
    const endless = (function* (): Generator<IterableRow> {
      for (;;) yield { features: [1], label: 0 };
    })();
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error('in time')), 30);
    await expect(Dataset.fromIterable(endless, { signal: stop.signal })).rejects.toThrow('in time');
  });
});
