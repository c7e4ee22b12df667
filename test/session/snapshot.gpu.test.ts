/**
 * Snapshots: their content, and the same bits after a restore as without a stop, on both backends, across them, in another
 * process and on another device; a snapshot that does not fit changes nothing.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { readSafetensors, writeSafetensors, type TensorFile } from '../../src/formats/safetensors.ts';
import { DataError, DeviceError, UsageError, variable, zeros } from '../../src/index.ts';
import type { NDArray } from '../../src/graph/ndarray.ts';
import { createSession } from '../../src/node.ts';
import type { Session } from '../../src/session/session.ts';
import { VERSION } from '../../src/session/snapshot.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { root } from '../../vite.config.ts';
import { backends, bits, CLASSES, collect, FEATURES, keepDevice, newDevice, program, rejection } from './programs.ts';
import { data, dropoutProgram, optimizers } from './snapshot-programs.ts';

keepDevice();
const optimizerNames = Object.keys(optimizers) as (keyof typeof optimizers)[];
const folder = mkdtempSync(join(tmpdir(), 'inkling-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** What was said on the console while `work` ran. */
async function notesOf(work: () => Promise<unknown>): Promise<string[]> {
  const spy = vi.spyOn(console, 'info').mockImplementation(() => undefined);
  try {
    await work();
    return spy.mock.calls.map(String);
  } finally {
    spy.mockRestore();
  }
}

const edit = (bytes: Uint8Array, change: (file: TensorFile) => Partial<TensorFile>): Uint8Array => {
  const file = readSafetensors(bytes, 'it');
  return writeSafetensors({ ...file, ...change(file) });
};

it('the version written down is the package’s', () => {
  expect(VERSION).toBe(packageJson.version);
});

describe.each(backends)('snapshots on %s', (backend) => {
  const train = (session: Session, { step, loss } = softmax, steps = 10, every = steps, stepsPerSubmit?: number) =>
    session.train(step, { steps, every, stepsPerSubmit, batchSize: 7, data, feeds: { rate: 0.05 }, fetch: { loss } });
  const softmax = program();
  const { W, b } = softmax;

  async function trained(seed = 3, steps = 10): Promise<Session> {
    const session = await createSession({ backend, seed });
    await collect(train(session, softmax, steps));
    return session;
  }

  it.each(optimizerNames)('going on at step 500 of 1000: the bits of never having stopped, with %s', async (name) => {
    const whole = dropoutProgram(name);
    const session = await createSession({ backend, seed: 11 });
    const run = (on: Session, { step }: typeof whole, steps: number) =>
      collect(on.train(step, { steps, every: steps, batchSize: 7, data }));
    await run(session, whole, 500);
    const bytes = await session.snapshot();
    await run(session, whole, 500);

    const again = dropoutProgram(name);
    const other = await createSession({ backend, seed: 4 });
    await other.restore(bytes, { variables: again.kept });
    expect(other.step).toBe(500);
    await run(other, again, 500);
    expect(await bits(other, ...again.kept)).toEqual(await bits(session, ...whole.kept));
    expect(new Set(await bits(other, ...again.kept)).size).toBeGreaterThan(50);
    expect(await other.snapshot()).toEqual(await session.snapshot());
    session.dispose();
    other.dispose();
  });

  it('going on in another process, with every optimizer', { timeout: 120_000 }, async () => {
    const expected: Record<string, number[]> = {};
    for (const name of optimizerNames) {
      const { step, kept } = dropoutProgram(name);
      const session = await createSession({ backend, seed: 5 });
      await collect(session.train(step, { steps: 500, every: 500, batchSize: 7, data }));
      writeFileSync(join(folder, `${name}.safetensors`), await session.snapshot());
      await collect(session.train(step, { steps: 500, every: 500, batchSize: 7, data }));
      expected[name] = await bits(session, ...kept);
      session.dispose();
    }
    const script = ['test/tools/run.js', 'test/session/snapshot-script.ts', backend, folder];
    await promisify(execFile)(process.execPath, script, { cwd: root, timeout: 100_000 });
    expect(JSON.parse(readFileSync(join(folder, 'bits.json'), 'utf8'))).toEqual(expected);
  });

  it('hold variables, slots and counters by name, as plain safetensors', async () => {
    const session = await trained(3, 20);
    const { tensors, metadata } = readSafetensors(await session.snapshot(), 'it');
    expect([...tensors].map(([name, { dtype, shape }]) => [name, dtype, shape])).toEqual([
      ['W', 'float32', [FEATURES, CLASSES]],
      ['b', 'float32', [CLASSES]],
    ]);
    expect(tensors.get('W')?.data).toEqual((await session.get(W)).data);
    expect({ ...metadata }).toMatchObject({
      'inkling.version': VERSION,
      'inkling.seed': '3',
      'inkling.step': '20',
      'inkling.samples': '140',
    });
    expect(metadata['inkling.adapter']).toMatch(new RegExp(`^${backend} `));
    session.dispose();
  });

  it('of a session that has met no variables', async () => {
    const [session, other] = [await createSession({ backend, seed: 9 }), await trained()];
    expect(await notesOf(async () => session.restore(await session.snapshot(), { variables: [] }))).toEqual([]);
    expect((await rejection(other.restore(await session.snapshot()))) as Error).toMatchObject({
      message: expect.stringMatching(/'W': missing in the snapshot\n {2}'b': missing/) as string,
    });
    session.dispose();
    other.dispose();
  });

  it('tensors wait for the variables the session meets later, and are in its snapshots meanwhile', async () => {
    const session = await trained();
    const bytes = await session.snapshot();
    const other = await createSession({ backend });
    await other.restore(bytes);
    expect(await other.snapshot()).toEqual(bytes);
    const twin = program();
    await other.get(twin.b);
    expect(readSafetensors(await other.snapshot(), '').tensors).toEqual(
      new Map([...readSafetensors(bytes, '').tensors].reverse()),
    );
    await Promise.all([collect(train(session)), collect(train(other, twin))]);
    expect(await bits(other, twin.W, twin.b)).toEqual(await bits(session, W, b));
    await other.restore(bytes);
    await other.reset();
    expect((await other.get(twin.W)).data.every((value) => value === 0)).toBe(true);
    session.dispose();
    other.dispose();
  });

  it('reset drops waiting tensors', async () => {
    const session = await trained();
    const other = await createSession({ backend });
    await other.restore(await session.snapshot());
    await other.reset();
    expect((await other.get(program().W)).data.every((value) => value === 0)).toBe(true);
    session.dispose();
    other.dispose();
  });

  describe('a snapshot that does not fit is refused by name, and changes nothing', () => {
    const other = zeros([2, 2]);
    const wide = variable('W', other);
    const turned = { data: new Float32Array(36), shape: [3, 12], dtype: 'float32' } as const;
    const ids = { data: Int32Array.of(1, 2, 3), shape: [CLASSES], dtype: 'int32' } as const;
    const cases: [string, (bytes: Uint8Array) => Uint8Array, RegExp][] = [
      ['damaged', (bytes) => bytes.slice(0, -1), /not a valid safetensors file: tensor 'b'/],
      [
        'missing',
        (bytes) => edit(bytes, ({ tensors }) => ({ tensors: new Map([...tensors].slice(0, 1)) })),
        /'b': missing/,
      ],
      [
        'of another shape and dtype',
        (bytes) =>
          edit(bytes, () => ({
            tensors: new Map<string, NDArray>([
              ['b', ids],
              ['W', turned],
            ]),
          })),
        /'W': float32 \[3, 12\] in the snapshot, float32 \[12, 3\] here; it is stored transposed, as PyTorch stores a Linear's weight: transpose it\n {2}'b': int32 \[3\] in the snapshot, float32 \[3\] here; convert it to float32$/,
      ],
      [
        'not finite',
        (bytes) => {
          new DataView(bytes.buffer).setFloat32(bytes.length - 4, NaN, true);
          new DataView(bytes.buffer).setFloat32(bytes.length - 8, -Infinity, true);
          return bytes;
        },
        /not finite.*allowNonFinite: true.*\n {2}'b': 2 of 3 values$/,
      ],
      ['newer', (bytes) => edit(bytes, () => ({ metadata: { 'inkling.format': '2' } })), /newer version of Inkling/],
      [
        'a step that is none',
        (bytes) => edit(bytes, () => ({ metadata: { 'inkling.step': '1e3' } })),
        /'1e3' for inkling\.step/,
      ],
      [
        'a seed too great',
        (bytes) => edit(bytes, () => ({ metadata: { 'inkling.seed': '4294967296' } })),
        /inkling\.seed/,
      ],
      ['names that are none', (bytes) => edit(bytes, () => ({ metadata: { 'inkling.kept': '{' } })), /inkling\.kept/],
    ];
    it.each(cases)('%s', async (_, damage, message) => {
      const [session, donor] = [await trained(0, 4), await trained(3, 20)];
      const [before, bytes] = [await session.snapshot(), damage(await donor.snapshot())];
      const error = await rejection(session.restore(bytes));
      expect(error).toBeInstanceOf(DataError);
      expect((error as Error).message).toMatch(message);
      expect(await session.snapshot()).toEqual(before);
      session.dispose();
      donor.dispose();
    });

    it('found when first used', async () => {
      const donor = await trained();
      const bytes = await donor.snapshot();
      const session = await createSession({ backend });
      await session.restore(bytes);
      for (const use of [
        () => session.get(wide),
        () => session.run(wide),
        () =>
          session.set(wide, [
            [1, 2],
            [3, 4],
          ]),
      ])
        expect(((await rejection(use())) as Error).message).toMatch(/'W': float32 \[12, 3\] in the snapshot/);
      expect(await session.snapshot()).toEqual(bytes);
      donor.dispose();
      session.dispose();
    });

    it('found at once where variables are given: trainable ones that are not among them too', async () => {
      const donor = await trained();
      const bytes = await donor.snapshot();
      const session = await createSession({ backend });
      const variables = [wide, variable('c', other)];
      const error = await rejection(session.restore(bytes, { variables }));
      expect((error as Error).message.split('\n').slice(1)).toEqual([
        "  'W': float32 [12, 3] in the snapshot, float32 [2, 2] here",
        "  'c': missing in the snapshot",
        "  'b': in the snapshot only",
      ]);
      expect(error).toBeInstanceOf(DataError);
      await session.restore(bytes, { variables: [W, b] });
      expect(session.step).toBe(10);
      donor.dispose();
      session.dispose();
    });

    it('unless non-finite values are allowed', async () => {
      const session = await trained();
      const bytes = edit(await session.snapshot(), ({ tensors }) => ({
        tensors: new Map(tensors).set('b', { ...(tensors.get('b') ?? ids), data: Float32Array.of(NaN, Infinity, 1) }),
      }));
      await session.restore(bytes, { allowNonFinite: true });
      expect((await session.get(b)).data).toEqual(Float32Array.of(NaN, Infinity, 1));
      session.dispose();
    });
  });

  it('bytes are copied at the call, from any kind of buffer; other objects are refused', async () => {
    const session = await trained();
    const bytes = await session.snapshot();
    const odd = new Uint8Array(bytes.length + 3);
    odd.set(bytes, 3);
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
    shared.set(bytes);
    for (const given of [Buffer.from(bytes), odd.subarray(3), shared, bytes.slice().buffer]) {
      await collect(train(session));
      const restored = session.restore(given);
      (given instanceof ArrayBuffer ? new Uint8Array(given) : given).fill(0);
      await restored;
      expect(await session.snapshot()).toEqual(bytes);
    }
    const moved = bytes.slice();
    structuredClone(moved, { transfer: [moved.buffer] });
    for (const given of [moved, new Uint8Array(), undefined, 'text'])
      expect(await rejection(session.restore(given as Uint8Array))).toBeInstanceOf(DataError);
    session.dispose();
  });

  it('values of other programs’ files leave counters and seed as they are', async () => {
    const session = await trained(7, 6);
    await session.restore(edit(await session.snapshot(), () => ({ metadata: { format: 'pt' } })));
    const { metadata } = readSafetensors(await session.snapshot(), '');
    expect(metadata).toMatchObject({ 'inkling.seed': '7', 'inkling.step': '6', 'inkling.samples': '42' });
    session.dispose();
  });

  describe('while it trains', () => {
    it('taken at a step boundary, paused or running ahead: of that very step', async () => {
      const session = await createSession({ backend, seed: 3 });
      // A fast device would take all steps up to a report in one submit, and have no step boundary before it.
      const run = train(session, softmax, 40, 20, 5);
      await run.next();
      const paused = await session.snapshot();
      const next = run.next();
      const ahead = await session.snapshot();
      await next;
      for (const bytes of [paused, ahead]) {
        const other = await createSession({ backend });
        await other.restore(bytes);
        expect(other.step).toBeGreaterThanOrEqual(20);
        await collect(train(other, softmax, 40 - other.step));
        expect(await bits(other, W, b)).toEqual(await bits(session, W, b));
        other.dispose();
      }
      session.dispose();
    });

    it('restored at a step boundary: the run goes on from there, for the steps it has left', async () => {
      const [session, other] = [await trained(3, 30), await createSession({ backend, seed: 1 })];
      const bytes = await session.snapshot();
      const run = train(other, softmax, 30, 10);
      expect((await run.next()).value).toMatchObject({ step: 10, steps: 30 });
      await other.restore(bytes);
      expect(other.step).toBe(30);
      expect((await run.next()).value).toMatchObject({ step: 40, steps: 50 });
      await collect(train(session));
      expect(await bits(other, W, b)).toEqual(await bits(session, W, b));
      expect((await run.next()).value?.step).toBe(50);
      expect((await run.next()).done).toBe(true);
      session.dispose();
      other.dispose();
    });

    it('calls take effect in their order', async () => {
      const session = await trained();
      const bytes = await session.snapshot();
      const set = session.set(W, new Float32Array(FEATURES * CLASSES).fill(1));
      const restored = session.restore(bytes);
      const got = session.get(W);
      const then = session.set(b, [7, 8, 9]);
      const last = session.snapshot();
      await Promise.all([set, restored, then]);
      expect((await got).data).toEqual(readSafetensors(bytes, '').tensors.get('W')?.data);
      expect(readSafetensors(await last, '').tensors.get('b')?.data).toEqual(Float32Array.of(7, 8, 9));
      session.dispose();
    });

    it('a failed step’s weights are not in it: the last finite ones are, and their step', async () => {
      const session = await trained();
      const before = await session.snapshot();
      const failing = session.run(softmax.step, { x: new Float32Array(FEATURES).fill(3e38), y_: [[1, 0, 0]], rate: 1 });
      const bytes = session.snapshot();
      await rejection(failing);
      expect(await bytes).toEqual(before);
      session.dispose();
    });
  });

  it('a session that was disposed has none', async () => {
    const session = await trained();
    const bytes = await session.snapshot();
    session.dispose();
    expect(await rejection(session.snapshot())).toBeInstanceOf(UsageError);
    expect(await rejection(session.restore(bytes))).toBeInstanceOf(UsageError);
  });
});

describe('from one backend to the other', () => {
  it.each(backends)('from %s: the values are kept, and one line says that bits may differ', async (from) => {
    const { step, kept } = dropoutProgram('gradientDescent');
    const session = await createSession({ backend: from, seed: 2 });
    await collect(session.train(step, { steps: 10, batchSize: 7, data }));
    const bytes = await session.snapshot();
    const other = await createSession({ backend: from === 'cpu' ? 'webgpu' : 'cpu' });
    expect(await notesOf(() => session.restore(bytes))).toEqual([]);
    const notes = await notesOf(() => other.restore(bytes));
    expect(notes).toHaveLength(1);
    expect(notes[0]).toMatch(new RegExp(`taken on ${from} .* this is ${other.backend} .* last bits`));
    expect(await bits(other, ...kept)).toEqual(await bits(session, ...kept));
    const values = await Promise.all(
      [session, other].map(async (each) => {
        await collect(each.train(step, { steps: 10, batchSize: 7, data }));
        return (await Promise.all(kept.map((variable) => each.get(variable)))).flatMap((array) => [...array.data]);
      }),
    );
    const [mine = [], its = []] = values;
    mine.forEach((value, i) => {
      expect(its[i]).toBeCloseTo(value, 4);
    });
    session.dispose();
    other.dispose();
  });
});

it('after a device is lost, another session goes on from a snapshot as the error advises', async () => {
  const { step, kept } = dropoutProgram('gradientDescent');
  const train = (session: Session, steps: number) => collect(session.train(step, { steps, batchSize: 7, data }));
  const whole = await createSession({ backend: 'webgpu', seed: 6 });
  await train(whole, 60);
  const device = await newDevice();
  const session = await createSession({ device, seed: 6 });
  await train(session, 30);
  const bytes = await session.snapshot();
  device.destroy();
  expect(await rejection(train(session, 30))).toBeInstanceOf(DeviceError);
  expect(await rejection(session.snapshot())).toBeInstanceOf(DeviceError);
  expect(await rejection(session.restore(bytes))).toBeInstanceOf(DeviceError);
  session.dispose();
  const next = await createSession({ device: await newDevice() });
  await next.restore(bytes);
  await train(next, 30);
  expect(await bits(next, ...kept)).toEqual(await bits(whole, ...kept));
  next.dispose();
  whole.dispose();
});
