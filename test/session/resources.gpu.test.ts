/**
 * A session's use of a device, counted: training allocates nothing, nothing grows with use, and nothing is left after
 * disposal.
 */
import v8 from 'node:v8';
import vm from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { argMax, cast, equal, mul, reduceMean, reduceSum } from '../../src/index.ts';
import { createSession } from '../../src/node.ts';
import { countDevice, since, type Counts } from '../tools/count-device.ts';
import { nodeGpu } from '../tools/node-gpu.ts';
import { collect, columns, program, rowsOf, smallSet } from './programs.ts';

let real: GPUDevice;

beforeAll(async () => {
  const adapter = await (await nodeGpu()).requestAdapter();
  if (adapter === null) throw new Error('no adapter');
  real = await adapter.requestDevice();
});

afterAll(() => {
  real.destroy();
});

it('plan and explain allocate nothing, and meet no variable', async () => {
  const { device, counts } = countDevice(real);
  const session = await createSession({ device });
  const { step, loss } = program();
  const options = { batchSize: 20, data: columns(smallSet()), feeds: { rate: 0.01 }, fetch: { loss } };
  const before = { ...counts };
  expect(session.plan(step, options).updates).toEqual(['W', 'b']);
  expect(session.explain(step, options)).toContain('2 dispatches');
  expect(Object.values(since(before, counts)).every((count) => count === 0)).toBe(true);
  session.dispose();
});

describe('training', () => {
  it('allocates nothing after its first slice, and submits as rarely as requested', async () => {
    const { device, counts } = countDevice(real);
    const session = await createSession({ device });
    const { step, loss } = program();
    const set = smallSet();
    const options = { batchSize: 20, data: columns(set), feeds: { rate: 0.01 }, fetch: { loss }, stepsPerSubmit: 50 };
    const run = session.train(step, { ...options, steps: 1050, every: 1000 });
    let before: Counts;
    const done = run.next();
    // The first slice is out as soon as something was dispatched.
    while (counts.dispatches === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    before = { ...counts };
    await done;
    const { dispatches, submits, buffers, bindGroups, pipelines, writes } = since(before, counts);
    const steps = 1000 - before.dispatches / 2;
    expect(dispatches).toBe(session.plan(step, options).dispatches * steps);
    expect(session.plan(step, options).dispatches).toBe(2);
    // The report reads through a staging buffer, the only one ever made after the first slice.
    expect({ bindGroups, pipelines, writes }).toEqual({ bindGroups: 0, pipelines: 0, writes: 0 });
    expect(buffers).toBeLessThanOrEqual(2);
    expect(submits / steps).toBeLessThanOrEqual(0.03);
    before = { ...counts };
    await run.next();
    expect(since(before, counts)).toMatchObject({ buffers: 0, bindGroups: 0, pipelines: 0, writes: 0, submits: 1 });
    await run.return?.();
    session.dispose();
    expect(counts.live).toBe(0);
  });

  it.each(['plain', 'fused'] as const)('a report adds no dispatch, one copy and one map: %s', async (schedule) => {
    const { device, counts } = countDevice(real);
    const session = await createSession({ device, schedule });
    const { step, loss, accuracy } = program();
    const options = { batchSize: 20, data: columns(smallSet()), feeds: { rate: 0.01 }, stepsPerSubmit: 5 };
    const counted = async (every: number): Promise<Counts> => {
      const before = { ...counts };
      const run = session.train(step, { ...options, steps: 100, every, fetch: { loss, accuracy } });
      await collect(run);
      return since(before, counts);
    };
    await counted(100);
    const [rarely, often] = [await counted(100), await counted(5)];
    expect(often.dispatches).toBe(rarely.dispatches);
    expect(often.copies - rarely.copies).toBe(19);
    expect(often.maps - rarely.maps).toBe(19);
    expect(often.submits).toBe(rarely.submits);
    session.dispose();
  });
});

describe('use without end', () => {
  it('500 runs that each build their accuracy anew compile once', { timeout: 60_000 }, async () => {
    const { device, counts } = countDevice(real);
    const session = await createSession({ device });
    const { y, y_ } = program();
    const feeds = rowsOf(smallSet(), 0, 20);
    const run = () => session.run(reduceMean(cast(equal(argMax(y, 1), argMax(y_, 1)), 'float32')), feeds);
    const first = await run();
    const { buffers, pipelines, bindGroups } = counts;
    for (let i = 1; i < 500; i++) expect(await run()).toBe(first);
    expect(counts).toMatchObject({ pipelines, bindGroups });
    expect(counts.buffers - buffers).toBeLessThanOrEqual(4);
    session.dispose();
    expect(counts.live).toBe(0);
  });

  it('100 batch sizes keep a bounded number of plans', { timeout: 120_000 }, async () => {
    const { device, counts } = countDevice(real);
    const session = await createSession({ device });
    const { x } = program();
    const total = reduceSum(x);
    const set = smallSet(100);
    let most = 0;
    for (let size = 1; size <= 100; size++) {
      await session.run(total, { x: rowsOf(set, 0, size).x });
      most = Math.max(most, counts.live);
    }
    expect(counts.buffers).toBeGreaterThan(100);
    expect(most).toBeLessThan(60);
    session.dispose();
    expect(counts.live).toBe(0);
  });

  it('20 sessions, one after the other, leave nothing', { timeout: 60_000 }, async () => {
    const { device, counts } = countDevice(real);
    const set = smallSet();
    for (let i = 0; i < 20; i++) {
      const session = await createSession({ device });
      const { step } = program();
      await collect(session.train(step, { steps: 3, batchSize: 10, data: columns(set), feeds: { rate: 0.01 } }));
      session.dispose();
      expect(counts.live).toBe(0);
    }
    // The first session's: the others find them.
    expect(counts.pipelines).toBe(2);
  });

  it('10 sessions at once share one copy of the data set, and its pipelines', { timeout: 60_000 }, async () => {
    const { device, counts } = countDevice(real);
    const set = smallSet();
    const sessions = await Promise.all(Array.from({ length: 10 }, () => createSession({ device })));
    const train = async (session: (typeof sessions)[number]) =>
      collect(session.train(program().step, { steps: 20, batchSize: 10, data: columns(set), feeds: { rate: 0.01 } }));
    const [first, ...others] = sessions;
    if (first === undefined) throw new Error('no session');
    await train(first);
    const alone = { ...counts };
    await Promise.all(others.map(train));
    expect(counts.pipelines).toBe(alone.pipelines);
    // Each session has its own state, control, parameters, arena and staging, and nothing of the data set.
    expect(counts.live - alone.live).toBeLessThanOrEqual(9 * 4);
    for (const session of sessions) session.dispose();
    expect(counts.live).toBe(0);
  });

  it('nothing that lives as long as the device remembers runs, results or sessions', async () => {
    v8.setFlagsFromString('--expose-gc');
    const collectGarbage = vm.runInNewContext('gc') as () => void;
    const feeds = rowsOf(smallSet(), 0, 20);
    const keeper = await createSession({ device: real });
    const twice = mul(program().x, 2);
    await keeper.run(twice, { x: feeds.x });
    const refs: WeakRef<object>[] = [];
    const remember = <T extends object>(object: T): T => {
      refs.push(new WeakRef(object));
      return object;
    };
    const createBuffer = real.createBuffer.bind(real);
    real.createBuffer = (descriptor) => remember(createBuffer(descriptor));
    const use = async () => {
      const session = remember(await createSession({ device: real }));
      const { x, W, step } = program();
      remember(await session.run(mul(x, 2), { x: feeds.x }));
      remember(await session.get(W));
      await session.run(step, { ...feeds, rate: 0.1 });
      session.dispose();
      remember(await keeper.run(twice, { x: feeds.x }));
    };
    for (let i = 0; i < 5; i++) await use();
    real.createBuffer = createBuffer;
    for (let i = 0; i < 5; i++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      collectGarbage();
    }
    expect(refs.length).toBeGreaterThan(30);
    expect(refs.filter((ref) => ref.deref() !== undefined).length).toBe(0);
    keeper.dispose();
  });
});
