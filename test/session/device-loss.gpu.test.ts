/**
 * Devices that are lost, shared, too small or refuse: every promise settles with an error that says so, nothing hangs, and a
 * caller's device is not destroyed.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { setGpuSource, takeDevice } from '../../src/webgpu/device/request-device.ts';
import {
  DeviceError,
  gradientDescent,
  matmul,
  ones,
  placeholder,
  reduceSum,
  releaseDevice,
  square,
  truncatedNormal,
  UsageError,
  variable,
} from '../../src/index.ts';
import { createSession } from '../../src/node.ts';
import type { Session } from '../../src/session/session.ts';
import { nodeGpu } from '../tools/node-gpu.ts';
import { collect, FEATURES, newDevice, rejection, smallSet, soon } from './programs.ts';

// As small as can be: each device compiles it anew.
const set = smallSet();
const data = { x: set.images };
const x = placeholder('x', [null, FEATURES]);
const W = variable('W', ones([FEATURES, 1]));
const loss = reduceSum(square(matmul(x, W)));
const step = gradientDescent(0.001).minimize(loss);
const feeds = { x: set.images.values.slice(0, 30 * FEATURES) };
const options = { steps: 100_000, every: 100_000, batchSize: 10, data };

let gpu: GPU;
beforeAll(async () => {
  gpu = await nodeGpu();
});

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2));
};

async function expectLost(work: Promise<unknown>): Promise<void> {
  const error = await soon(rejection(work));
  expect(error).toBeInstanceOf(DeviceError);
  expect((error as Error).message).toMatch(/^The GPU device was destroyed\. Make a new session\.$/);
}

describe('a device that is lost', () => {
  let device: GPUDevice;
  let session: Session;
  afterEach(() => session.dispose());

  /** A session that has run and trained, so that everything is loaded; then `work` begins and the device goes away. */
  async function loseDuring(work: () => readonly Promise<unknown>[] | Promise<readonly Promise<unknown>[]>) {
    device = await newDevice();
    session = await createSession({ device });
    await session.run(step, feeds);
    await session.evaluate({ data, fetch: { loss } });
    await collect(session.train(step, { ...options, steps: 1 }));
    const begun = await work();
    device.destroy();
    await Promise.all(begun.map(expectLost));
    await expectUseless();
  }

  async function expectUseless(): Promise<void> {
    expect(await soon(session.lost)).toBeInstanceOf(DeviceError);
    const another = variable('another', truncatedNormal([9]));
    const calls = [
      session.run(step, feeds),
      session.run(another),
      session.get(W),
      session.set(W, new Float32Array(FEATURES)),
      session.reset(),
      session.evaluate({ data, fetch: { loss } }),
      session.train(step, options).next(),
    ];
    await Promise.all(calls.map(expectLost));
    session.dispose();
    session.dispose();
  }

  it('while idle', () => loseDuring(() => []));
  it('during runs', () =>
    loseDuring(() => [session.run(step, feeds), session.run(loss, feeds), session.run([W, step], feeds)]));
  it('during get, set, reset', () =>
    loseDuring(() => [session.get(W), session.run(step, feeds), session.get(W), session.reset(), session.get(W)]));
  it('while compiling', () => loseDuring(() => [session.run(square(matmul(x, W)), feeds)]));
  it('during evaluate', () =>
    loseDuring(() => [session.evaluate({ data, batchSize: 1, fetch: { loss } }), session.get(W)]));
  it('in the middle of training', () =>
    loseDuring(async () => {
      const report = session.train(step, options).next();
      await until(() => session.step > 20);
      return [report, session.get(W)];
    }));
  it('while training is paused', async () => {
    device = await newDevice();
    session = await createSession({ device });
    const run = session.train(step, { ...options, every: 5 });
    await run.next();
    device.destroy();
    await expectLost(run.next());
    await expectUseless();
  });
  it.each(['lost', 'disposed'])('or one that never answers, once it is %s', async (end) => {
    device = await newDevice();
    session = await createSession({ device });
    await collect(session.train(step, { ...options, steps: 1 }));
    device.queue.onSubmittedWorkDone = () => new Promise(() => undefined);
    device.createComputePipelineAsync = () => new Promise(() => undefined);
    const waiting = [session.train(step, options).next(), session.run(square(x), feeds), session.get(W)];
    await new Promise((resolve) => setTimeout(resolve, 50));
    if (end === 'lost') device.destroy();
    else session.dispose();
    for (const work of waiting) {
      const error = await soon(rejection(work));
      if (end === 'lost') expect(error).toBeInstanceOf(DeviceError);
      else expect(error).toBeInstanceOf(UsageError);
    }
    device.destroy();
  });
  it('before it is given to a session', async () => {
    device = await newDevice();
    device.destroy();
    session = await createSession({ device });
    await expectUseless();
  });
});

describe('a caller’s device', () => {
  it('outlives its sessions, and serves the next', async () => {
    const device = await newDevice();
    for (let i = 0; i < 2; i++) {
      const sessions = await Promise.all([createSession({ device }), createSession({ device })]);
      await Promise.all(sessions.map((session) => session.run(step, feeds)));
      for (const session of sessions) session.dispose();
    }
    const buffer = device.createBuffer({ size: 16, usage: 9 });
    await buffer.mapAsync(1);
    device.destroy();
  });

  it('may have faults of its own', async () => {
    const device = await newDevice();
    let faults = 0;
    device.addEventListener('uncapturederror', (event) => {
      event.preventDefault();
      faults++;
    });
    const session = await createSession({ device });
    device.createBuffer({ size: 16, usage: 0xffff });
    await session.run(step, feeds);
    expect(faults).toBe(1);
    expect(await session.run(loss, feeds)).toBeGreaterThan(0);
    session.dispose();
    device.destroy();
  });
});

describe('the shared device', () => {
  const made: GPUDevice[] = [];
  /** Notes the devices that sessions open. */
  function noted(adapter: GPUAdapter | null): GPUAdapter | null {
    if (adapter === null) return null;
    const request = adapter.requestDevice.bind(adapter);
    adapter.requestDevice = async (descriptor) => {
      const device = await request(descriptor);
      made.push(device);
      return device;
    };
    return adapter;
  }
  let before: ReturnType<typeof setGpuSource>;
  beforeAll(async () => {
    await releaseDevice();
    const source = { requestAdapter: async () => noted(await gpu.requestAdapter()) };
    before = setGpuSource(() => Promise.resolve(source as unknown as GPU));
  });
  afterEach(async () => {
    await releaseDevice();
    made.length = 0;
  });
  afterAll(() => void setGpuSource(before));

  it('is one for all, lingers for the next, and is destroyed when it is released', async () => {
    const sessions = await Promise.all(Array.from({ length: 10 }, () => createSession()));
    await Promise.all(sessions.map((session) => session.run(step, feeds)));
    expect(made).toHaveLength(1);
    const [first, ...others] = sessions;
    for (const session of others) session.dispose();
    await first?.run(step, feeds);
    first?.dispose();
    const lingering = await createSession();
    await lingering.run(step, feeds);
    expect(made).toHaveLength(1);
    await releaseDevice();
    await lingering.run(step, feeds);
    lingering.dispose();
    expect(await soon(made[0]?.lost ?? Promise.reject(new Error('no device')))).toMatchObject({ reason: 'destroyed' });
    const next = await createSession();
    await next.run(step, feeds);
    expect(made).toHaveLength(2);
    next.dispose();
    await releaseDevice();
    expect(await soon(made[1]?.lost ?? Promise.reject(new Error('no device')))).toMatchObject({ reason: 'destroyed' });
  });

  it('is destroyed 30 s after its last session, unless another one comes', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      (await takeDevice({})).release();
      vi.advanceTimersByTime(29_999);
      const device = await takeDevice({});
      vi.advanceTimersByTime(60_000);
      expect(device.fault).toBeUndefined();
      device.release();
      vi.advanceTimersByTime(30_000);
      expect(device.fault?.message).toMatch(/was given back after its last session\. Make a new session\.$/);
      expect(made).toHaveLength(1);
    } finally {
      vi.useRealTimers();
    }
  });

  it('is not given to a session that asks while it is released', async () => {
    const last = await takeDevice({});
    await releaseDevice();
    const asking = takeDevice({});
    last.release();
    const next = await asking;
    expect(next.fault).toBeUndefined();
    expect(made).toHaveLength(2);
    next.release();
  });

  it('once lost is replaced for new sessions', async () => {
    const old = await createSession();
    await old.run(step, feeds);
    made[0]?.destroy();
    await soon(old.lost);
    const session = await createSession();
    expect(made).toHaveLength(2);
    await session.run(step, feeds);
    await expectLost(old.run(step, feeds));
    old.dispose();
    await session.run(step, feeds);
    session.dispose();
  });

  it('once at fault is replaced for new sessions', async () => {
    const old = await createSession();
    await old.run(step, feeds);
    made[0]?.createBuffer({ label: 'bad', size: 16, usage: 0xffff });
    await until(() => made[0] !== undefined);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const error = await rejection(old.run(step, feeds));
    expect(error).toBeInstanceOf(DeviceError);
    expect((error as Error).message).toMatch(/^The GPU device reported: .* Please report this; backend: 'cpu' works/s);
    const session = await createSession();
    expect(made).toHaveLength(2);
    await session.run(step, feeds);
    for (const each of [old, session]) each.dispose();
  });
});
