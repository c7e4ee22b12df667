/**
 * Schedules of few dispatches behind a session: one dispatch per step for softmax regression, whatever other calls are
 * between; results equal to the plain schedule, and the same roll-back when a step fails.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Dataset } from '../../src/data/index.ts';
import { NumericsError, UsageError } from '../../src/index.ts';
import { createSession } from '../../src/node.ts';
import type { Session, SessionOptions } from '../../src/index.ts';
import type { TrainOptions } from '../../src/session/train.ts';
import { firstDifference } from '../webgpu/device/values.ts';
import { countDevice, since, type Counts } from '../tools/count-device.ts';
import {
  bits,
  CLASSES,
  collect,
  columns,
  FEATURES,
  newDevice,
  program,
  rejection,
  rowsOf,
  smallSet,
} from './programs.ts';

const set = smallSet();
const { step, loss, accuracy, W, b } = program();
const options = { batchSize: 20, data: columns(set), feeds: { rate: 0.01 }, fetch: { loss }, stepsPerSubmit: 8 };

let device: GPUDevice;
let counts: Counts;
beforeAll(async () => {
  ({ device, counts } = countDevice(await newDevice()));
});
afterAll(() => device.destroy());

const open = (more: SessionOptions = {}): Promise<Session> => createSession({ device, schedule: 'fused', ...more });

async function trained(
  session: Session,
  steps: number,
  more: Partial<TrainOptions<{ loss: typeof loss }>> = {},
  atReport: () => Promise<unknown> = () => Promise.resolve(),
): Promise<number[]> {
  for await (const _ of session.train(step, { ...options, steps, ...more })) await atReport();
  return bits(session, W, b);
}

describe('a pipelined step', () => {
  it('is one dispatch, after one more where the run begins or the state was touched', async () => {
    const session = await open();
    expect(session.plan(step, options).dispatches).toBe(1);
    const dispatched = async (steps: number): Promise<number> => {
      const before = { ...counts };
      await collect(session.train(step, { ...options, steps, every: 50 }));
      return since(before, counts).dispatches;
    };
    expect(await dispatched(100)).toBe(101);
    expect(await dispatched(30)).toBe(30);
    await session.run(accuracy, rowsOf(set, 0, 10));
    expect(await dispatched(30)).toBe(30);
    await session.set(W, new Float32Array(FEATURES * CLASSES));
    expect(await dispatched(30)).toBe(31);
    await session.reset();
    expect(await dispatched(30)).toBe(31);
    session.dispose();
  });

  it('has the same bits with any reads in between', async () => {
    const once = await open();
    const often = await open();
    const silent = await open();
    const looks = async (): Promise<void> => {
      await often.get(W);
      await often.evaluate({ data: columns(set), batchSize: 7, fetch: { accuracy } });
      await often.restore(await often.snapshot());
    };
    const expected = await trained(once, 60);
    expect(await trained(often, 60, { every: 7, stepsPerSubmit: 3 }, looks)).toEqual(expected);
    expect(await trained(silent, 60, { fetch: {} as never })).toEqual(expected);
    for (const session of [once, often, silent]) session.dispose();
  });

  it('has the reports of the plain schedule', async () => {
    const [fused, plain] = [await open(), await open({ schedule: 'plain' })];
    const [a, c] = [fused, plain].map((session) => collect(session.train(step, { ...options, steps: 50, every: 5 })));
    const losses = [await a, await c].map((reports) => (reports ?? []).map(({ values }) => values.loss));
    expect(losses[0]).toHaveLength(10);
    expect(firstDifference(losses[0] ?? [], losses[1] ?? [], 1e-5)).toBeUndefined();
    for (const variable of [W, b]) {
      const [mine, its] = [await fused.get(variable), await plain.get(variable)];
      expect(firstDifference(mine.data, its.data, 1e-5)).toBeUndefined();
    }
    fused.dispose();
    plain.dispose();
  });

  it.each([1, 8, 9, 13])('that fails at step %i or soon after is undone, as in the plain schedule', async (bad) => {
    // Three huge rows of three classes: not all of them can be told rightly, and the gradient of a wrong one overflows.
    const features = Float32Array.from({ length: 60 * FEATURES }, (_, i) => {
      const row = Math.floor(i / FEATURES);
      return row >= bad - 1 && row < bad + 2 ? 3e38 : ((i * 7) % 11) / 11;
    });
    const labels = Array.from({ length: 60 }, (_, i) => i % CLASSES);
    const data = columns(Dataset.from({ features, labels, classes: CLASSES }));
    const fails = { data, batchSize: 1, shuffle: false, feeds: { rate: 2 } };
    const [session, plain, other] = [await open(), await open({ schedule: 'plain' }), await open()];
    const [error, same] = [await rejection(trained(session, 40, fails)), await rejection(trained(plain, 40, fails))];
    expect(error).toBeInstanceOf(NumericsError);
    expect(error).toEqual(same);
    expect(session.step).toBe(plain.step);
    expect(session.step).toBeGreaterThanOrEqual(bad - 1);
    if (session.step > 0) await trained(other, session.step, fails);
    expect(await bits(session, W, b)).toEqual(await bits(other, W, b));
    const [kept, others] = [await plain.get(W), await other.get(W)];
    expect(firstDifference(kept.data, others.data, 1e-5)).toBeUndefined();
    // Both go on from there.
    expect(await trained(session, 5)).toEqual(await trained(other, 5));
    for (const each of [session, plain, other]) each.dispose();
  });
});

it('a schedule of another name is refused', async () => {
  await expect(open({ schedule: 'fast' as never })).rejects.toThrow(UsageError);
  await expect(open({ schedule: 'fast' as never })).rejects.toThrow(/`schedule` is 'fast'; give 'auto'/);
});
