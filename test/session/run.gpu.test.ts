/** `session.run`, `get`, `set`, `reset`: forms of fetches and feeds, and effects in the order of the calls. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  add,
  argMax,
  assign,
  constant,
  greater,
  group,
  matmul,
  mul,
  placeholder,
  reduceMean,
  reduceSum,
  sub,
  truncatedNormal,
  variable,
} from '../../src/index.ts';
import { createSession } from '../../src/node.ts';
import type { Session } from '../../src/session/session.ts';
import { backends, bits, columns, FEATURES, keepDevice, program, rowsOf, smallSet } from './programs.ts';

keepDevice();

describe.each(backends)('run on %s', (backend) => {
  let session: Session;
  beforeEach(async () => {
    session = await createSession({ backend });
  });
  afterEach(() => session.dispose());

  const float = (shape: readonly number[], ...data: number[]) => ({
    data: Float32Array.from(data),
    shape,
    dtype: 'float32',
  });

  describe('fetches', () => {
    const v = variable('v', [[1, 2, 3]]);
    const total = reduceSum(v);
    const next = assign(v, mul(v, 2));

    it('a scalar is a number, anything else an array of its dtype, an operation undefined', async () => {
      expect(await session.run(total)).toBe(6);
      expect(await session.run(v)).toEqual(float([1, 3], 1, 2, 3));
      expect(await session.run(argMax(v, 1))).toEqual({ data: Int32Array.of(2), shape: [1], dtype: 'int32' });
      expect(await session.run(greater(v, 1))).toEqual({ data: Uint8Array.of(0, 1, 1), shape: [1, 3], dtype: 'bool' });
      expect(await session.run(next)).toBeUndefined();
      expect(await session.run(constant(5))).toBe(5);
    });

    it('results have the form of the fetches', async () => {
      expect(await session.run([total, [v, next], total])).toEqual([6, [float([1, 3], 1, 2, 3), undefined], 6]);
      expect(await session.run({ a: total, deep: { b: [v], next } })).toEqual({
        a: 12,
        deep: { b: [float([1, 3], 2, 4, 6)], next: undefined },
      });
      expect(await session.run([])).toEqual([]);
      expect(await session.run({})).toEqual({});
      expect(await session.run(group())).toBeUndefined();
    });

    it('tensors beside operations have the values from before them', async () => {
      const w = variable('w', [10, 20]);
      const swap = group(assign(v, mul(v, 10)), assign(w, add(w, total)));
      expect(await session.run([total, swap, reduceSum(w), total])).toEqual([6, undefined, 30, 6]);
      expect(await session.run([total, reduceSum(w)])).toEqual([60, 42]);
    });
  });

  describe('feeds', () => {
    const x = placeholder('x', [null, 2]);
    const scale = placeholder('scale', []);
    const out = mul(x, scale);
    const expected = float([2, 2], 2, 4, 6, 8);

    it.each([
      ['nested arrays', [[1, 2], [3, 4]]], // prettier-ignore
      ['a flat Float32Array', Float32Array.of(1, 2, 3, 4)],
      ['a Float64Array', Float64Array.of(1, 2, 3, 4)],
      ['an Int32Array', Int32Array.of(1, 2, 3, 4)],
      ['a part of a buffer', Float32Array.of(9, 1, 2, 3, 4).subarray(1)],
      ['an NDArray', { data: Float32Array.of(1, 2, 3, 4), shape: [2, 2], dtype: 'float32' as const }],
    ])('%s', async (_, value) => {
      expect(await session.run(out, { x: value, scale: 2 })).toEqual(expected);
    });

    it('by a map of placeholders and names', async () => {
      const feeds = new Map<typeof x | string, number | number[][]>([
        [x, [[1, 2], [3, 4]]], // prettier-ignore
        ['scale', 2],
      ]);
      expect(await session.run(out, feeds)).toEqual(expected);
    });

    it('whole columns of a data set, as rows and one-hot', async () => {
      const { loss, W } = program();
      const set = smallSet(9);
      await session.set(
        W,
        Float32Array.from({ length: FEATURES * 3 }, (_, i) => ((i * 5) % 7) / 7),
      );
      const fed = await session.run(loss, rowsOf(set, 0, 9));
      expect(await session.run(loss, columns(set))).toBe(fed);
      expect(fed).toBeGreaterThan(0);
    });

    it('are copied before the promise is returned', async () => {
      const value = Float32Array.of(1, 2, 3, 4);
      const nested = [[1, 2], [3, 4]]; // prettier-ignore
      const runs = [session.run(out, { x: value, scale: 2 }), session.run(out, { x: nested, scale: 2 })];
      value.fill(7);
      nested.forEach((row) => row.fill(7));
      expect(await Promise.all(runs)).toEqual([expected, expected]);
      const v = variable('v', [0, 0]);
      const set = Float32Array.of(1, 2);
      const setting = session.set(v, set);
      set.fill(7);
      await setting;
      expect(await session.get(v)).toEqual(float([2], 1, 2));
    });

    it('one graph takes batches of 1, 3 and 100, each time as the sizes are', async () => {
      const mean = reduceMean(sub(x, reduceMean(x, { axis: 0 })));
      const rows = reduceSum(matmul(x, constant([[1], [1]])), { axis: 1 });
      for (const batch of [1, 3, 100, 1]) {
        const value = Float32Array.from({ length: 2 * batch }, (_, i) => i % 5);
        const sums = Array.from({ length: batch }, (_, i) => ((2 * i) % 5) + ((2 * i + 1) % 5));
        const [zero, all] = await session.run([mean, rows], { x: value });
        expect(zero).toBeCloseTo(0, 6);
        expect(all).toEqual(float([batch], ...sums));
      }
    });

    it('are not needed by fetches that depend on none', async () => {
      const v = variable('v', truncatedNormal([3, 2]));
      expect(await session.run(v)).toEqual(await session.get(v));
      expect(await session.run(mul(constant([1, 2]), 3))).toEqual(float([2], 3, 6));
    });
  });

  describe('order', () => {
    const v = variable('v', [1, 1]);
    const w = variable('w', [5]);
    const by = placeholder('by', []);
    const grow = assign(v, add(v, by));
    const values = async (of = v) => [...(await session.get(of)).data];

    it('calls that nobody waits for take effect one after the other', async () => {
      const seen: Promise<unknown>[] = [];
      seen.push(session.run([v, grow], { by: 1 }), values());
      seen.push(session.run(grow, { by: 10 }), session.run(reduceSum(v)), values());
      seen.push(session.set(v, [100, 200]), values(), session.run(grow, { by: 1 }), values());
      seen.push(session.run(assign(w, constant([6]))), values(w), values(), session.reset(), values(), values(w));
      seen.push(session.run(grow, { by: 2 }), session.run(v));
      expect((await Promise.all(seen)).map((value) => (value as { data?: Float32Array } | undefined) ?? 'done')).toEqual([
        [float([2], 1, 1), undefined], [2, 2],
        'done', 24, [12, 12],
        'done', [100, 200], 'done', [101, 201],
        'done', [6], [101, 201], 'done', [1, 1], [5],
        'done', float([2], 3, 3),
      ]); // prettier-ignore
    });

    it('get gives the value at the time of the call, though updates of other plans follow at once', async () => {
      const before: Promise<unknown>[] = [];
      const updates: Promise<unknown>[] = [];
      const expected: number[][] = [];
      await session.run(grow, { by: 0 });
      for (let i = 0; i < 20; i++) {
        before.push(values());
        expected.push([1 + i, 1 + i]);
        updates.push(session.run(i % 2 ? grow : [grow, v], { by: 1 }));
      }
      expect(await Promise.all(before)).toEqual(expected);
      await Promise.all(updates); // The session is disposed after the test: what is pending then rejects.
    });

    it('steps that nobody waits for are those that one waits for', async () => {
      const set = smallSet();
      const { step, W, b } = program();
      const other = await createSession({ backend });
      const batches = Array.from({ length: 10 }, (_, i) => ({ ...rowsOf(set, 6 * i, 6 * i + 6), rate: 0.1 }));
      const runs = batches.map((batch) => session.run(step, batch));
      for (const batch of batches) await other.run(step, batch);
      await Promise.all(runs);
      expect(session.step).toBe(10);
      expect(await bits(session, W, b)).toEqual(await bits(other, W, b));
      other.dispose();
    });

    it('a variable added while others have moved keeps them', async () => {
      await session.run(grow, { by: 1 });
      const big = variable('big', truncatedNormal([40, 50]));
      await session.run(assign(big, mul(big, 2)));
      await session.run(grow, { by: 1 });
      await session.run(assign(w, add(w, 1)));
      expect([await values(), await values(w)]).toEqual([[3, 3], [6]]);
      expect((await session.get(big)).data.length).toBe(2000);
    });
  });
});
