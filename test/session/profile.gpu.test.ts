/** `session.profile`: every part is timed, and the state is unchanged. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UsageError } from '../../src/index.ts';
import { createSession } from '../../src/node.ts';
import type { Session } from '../../src/session/session.ts';
import { countDevice, since } from '../tools/count-device.ts';
import { nodeGpu } from '../tools/node-gpu.ts';
import { bits, collect, columns, keepDevice, newDevice, program, rowsOf, smallSet, ways } from './programs.ts';

keepDevice();
const set = smallSet();
const { loss, step, accuracy, W, b } = program();
const training = { data: columns(set), batchSize: 20, fetch: { loss }, feeds: { rate: 0.1 } };
const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

describe.each(ways)('profile on $backend, schedule $schedule', ({ backend, schedule }) => {
  let session: Session;
  beforeAll(async () => {
    session = await createSession({ backend, schedule });
  });
  afterAll(() => session.dispose());

  it('times every part, and explain shows it', async () => {
    expect(session.explain(step, training)).not.toMatch(/ ms, /);
    const timings = await session.profile(step, training);
    const { dispatches } = session.plan(step, training);
    const numbered = timings.flatMap(({ dispatch }) => dispatch ?? []);
    expect(numbered).toEqual(Array.from({ length: dispatches }, (_, i) => i));
    for (const { milliseconds, share } of timings) expect([milliseconds > 0, share > 0]).toEqual([true, true]);
    expect(sum(timings.map(({ share }) => share))).toBeCloseTo(1, 6);
    expect(session.explain(step, training).match(/: [\d.e-]+ ms, \d+ %/g)).toHaveLength(dispatches);
    expect(await session.profile([loss, accuracy], rowsOf(set, 0, 7))).not.toEqual([]);
  });

  it('changes nothing', async () => {
    const other = await createSession({ backend, schedule });
    const train = (session: Session) => collect(session.train(step, { ...training, steps: 5, every: 5 }));
    await train(session);
    await train(other);
    const before = session.step;
    await session.profile(step, training);
    expect(session.step).toBe(before);
    expect(await bits(session, W, b)).toEqual(await bits(other, W, b));
    expect(await train(session)).toMatchObject((await train(other)).map(({ step, values }) => ({ step, values })));
    expect(await bits(session, W, b)).toEqual(await bits(other, W, b));
    other.dispose();
  });

  it('has the refusals of run', async () => {
    await expect(session.profile(loss, { x: [[1]] })).rejects.toThrow(/y_/);
    await expect(session.profile(step, { ...training, batchSize: 1000 })).rejects.toThrow(/batchSize/);
  });
});

it.each([false, true])('leaves no buffer behind; with a clock: %s', async (clock) => {
  const adapter = await (await nodeGpu()).requestAdapter();
  if (adapter === null) throw new Error('There is no adapter.');
  // An adapter without a clock leaves only the one way to test.
  const has = clock && adapter.features.has('timestamp-query');
  const own = has ? await adapter.requestDevice({ requiredFeatures: ['timestamp-query'] }) : await newDevice();
  const { device, counts } = countDevice(own);
  const session = await createSession({ device });
  await collect(session.train(step, { ...training, steps: 1 }));
  const before = { ...counts };
  const timings = await session.profile(step, training);
  expect(timings.map(({ milliseconds }) => milliseconds > 0)).toEqual([true, true]);
  expect(since(before, counts).live).toBe(0);
  session.dispose();
  own.destroy();
});

it.each(['webgpu', 'cpu'] as const)('ends where the session is disposed: %s', async (backend) => {
  const session = await createSession({ backend });
  const timings = session.profile(step, training);
  session.dispose();
  await expect(timings).rejects.toThrow(UsageError);
});
