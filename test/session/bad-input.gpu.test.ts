/** A session's refusals: the class of the error, and the remedy in every message. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { setGpuSource } from '../../src/webgpu/device/request-device.ts';
import {
  add,
  assign,
  gradientDescent,
  InklingError,
  matmul,
  mul,
  neg,
  placeholder,
  reduceSum,
  releaseDevice,
  softmaxCrossEntropy,
  variable,
  zeros,
} from '../../src/index.ts';
import { createSession } from '../../src/node.ts';
import type { SessionOptions } from '../../src/session/create-session.ts';
import type { Feeds } from '../../src/session/feeds.ts';
import type { Fetches } from '../../src/session/fetches.ts';
import type { Session } from '../../src/session/session.ts';
import { backends, collect, columns, program, rejection, smallSet } from './programs.ts';

const set = smallSet();

/** What follows the last `;`, `:` or `.` tells what to do. */
const remedy =
  /[;:.] [^;]*\b(?:give|feed|use|make|fetch|leave|cast|import|nest|reshape|needs|works|without|to one)\b[^;]*[.)}]$/i;

async function refused(code: string, message: RegExp, work: () => unknown): Promise<void> {
  const error = await rejection(async () => work());
  expect(error).toBeInstanceOf(InklingError);
  expect(error).toMatchObject({ code, message: expect.stringMatching(message) as string });
  expect((error as Error).message).toMatch(remedy);
}

describe.each(backends)('bad input on %s', (backend) => {
  let session: Session;
  beforeAll(async () => {
    session = await createSession({ backend });
  });
  afterAll(() => session.dispose());

  const { x, loss, step, W, accuracy } = program();
  const one = { x: [Array.from({ length: 12 }, () => 1)], y_: [[0, 1, 0]] };
  const ids = placeholder('ids', [null], 'int32');
  const flags = placeholder('flags', [2], 'bool');
  const given =
    (feeds: Feeds, fetches: Fetches = loss) =>
    () =>
      session.run(fetches, feeds);
  const seven = [[1, 2, 3, 4, 5, 6, 7]];

  it.each<[string, RegExp, () => unknown]>([
    ['nothing fed', /^Placeholder 'y_' \[null, 3\] has no value; feed it/, given({})],
    ['one feed missing', /^Placeholder 'x' \[null, 12\] has no value/, given({ y_: one.y_ })],
    ['an empty feed', /^Placeholder 'x' \[null, 12\] has no value/, given({ ...one, x: null as never })],
    ['an unknown feed', /^Unknown feed 'z': this run depends on the placeholders 'y_', 'x'\./, given({ ...one, z: 1 })],
    ['a feed where none is needed', /^Unknown feed 'x': this run depends on no placeholders/, given(one, W)],
    ['a placeholder of the same name', /^Unknown feed 'x'/, given(new Map([[placeholder('x', [null, 12]), one.x]]))],
    ['a wrong width', /'x' expects shape \[null, 12\]; it was fed \[1, 7\]/, given({ ...one, x: seven })],
    ['a wrong rank', /'x' expects shape \[null, 12\]; it was fed \[7\]/, given({ ...one, x: seven[0] ?? [] })],
    ['a flat array of another length', /'x' expects shape \[null, 12\]; it was fed \[13\]/, given({ ...one, x: new Float32Array(13) })],
    ['no rows at all', /'x' expects shape \[null, 12\]; it was fed \[0\]/, given({ ...one, x: new Float32Array(0) })],
    ['ragged rows', /feed 'x': nested arrays are ragged at axis 1/, given({ ...one, x: [one.x[0] ?? [], [1]] })],
    ['text', /feed 'x': found 'a' where a number/, given({ ...one, x: [['a']] as never })],
    ['an NDArray that does not fill its shape', /feed 'x': 5 values do not fill/, given({ ...one, x: { data: new Float32Array(5), shape: [1, 12], dtype: 'float32' } })],
    ['another dtype', /'x' is float32; it was fed int32\./, given({ ...one, x: { data: new Int32Array(12), shape: [1, 12], dtype: 'int32' } })],
    ['labels that are not finite', /'y_' was fed NaN at element 1; feed finite/, given({ ...one, y_: [[0, NaN, 1]] })],
    ['labels that overflow float32', /'y_' was fed Infinity at element 2/, given({ ...one, y_: [[0, 0, 1e39]] })],
    ['a scalar that is not finite', /'rate' was fed Infinity; feed finite/, given({ ...one, rate: Infinity }, step)],
    ['int32 fed 1.5', /'ids' is int32; it was fed 1\.5/, given({ ids: [1.5] }, mul(ids, 2))],
    ['int32 fed NaN', /'ids' is int32; it was fed NaN/, given({ ids: Float32Array.of(NaN) }, mul(ids, 2))],
    ['int32 fed 2³¹', /'ids' is int32; it was fed 2147483648/, given({ ids: [2 ** 31] }, mul(ids, 2))],
    ['images for a narrower placeholder', /does not take 'small images', which has 60 rows of 12 elements/, given({ x: set.images }, neg(placeholder('x', [null, 5])))],
    ['images for ids', /'ids' \[null\] int32 does not take 'small images'/, given({ ids: set.images }, mul(ids, 2))],
    ['labels for bools', /'flags' \[2\] bool does not take 'small labels'/, given({ flags: set.labels }, flags)],
  ])('%s', (_, message, work) => refused('feed', message, work)); // prettier-ignore

  it('labels of softmaxCrossEntropy that are not finite', () => {
    const labels = placeholder('labels', [null, 3]);
    const rows = softmaxCrossEntropy(matmul(x, W), labels);
    return refused('feed', /'labels' was fed NaN/, given({ x: one.x, labels: [[NaN, 0, 0]] }, reduceSum(rows)));
  });

  it('features that are not finite are computed with', async () => {
    const z = placeholder('z', [2]);
    expect(await session.run(mul(z, 0.5), { z: [Infinity, 1] })).toMatchObject({
      data: Float32Array.of(Infinity, 0.5),
    });
  });

  describe('names', () => {
    const [v, other] = [variable('v', [1]), variable('v', [[2]])];

    it('two placeholders of one name', () =>
      refused('graph', /^Two placeholders are called 'x'/, given({ x: [[1]] }, [x, placeholder('x', [null, 1])])));
    it('two variables of one name', () => refused('graph', /^Two variables are called 'v'/, given({}, [v, other])));

    it('across runs of a session, in any call', async () => {
      await session.run(v);
      const known = /^This session knows another variable called 'v'/;
      await refused('graph', known, given({}, other));
      await refused('graph', known, () => session.get(other));
      await refused('graph', known, () => session.set(other, [[1]]));
      await refused('graph', known, given({}, assign(other, mul(other, 2))));
      const [p, q] = [variable('twin', [1]), variable('twin', [2])];
      const results = await Promise.allSettled([session.run(p), session.run(q)]);
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
      expect((await session.get(v)).data).toEqual(Float32Array.of(1));
    });
  });

  it('fetches that are none', async () => {
    await refused('usage', /fetches is 5; fetch tensors/, given({}, 5 as never));
    await refused('usage', /fetches\.a\[1\] is null; fetch tensors/, given({}, { a: [W, null as never] }));
    await refused('usage', /fetches is undefined; fetch/, () => session.run(undefined as never));
    await refused('usage', /fetches\.s is a Session.*; fetch/, given({}, { s: session as never }));
    await refused('usage', /fetches is a Dataset.*; fetch/, given({}, set as never));
  });

  it('sizes that turn out not to fit', async () => {
    const [p, q] = [placeholder('p', [null]), placeholder('q', [null])];
    await refused('graph', /p.*\[2\].*q.*\[3\]|q.*\[3\].*p.*\[2\]/, given({ p: [1, 2], q: [1, 2, 3] }, add(p, q)));
    const c = variable('c', [1, 2]);
    await refused('graph', /'c'/, given({ q: [1, 2, 3] }, assign(c, q)));
    expect((await session.get(c)).data).toEqual(Float32Array.of(1, 2));
  });

  it('values that cannot be set', async () => {
    const c = variable('c2', zeros([2, 3]));
    await refused('graph', /'c2'.*was given \[2\]; give \[2, 3\]/, () => session.set(c, [1, 2]));
    await refused('graph', /was given \[5\]/, () => session.set(c, new Float32Array(5)));
    await refused('usage', /value for 'c2' is not finite/, () => session.set(c, [[1, 2, 3], [4, NaN, 6]])); // prettier-ignore
    expect((await session.get(c)).data).toEqual(new Float32Array(6));
  });

  it('options of evaluate, plan and explain', async () => {
    const data = columns(set);
    const fetch = { accuracy };
    for (const batchSize of [0, -1, 1.5, NaN]) {
      await refused('usage', /`batchSize` is/, () => session.evaluate({ data, batchSize, fetch }));
      await refused('usage', /`batchSize` is/, () => session.plan(step, { data, batchSize, feeds: { rate: 1 } }));
    }
    await refused('usage', /`batchSize` is 61; .* \(the data set has 60 rows\)/, () =>
      session.explain(step, { data, batchSize: 61, feeds: { rate: 1 } }),
    );
    await refused('usage', /`data` is empty/, () => session.evaluate({ data: {}, fetch }));
    await refused('usage', /columns of different data sets/, () =>
      session.evaluate({ data: { x: set.images, y_: smallSet(60, 'other').labels }, fetch }),
    );
    await refused('usage', /operations cannot be fetched/, () =>
      session.evaluate({ data, feeds: { rate: 1 }, fetch: { step } }),
    );
    await refused('feed', /'x' .*has no value/, () => session.plan(loss, { y_: one.y_ }));
  });

  it('every call after dispose', async () => {
    const gone = await createSession({ backend });
    await gone.run(loss, one);
    const run = gone.train(step, { steps: 1, batchSize: 1, data: columns(set), feeds: { rate: 1 } });
    gone.dispose();
    gone.dispose();
    const calls: (() => unknown)[] = [
      () => gone.run(loss, one),
      () => gone.train(step, { steps: 1, batchSize: 1, data: columns(set), feeds: { rate: 1 } }),
      () => run.next(),
      () => gone.get(W),
      () => gone.set(W, new Float32Array(36)),
      () => gone.reset(),
      () => gone.evaluate({ data: columns(set), fetch: { accuracy } }),
      () => gone.plan(loss, one),
      () => gone.explain(loss, one),
    ];
    for (const call of calls) await refused('usage', /^The session was disposed\./, call);
  });

  it('calls in progress when it was disposed', async () => {
    const gone = await createSession({ backend });
    const under = [gone.run(step, { ...one, rate: 1 }), gone.run(loss, one), gone.get(W), gone.reset()];
    gone.dispose();
    for (const work of under) await refused('usage', /^The session was disposed\./, () => work);
  });

  it('nothing of this has disturbed the session', async () => {
    expect(await session.run(loss, one)).toBeCloseTo(Math.log(3), 6);
    const reports = await collect(
      session.train(step, { steps: 2, batchSize: 5, data: columns(set), feeds: { rate: 0.1 } }),
    );
    expect(reports.at(-1)?.step).toBe(2);
  });
});

describe('createSession', () => {
  it.each<[string, RegExp, SessionOptions]>([
    ['a seed that is no whole number', /`seed` is 1\.5; give/, { seed: 1.5 }],
    ['a negative seed', /`seed` is -1/, { seed: -1 }],
    ['a seed of 2³²', /`seed` is 4294967296/, { seed: 2 ** 32 }],
    ['a seed that is no number', /`seed` is 'a'; give/, { seed: 'a' as never }],
    ['what is no device', /`device` is 5; give a GPUDevice/, { device: 5 as never }],
    [
      'a device that is not awaited',
      /`device` is a Promise that is not awaited/,
      { device: Promise.resolve() as never },
    ],
    ['what is no adapter', /`adapter` is null; give a GPUAdapter/, { adapter: null as never }],
    [
      'another preference',
      /`powerPreference` is 'fast'; give/,
      { backend: 'webgpu', powerPreference: 'fast' as never },
    ],
    ['options that are none', /the argument of options is 'cpu'; give an object/, 'cpu' as never],
    ['another backend', /`backend` is 'gpu'; give/, { backend: 'gpu' as never }],
  ])('refuses %s', (_, message, options) => refused('usage', message, () => createSession(options)));

  it('without WebGPU: an error where it was asked for, else the CPU with one note', async () => {
    const info = vi.spyOn(console, 'info').mockImplementation(() => undefined);
    await releaseDevice();
    const before = setGpuSource(() => Promise.resolve(undefined));
    await refused('device', /^There is no WebGPU here/, () => createSession({ backend: 'webgpu' }));
    const sessions = [await createSession(), await createSession({ backend: 'auto' })];
    expect(sessions.map(({ backend }) => backend)).toEqual(['cpu', 'cpu']);
    expect(info.mock.calls).toEqual([[expect.stringMatching(/^Inkling runs on the CPU\. There is no WebGPU here/)]]);
    setGpuSource(() => Promise.resolve({ requestAdapter: () => Promise.resolve(null) } as unknown as GPU));
    await refused('device', /^WebGPU found no adapter/, () => createSession({ backend: 'webgpu' }));
    info.mockRestore();
    setGpuSource(before);
  });
});

it('an invalid learning rate', async () => {
  for (const rate of [NaN, -1, Infinity]) await refused('usage', /the learning rate is/, () => gradientDescent(rate));
});
