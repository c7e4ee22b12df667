/** `session.evaluate`: a whole set in chunks, with a tail, is what one big run gives. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  argMax,
  matmul,
  mul,
  placeholder,
  reduceMax,
  reduceMean,
  reshape,
  truncatedNormal,
  variable,
} from '../../src/index.ts';
import { createSession } from '../../src/node.ts';
import type { Session } from '../../src/session/session.ts';
import { backends, CLASSES, collect, columns, FEATURES, keepDevice, program, smallSet } from './programs.ts';

keepDevice();
const ROWS = 10_000;
const set = smallSet(ROWS, 'large');
const data = columns(set);

describe.each(backends)('evaluate on %s', (backend) => {
  let session: Session;
  const { x, y, y_, W, step, accuracy } = program();
  const predicted = argMax(y, 1);
  const perClass = reduceMean(y, { axis: 0 });
  const fetch = { accuracy, rows: { y, predicted }, perClass, most: reduceMax(y_) };
  beforeAll(async () => {
    session = await createSession({ backend, seed: 3 });
    await collect(session.train(step, { steps: 1, batchSize: 2, data, feeds: { rate: 0.05 } }));
  });
  afterAll(() => session.dispose());

  it.each([1000, 777, 9999, ROWS, 20_000, undefined])('in chunks of %s', async (batchSize) => {
    const whole = await session.run(fetch, data);
    const chunked = await session.evaluate({ data, batchSize, fetch });
    expect(whole.accuracy).toBeGreaterThan(0.3);
    expect(whole.accuracy).toBeLessThan(1);
    expect(chunked.accuracy).toBeCloseTo(whole.accuracy, 6);
    expect(chunked.rows.predicted).toEqual(whole.rows.predicted);
    expect(chunked.rows.predicted).toMatchObject({ shape: [ROWS], dtype: 'int32' });
    expect(chunked.rows.y.shape).toEqual([ROWS, CLASSES]);
    const off = [...chunked.rows.y.data].map((value, i) => Math.abs(value - (whole.rows.y.data[i] ?? NaN)));
    expect(off.findIndex((difference) => !(difference < 1e-6))).toBe(-1);
    expect(chunked.perClass.shape).toEqual([CLASSES]);
    chunked.perClass.data.forEach((value, i) => expect(value).toBeCloseTo(whole.perClass.data[i] ?? NaN, 5));
    expect(chunked.most).toBeCloseTo(1, 6);
  });

  it('in order: the rows are those of the set', async () => {
    const { ids } = await session.evaluate({ data: { y_: set.labels }, batchSize: 777, fetch: { ids: argMax(y_, 1) } });
    expect([...ids.data]).toEqual([...set.labels.values]);
  });

  it('what a graph makes several rows of, too', async () => {
    const fetch = { flat: reshape(y_, [-1]) };
    const { flat } = await session.evaluate({ data: { y_: set.labels }, batchSize: 3333, fetch });
    expect(flat.shape).toEqual([ROWS * CLASSES]);
    expect([...flat.data].reduce((sum, value) => sum + value)).toBe(ROWS);
  });

  it('with other feeds, by name or by placeholder', async () => {
    const scale = placeholder('scale', []);
    const mean = mul(reduceMean(matmul(x, W)), scale);
    const by = async (feeds: Parameters<typeof session.evaluate>[0]['feeds']) =>
      (await session.evaluate({ data: { x: set.images }, feeds, fetch: { mean } })).mean;
    const one = await by({ scale: 1 });
    expect(await by(new Map([[scale, 3]]))).toBeCloseTo(3 * one, 5);
    expect(one).not.toBe(0);
  });

  it('neither trains nor counts', async () => {
    const before = await session.get(W);
    await session.evaluate({ data, fetch });
    expect(session.step).toBe(1);
    expect(await session.get(W)).toEqual(before);
  });

  it('a variable is what it is, however many chunks', async () => {
    const v = variable('v', truncatedNormal([FEATURES]));
    const fetch = { v, dot: reduceMean(mul(x, v)) };
    const { v: value } = await session.evaluate({ data: { x: set.images }, batchSize: 4000, fetch });
    const { data: expected } = await session.get(v);
    value.data.forEach((element, i) => expect(element).toBeCloseTo(expected[i] ?? NaN, 6));
  });
});
