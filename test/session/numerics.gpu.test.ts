/**
 * Non-finite values: at any step, the run ends with `NumericsError` that names step and tensor, the weights are bit for bit
 * those of the step before, and the session continues.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Dataset } from '../../src/data/index.ts';
import {
  abs,
  add,
  assign,
  clip,
  div,
  exp,
  flatten,
  floor,
  gelu,
  gradientDescent,
  leakyRelu,
  log,
  logSoftmax,
  maximum,
  maxPool2d,
  minimum,
  mul,
  NumericsError,
  placeholder,
  pow,
  reduceMax,
  reduceMin,
  reduceSum,
  relu,
  reshape,
  sigmoid,
  sign,
  softmax,
  softplus,
  sqrt,
  tanh,
  variable,
  type Tensor,
} from '../../src/index.ts';
import { createSession } from '../../src/node.ts';
import type { Session } from '../../src/session/session.ts';
import type { TrainOptions } from '../../src/session/train.ts';
import { backends, bits, collect, keepDevice, rejection } from './programs.ts';

keepDevice();

/** Small numbers but for one that is huge: in order and one at a time, it is the turn of that one at `step`. */
function blowsUpAt(step: number): Dataset {
  const features = Float32Array.from({ length: 64 }, (_, i) => (i === step - 1 ? 3e38 : 1 / (i + 2)));
  return Dataset.from({ features, labels: Array.from({ length: 64 }, () => 0), classes: 2, shape: [1] });
}

describe.each(backends)('non-finite values on %s', (backend) => {
  let session: Session;
  beforeEach(async () => {
    session = await createSession({ backend });
  });
  afterEach(() => session.dispose());

  const x = placeholder('x', [null, 1]);
  const rate = placeholder('rate', []);
  const w = variable('w', [0.5]);
  // Its square overflows where x is huge; the gradient is 2·x·(x·w).
  const error = mul(x, w);
  const loss = reduceSum(mul(error, error));
  const step = gradientDescent(rate).minimize(loss);
  const options = { batchSize: 1, shuffle: false, feeds: { rate: 0.01 }, stepsPerSubmit: 50 };
  const train = (bad: number, more: Partial<TrainOptions<Record<string, typeof loss>>> = {}) =>
    session.train(step, { steps: 60, data: { x: blowsUpAt(bad).images }, fetch: { loss }, ...options, ...more });

  async function weightsAfter(steps: number): Promise<number[]> {
    const other = await createSession({ backend });
    if (steps > 0) await collect(other.train(step, { ...options, steps, data: { x: blowsUpAt(64).images } }));
    const values = await bits(other, w);
    other.dispose();
    return values;
  }

  async function expectFailure(work: Promise<unknown>, at: number): Promise<void> {
    const failed = await rejection(work);
    expect(failed).toBeInstanceOf(NumericsError);
    expect(failed).toMatchObject({ step: at, tensor: 'loss', code: 'numerics' });
    expect(String(failed)).toMatch(
      /turned non-finite at step \d+\. The weights of step \d+ are kept\. Lower the learning rate/,
    );
    expect(session.step).toBe(at - 1);
    expect(await bits(session, w)).toEqual(await weightsAfter(at - 1));
  }

  it.each([
    ['at the first step', 1, {}],
    ['inside a slice', 33, {}],
    ['at the end of a slice', 50, {}],
    ['at the first step of the second slice', 51, {}],
    ['at the last step', 60, {}],
    ['in slices of one step, long before the report', 33, { stepsPerSubmit: 1 }],
    ['in slices of seven steps', 33, { stepsPerSubmit: 7 }],
    ['at every step a report', 5, { every: 1 }],
  ])('in train, %s', async (_, bad, more) => {
    await expectFailure(collect(train(bad, more)), bad);
    // It goes on from there: the bad row is what comes next.
    const [report] = await collect(session.train(step, { ...options, steps: 1, data: { x: blowsUpAt(64).images } }));
    expect(report?.step).toBe(bad);
    expect(await bits(session, w)).toEqual(await weightsAfter(bad));
  });

  it('in train during other reads: the run ends with it, whichever call sees it first', async () => {
    const bad = 33;
    const run = collect(train(bad, { stepsPerSubmit: 1, every: 60 }));
    const failed = expectFailure(run, bad);
    const good = new Set<string>();
    for (let at = 0; at < bad; at++) good.add((await weightsAfter(at)).join());
    let ended = false;
    run.catch(() => (ended = true));
    while (!ended) expect(good).toContain((await bits(session, w)).join());
    await failed;
  });

  it('in train while others set another variable: each call either sets it or rejects', async () => {
    const bad = 33;
    const v = variable('v', [0]);
    const count = assign(v, add(v, 1));
    await session.run(count);
    const run = collect(train(bad, { stepsPerSubmit: 1, every: 60 }));
    const failed = rejection(run);
    let ended = false;
    run.catch(() => (ended = true));
    const runs: Promise<unknown>[] = [];
    while (!ended) {
      const running = session.run(count);
      runs.push(running);
      await running.catch((error: unknown) => expect(error).toMatchObject({ step: bad, tensor: 'loss' }));
    }
    expect(await failed).toMatchObject({ step: bad, tensor: 'loss' });
    const moved = (await Promise.allSettled(runs)).filter(({ status }) => status === 'fulfilled').length;
    expect((await session.get(v)).data).toEqual(Float32Array.of(1 + moved));
    expect(await bits(session, w)).toEqual(await weightsAfter(bad - 1));
  });

  it('in run, with others queued behind it', async () => {
    const good = { x: [[1]], rate: 0.1 };
    await session.run(step, good);
    await Promise.all([session.run(loss, { x: [[1]] }), session.run(w)]);
    const before = await bits(session, w);
    const failing = session.run(step, { x: [[3e38]], rate: 0.1 });
    const queued: Promise<unknown>[] = [session.run(step, good), session.run(step, good)];
    const value = bits(session, w);
    const looks = [session.run(loss, { x: [[1]] }), session.run(w)];
    queued.push(session.run([step, loss], good));
    expect(await rejection(failing)).toMatchObject({ step: 2, tensor: 'loss' });
    for (const run of queued) expect(await rejection(run)).toMatchObject({ step: 2, tensor: 'loss' });
    const kept = (await session.get(w)).data[0] ?? NaN;
    expect(await looks[0]).toBeCloseTo(kept * kept, 5);
    expect(await looks[1]).toMatchObject({ data: Float32Array.of(kept) });
    expect(await value).toEqual(before);
    expect(session.step).toBe(1);
    await session.run(step, good);
    expect(session.step).toBe(2);
    expect(await bits(session, w)).not.toEqual(before);
  });

  it('by a huge rate; with a lower one it goes on', async () => {
    const data = { x: blowsUpAt(64).images };
    const failed = await rejection(
      collect(session.train(step, { ...options, steps: 60, data, feeds: { rate: 1e12 } })),
    );
    expect(failed).toBeInstanceOf(NumericsError);
    const { step: at } = failed as NumericsError;
    expect(at).toBeGreaterThan(1);
    expect(session.step).toBe(at - 1);
    const { data: kept } = await session.get(w);
    expect(Number.isFinite(kept[0])).toBe(true);
    await session.set(w, [0.5]);
    expect((await collect(session.train(step, { ...options, steps: 5, data }))).at(-1)?.step).toBe(at + 4);
  });

  it('weights that would overflow though loss and gradient do not', async () => {
    const failing = session.run(step, { x: [[3]], rate: 1e38 });
    expect(await rejection(failing)).toMatchObject({ step: 1, tensor: 'w' });
    expect((await session.get(w)).data).toEqual(Float32Array.of(0.5));
  });

  it('a gradient though the loss is finite', async () => {
    const v = variable('v', [0]);
    const steep = gradientDescent(0.1).minimize(reduceSum(sqrt(v)));
    expect(await rejection(session.run(steep))).toMatchObject({ step: 1, tensor: 'gradient of v' });
    expect((await session.get(v)).data).toEqual(Float32Array.of(0));
  });

  it('the slope of a power at 0', async () => {
    const v = variable('v', [0, 0]);
    const steep = gradientDescent(0.1).minimize(reduceSum(pow(v, 0.5)));
    expect(await rejection(session.run(steep))).toMatchObject({ step: 1, tensor: 'gradient of v' });
    expect((await session.get(v)).data).toEqual(Float32Array.of(0, 0));
  });

  const keeps: Readonly<Record<string, (x: Tensor) => Tensor>> = {
    clip: (x) => clip(x, -100, 0),
    maximum: (x) => maximum(x, 0),
    minimum: (x) => minimum<number, Tensor>(0, x),
    relu,
    leakyRelu,
    exp,
    tanh,
    sigmoid,
    softplus,
    gelu,
    sqrt: (x) => sqrt(x),
    pow: (x) => pow(x, 2.5),
    abs,
    sign,
    floor,
    div: (x) => div(1, x),
    softmax,
    logSoftmax,
    reduceMax: (x) => reduceMax(x, { keepDims: true }),
    reduceMin: (x) => reduceMin(x, { keepDims: true }),
    maxPool2d: (x) => flatten(maxPool2d(reshape(x, [1, 2, 1, 1]), { size: [2, 1] })),
  };
  it.each(Object.entries(keeps))('NaN on its way through %s', async (_, through) => {
    const p = variable('p', [-1, -1], { trainable: false }); // whose logarithm is NaN
    const v = variable('v', [0.5]);
    const lost = reduceSum(mul<Tensor, Tensor>(through(log(p)), v));
    const moves = gradientDescent(0.1).minimize(lost);
    for (let i = 0; i < 2; i++)
      expect(await rejection(session.run(moves))).toMatchObject({ step: 1, code: 'numerics' });
    expect((await session.get(v)).data).toEqual(Float32Array.of(0.5));
    expect(await session.run(lost)).toBeNaN();
  });

  it('an assigned value', async () => {
    const v = variable('v', [1, 2]);
    const set = assign(v, log(mul(v, rate)));
    const fine = assign(v, add(v, rate));
    const runs = [
      session.run(fine, { rate: 1 }),
      session.run(set, { rate: -1 }),
      session.run(fine, { rate: 1 }),
      session.run(step, { x: [[1]], rate: 1 }),
    ];
    const [first, ...others] = await Promise.allSettled(runs);
    expect(first).toMatchObject({ status: 'fulfilled' });
    for (const other of others) expect(other).toMatchObject({ reason: { tensor: 'v', code: 'numerics' } });
    expect((await session.get(v)).data).toEqual(Float32Array.of(2, 3));
    await session.run(fine, { rate: 1 });
    expect((await session.get(v)).data).toEqual(Float32Array.of(3, 4));
    expect(session.step).toBe(0);
  });

  it('twice in one session', async () => {
    const good = { x: [[1]], rate: 0.1 };
    for (const at of [1, 3]) {
      expect(await rejection(session.run(step, { x: [[3e38]], rate: 0.1 }))).toMatchObject({ step: at });
      await session.run(step, good);
      await session.run(step, good);
    }
    expect(session.step).toBe(4);
  });

  it('inside a training run, by the hand of another: both end, and nothing is lost', async () => {
    const run = train(64, { steps: 63, every: 21 });
    await run.next();
    expect(await rejection(session.run(step, { x: [[3e38]], rate: 0.1 }))).toMatchObject({ step: 22 });
    expect(session.step).toBe(21);
    expect(await rejection(run.next())).toMatchObject({ step: 22 });
    expect(await bits(session, w)).toEqual(await weightsAfter(21));
  });
});
