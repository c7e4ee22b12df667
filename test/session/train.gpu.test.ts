/** `session.train`: refusals at the call, start, reports, pauses and end, and the session's state at a report. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Dataset } from '../../src/data/index.ts';
import {
  add,
  assign,
  gradientDescent,
  matmul,
  neg,
  placeholder,
  reduceMean,
  reduceSum,
  UsageError,
  variable,
  zeros,
  type Operation,
} from '../../src/index.ts';
import { createSession } from '../../src/node.ts';
import type { Session } from '../../src/session/session.ts';
import type { TrainOptions } from '../../src/session/train.ts';
import { backends, bits, collect, columns, keepDevice, program, rejection, rowsOf, smallSet } from './programs.ts';

const set = smallSet();
/** As `loadMnist({ validation: 0 })` leaves of the validation set. */
const none = new Dataset({
  name: 'none',
  features: new Uint8Array(),
  labels: new Int32Array(),
  classes: ['a'],
  shape: [12],
});
const data = columns(set);

keepDevice();

describe.each(backends)('train on %s', (backend) => {
  let session: Session;
  const { x, W, b, loss, step, accuracy } = program();
  const weights = (of = session) => bits(of, W, b);
  beforeEach(async () => {
    session = await createSession({ backend });
  });
  afterEach(() => session.dispose());

  const options = { steps: 10, batchSize: 7, data, feeds: { rate: 0.1 }, stepsPerSubmit: 3 };
  const train = (more: Partial<TrainOptions<{ loss: typeof loss }>> = {}) =>
    session.train(step, { ...options, fetch: { loss }, ...more });
  /** The weights after `steps` steps of an undisturbed run. */
  async function weightsAfter(steps: number): Promise<number[]> {
    const other = await createSession({ backend });
    await collect(other.train(step, { ...options, steps }));
    const values = await weights(other);
    other.dispose();
    return values;
  }

  describe('refuses at the call', () => {
    const counts = [0, -1, NaN, 1.5, Infinity, '5'].map((count) => ({
      count,
      shown: typeof count === 'string' ? `'${count}'` : count,
    }));
    it.each(counts)('steps, batchSize, every of $count', ({ count, shown }) => {
      for (const option of ['steps', 'batchSize', 'every'] as const) {
        const call = () => train({ [option]: count });
        expect(call).toThrow(UsageError);
        expect(call).toThrow(new RegExp(`\`${option}\` is ${shown}; give a whole number from 1 (?:on|to \\d+.*)\\.$`));
      }
    });

    it('a batch larger than the set', () => {
      expect(() => train({ batchSize: 61 })).toThrow(
        '`batchSize` is 61; give a whole number from 1 to 60 (the data set has 60 rows).',
      );
    });

    it.each([
      ['no data', {}, /`data` is empty; give columns/],
      ['columns of two sets', { x: set.images, y_: smallSet(60, 'other').labels }, /'small images' and 'other labels' are columns of different data sets; give/],
      ['a set without rows', { x: none.images }, /^train: 'none images' has no rows; give/],
      ['arrays as data', { x: Float32Array.of(1), y_: set.labels }, /takes columns only; give .* as `feeds`\.$/],
    ])('%s', (_, wrong, message) => {
      const call = () => train({ data: wrong as never });
      expect(call).toThrow(UsageError);
      expect(call).toThrow(message);
    }); // prettier-ignore

    it('an operation that is not a training step', () => {
      for (const wrong of [loss, assign(W, add(W, 1)), undefined]) {
        expect(() => session.train(wrong as Operation, options)).toThrow(
          /the first argument is .*; give a training step: the result of an optimizer's minimize/,
        );
      }
    });

    it('feeds that are missing, unknown or do not fit', () => {
      expect(() => train({ feeds: {} })).toThrow("Placeholder 'rate' [] has no value; feed it, e.g. { rate: … }.");
      expect(() => train({ feeds: { rate: 0.1, no: 1 } })).toThrow(
        /Unknown feed 'no': .* the placeholders 'y_', 'x', 'rate'/,
      );
      expect(() => train({ feeds: { rate: [0.1] } })).toThrow(/expects shape \[\]; it was fed \[1\]/);
      expect(() => train({ feeds: { rate: NaN } })).toThrow(/'rate' was fed NaN/);
      expect(() => train({ data: { x: set.labels, y_: set.labels } })).toThrow(
        /'x' \[null, 12\] .* does not take 'small labels'/,
      );
    });
  });

  describe('begins', () => {
    it('at the first next(), not at the call', async () => {
      const run = train();
      await session.run(accuracy, { x: set.images, y_: set.labels });
      expect(session.step).toBe(0);
      const { value } = await run.next();
      expect(value?.step).toBeGreaterThan(0);
      await run.return?.();
    });

    it('once at a time', async () => {
      const run = train({ every: 1 });
      await run.next();
      const second = train();
      expect(await rejection(second.next())).toMatchObject({
        code: 'usage',
        message: expect.stringMatching(/training already; end that run first/) as string,
      });
      expect(await run.next()).toMatchObject({ value: { step: 2 } });
      await run.return?.();
      expect(await collect(train({ every: 5 }))).toMatchObject([{ step: 7 }, { step: 12 }]);
    });

    it('and is iterated once', async () => {
      const run = train();
      await collect(run);
      expect(await rejection(collect(run))).toMatchObject({
        code: 'usage',
        message: expect.stringMatching(/once; call train\(\) again/) as string,
      });
    });
  });

  describe('reports', () => {
    it('at n, 2n, … and at the last step', async () => {
      const steps = async (more: Partial<TrainOptions<{ loss: typeof loss }>>) =>
        (await collect(train(more))).map((report) => report.step);
      expect(await steps({ every: 4 })).toEqual([4, 8, 10]);
      expect(await steps({ every: 100 })).toEqual([20]);
      expect(await steps({ every: 1, steps: 3 })).toEqual([21, 22, 23]);
      expect((await steps({})).at(-1)).toBe(33);
    });

    it('step, steps, epoch, seconds and speed', async () => {
      const reports = await collect(train({ every: 5, steps: 20 }));
      expect(reports.map(({ step, steps, epoch }) => [step, steps, epoch])).toEqual([
        [5, 20, 0], [10, 20, 1], [15, 20, 1], [20, 20, 2],
      ]); // prettier-ignore
      for (const { seconds, stepsPerSecond } of reports) {
        expect(seconds).toBeGreaterThan(0);
        expect(stepsPerSecond).toBeGreaterThan(0);
        expect(stepsPerSecond).toBeLessThan(Infinity);
      }
      expect(reports.map(({ seconds }) => seconds)).toEqual(
        [...reports.map(({ seconds }) => seconds)].sort((p, q) => p - q),
      );
    });

    it('values of that very step, from before its update', async () => {
      const every1 = (await collect(train({ every: 1 }))).map(({ values }) => values.loss);
      expect(every1[0]).toBeCloseTo(7 * Math.log(3), 5);
      await session.reset();
      const every4 = (await collect(train({ every: 4 }))).map(({ values }) => values.loss);
      expect(every4).toEqual([every1[3], every1[7], every1[9]]);
    });

    it('with the session standing exactly at the step', async () => {
      for await (const report of train({ every: 4 })) {
        expect(session.step).toBe(report.step);
        const then = await weights();
        await new Promise((resolve) => setTimeout(resolve, 30));
        expect(session.step).toBe(report.step);
        expect(await weights()).toEqual(then);
        expect(then).toEqual(await weightsAfter(report.step));
      }
    });
  });

  describe('answers others at a step boundary', () => {
    it('while it runs', async () => {
      const boundaries = new Map([[0, await weights()]]);
      for await (const { step } of train({ every: 1 })) boundaries.set(step, await weights());
      await session.reset();
      const run = train({ every: 10 });
      const report = run.next();
      const seen = new Set<number>();
      let reported = false;
      void report.then(() => (reported = true));
      while (!reported) {
        const [value, rate] = await Promise.all([
          weights(),
          session.run(reduceMean(W)),
          session.evaluate({ data, fetch: { accuracy } }),
        ]);
        expect(rate).toBeTypeOf('number');
        const at = [...boundaries].find(([, then]) => then.join() === value.join());
        expect(at).toBeDefined();
        seen.add(at?.[0] ?? NaN);
      }
      expect(seen.size).toBeGreaterThan(1);
      expect(await weights()).toEqual(boundaries.get(10));
      expect(await report).toMatchObject({ done: false, value: { step: 10 } });
    });

    it('while it is paused, and continues unchanged', async () => {
      const run = train({ every: 5 });
      await run.next();
      expect((await session.evaluate({ data, batchSize: 9, fetch: { accuracy } })).accuracy).toBeLessThanOrEqual(1);
      expect(await session.run(accuracy, { x: set.images, y_: set.labels })).toBeLessThanOrEqual(1);
      expect(await weights()).toEqual(await weightsAfter(5));
      await run.next();
      expect(await weights()).toEqual(await weightsAfter(10));
    });

    it('while it is paused, though more plans are loaded than are kept', async () => {
      const run = train({ every: 5 });
      await run.next();
      for (let rows = 1; rows <= 40; rows++) await session.run(reduceSum(x), { x: rowsOf(set, 0, rows).x });
      await run.next();
      expect(await weights()).toEqual(await weightsAfter(10));
    });

    it('set, in the middle, affects the following steps', async () => {
      const run = train({ every: 5 });
      await run.next();
      await session.set(b, [1, 2, 3]);
      expect([...(await session.get(b)).data]).toEqual([1, 2, 3]);
      await run.next();
      expect(await weights()).not.toEqual(await weightsAfter(10));
    });
  });

  describe('awaited', () => {
    it('runs to the end, and gives all reports in columns', async () => {
      const history = await train({ every: 3 });
      expect(session.step).toBe(10);
      expect(await weights()).toEqual(await weightsAfter(10));
      const other = await createSession({ backend });
      const reports = await collect(other.train(step, { ...options, fetch: { loss }, every: 3 }));
      other.dispose();
      expect(history).toMatchObject({
        step: [3, 6, 9, 10],
        epoch: reports.map(({ epoch }) => epoch),
        values: { loss: reports.map(({ values }) => values.loss) },
      });
      expect([history.seconds, history.stepsPerSecond].map(({ length }) => length)).toEqual([4, 4]);
    });

    it('twice is the same run; it is iterated no more', async () => {
      const run = train();
      expect(await run).toBe(await run);
      expect(session.step).toBe(10);
      expect(() => run[Symbol.asyncIterator]()).toThrow(/iterated once; call train\(\) again/);
    });

    it('while a loop iterates it, or after: the history of that one run', async () => {
      const run = train({ every: 4 });
      const reports = collect(run);
      expect((await run).step).toEqual([4, 8, 10]);
      expect(await reports).toHaveLength(3);
      expect((await run).step).toEqual([4, 8, 10]);
      const broken = train({ every: 4 });
      for await (const _ of broken) break;
      expect((await broken).step).toEqual([14]);
      expect(session.step).toBe(14);
    });

    it('goes on where next() was called by hand', async () => {
      const run = train({ every: 4 });
      await run.next();
      expect((await run).step).toEqual([4, 8, 10]);
    });

    it('has catch and finally, and gives the error that ended it', async () => {
      const seen: unknown[] = [];
      expect((await train().finally(() => seen.push('settled'))).step.at(-1)).toBe(10);
      const reason = new Error('no');
      const aborted = train({ signal: AbortSignal.abort(reason) });
      expect(await aborted.catch((error: unknown) => error)).toBe(reason);
      expect(await rejection(Promise.resolve(aborted))).toBe(reason);
      expect(await rejection(Promise.resolve(aborted.finally(() => seen.push('settled'))))).toBe(reason);
      expect(seen).toEqual(['settled', 'settled']);
      // One that only a loop meets is not reported again.
      expect(await rejection(collect(train({ signal: AbortSignal.abort(reason) })))).toBe(reason);
    });
  });

  describe('ends', () => {
    const finite = async () => (await session.get(W)).data.every((value) => Number.isFinite(value));

    it('by break, and a new run goes on from there', async () => {
      for await (const { step } of train({ every: 3 })) if (step === 6) break;
      expect(session.step).toBe(6);
      expect(await weights()).toEqual(await weightsAfter(6));
      await collect(train({ steps: 4 }));
      expect(await weights()).toEqual(await weightsAfter(10));
    });

    it('by a throw in the body', async () => {
      const run = async () => {
        for await (const { step } of train({ every: 3 })) if (step === 6) throw new Error('enough');
      };
      expect(await rejection(run)).toMatchObject({ message: 'enough' });
      expect(session.step).toBe(6);
      expect((await collect(train({ steps: 1 })))[0]?.step).toBe(7);
    });

    it('by return() and throw(), before it began too', async () => {
      const run = train({ every: 1 });
      expect(await run.return?.()).toEqual({ done: true, value: undefined });
      expect(await run.next()).toEqual({ done: true, value: undefined });
      const other = train({ every: 1 });
      await other.next();
      expect(await rejection(async () => other.throw?.(new Error('enough')))).toMatchObject({ message: 'enough' });
      expect(await other.next()).toEqual({ done: true, value: undefined });
      expect(session.step).toBe(1);
    });

    it('by a signal aborted before', async () => {
      const reason = new Error('no');
      const run = train({ signal: AbortSignal.abort(reason) });
      expect(await rejection(run.next())).toBe(reason);
      expect(await run.next()).toEqual({ done: true, value: undefined });
      expect(session.step).toBe(0);
    });

    it('by a signal aborted while it runs', async () => {
      const abort = new AbortController();
      const run = train({ steps: 100_000, every: 100_000, signal: abort.signal });
      const report = run.next();
      while (session.step < 20) await new Promise((resolve) => setTimeout(resolve, 5));
      abort.abort();
      expect(await rejection(report)).toBe(abort.signal.reason);
      const { step } = session;
      expect(step).toBeGreaterThanOrEqual(20);
      expect(step).toBeLessThan(100_000);
      expect(await finite()).toBe(true);
      expect(await weights()).toEqual(await weightsAfter(step));
    });

    it('by a signal aborted at a report; not if that was the last', async () => {
      const abort = new AbortController();
      const reports: number[] = [];
      const run = async () => {
        for await (const { step } of train({ every: 5, signal: abort.signal })) {
          reports.push(step);
          abort.abort(new Error('stop'));
        }
      };
      expect(await rejection(run)).toMatchObject({ message: 'stop' });
      expect(reports).toEqual([5]);
      const last = new AbortController();
      for await (const _ of train({ every: 10, signal: last.signal })) last.abort();
    });

    it('by dispose', async () => {
      const run = train({ steps: 100_000, every: 100_000 });
      const report = run.next();
      while (session.step < 20) await new Promise((resolve) => setTimeout(resolve, 5));
      session.dispose();
      expect(await rejection(report)).toBeInstanceOf(UsageError);
      expect(await run.next()).toEqual({ done: true, value: undefined });
    });

    it('by dispose at a report', async () => {
      const run = train({ every: 1 });
      await run.next();
      session.dispose();
      expect(await rejection(run.next())).toMatchObject({ code: 'usage' });
    });
  });

  describe('goes on from the counters', () => {
    it('over epochs: a batch may straddle two, each row is drawn once an epoch', async () => {
      // Each row is a unit vector, so that the gradient of `drawn` counts how often each was drawn.
      const eye = Float32Array.from({ length: 100 }, (_, i) => Number(i % 11 === 0));
      const few = Dataset.from({ features: eye, labels: Array.from({ length: 10 }, () => 0), classes: 2 });
      const rows = placeholder('rows', [null, 10]);
      const drawn = variable('drawn', zeros([10, 1]));
      const count = gradientDescent(1).minimize(neg(reduceSum(matmul(rows, drawn))));
      const take = (steps: number) =>
        collect(session.train(count, { steps, batchSize: 4, data: { rows: few.images } }));
      const counts = async () => [...(await session.get(drawn)).data];
      expect(await take(2)).toMatchObject([{ epoch: 0 }]);
      expect((await counts()).sort()).toEqual([0, 0, 1, 1, 1, 1, 1, 1, 1, 1]);
      expect(await take(1)).toMatchObject([{ epoch: 1 }]);
      expect((await counts()).sort()).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 2, 2]);
      expect(await take(2)).toMatchObject([{ epoch: 2, step: 5 }]);
      expect(await counts()).toEqual(Array.from({ length: 10 }, () => 2));
    });

    it('in order where it is not to shuffle', async () => {
      const run = (shuffle: boolean) => collect(train({ every: 1, steps: 9, batchSize: 20, shuffle }));
      const values = (await run(false)).map(({ values }) => values.loss);
      await session.reset();
      const batches: number[] = [];
      for (let i = 0; i < 9; i++) {
        const from = (20 * i) % 60;
        const [batch] = await session.run([loss, step], { ...rowsOf(set, from, from + 20), rate: 0.1 });
        batches.push(batch);
      }
      values.forEach((value, i) => expect(value).toBeCloseTo(batches[i] ?? NaN, 4));
      await session.reset();
      expect((await run(true)).map(({ values }) => values.loss)).not.toEqual(values);
    });
  });

  it('holds feeds constant: a rate of 0 learns nothing, another rate another way', async () => {
    await collect(train({ feeds: new Map([['rate', 0]]) }));
    expect((await session.get(W)).data.every((value) => value === 0)).toBe(true);
    await session.reset();
    const feeds = { rate: 0.1 };
    const run = train({ every: 5, feeds });
    await run.next();
    feeds.rate = 0;
    await session.run(step, { ...data, rate: 0 });
    await run.next();
    expect(await weights()).toEqual(await weightsAfter(10));
  });
});
