/** The CPU backend: updates of variables, effects of a failure, rows drawn, order of calls. */
import { describe, expect, test } from 'vitest';
import type { Backend } from '../../src/compile/backend.ts';
import { createCpuBackend } from '../../src/cpu/backend.ts';
import { UsageError } from '../../src/errors.ts';
import { epochKey, permute } from '../../src/graph/permutation.ts';
import { constant, placeholder, variable } from '../../src/graph/sources.ts';
import type { Tensor } from '../../src/graph/tensor.ts';
import { add, div, matmul, mul, numbers, reshape, sub } from './graphs.ts';
import { columnOf, plain, planOf, run, submit } from './plans.ts';

function backendWith(variables: Readonly<Record<string, readonly number[]>>, seed = 0): Backend {
  const backend = createCpuBackend({ seed });
  backend.addVariables(
    Object.entries(variables).map(([name, values]) => ({ name, values: Float32Array.from(values) })),
  );
  return backend;
}

async function read(backend: Backend, ...names: readonly string[]): Promise<number[][]> {
  return (await backend.readVariables(names)).map((values) => [...values]);
}

const start = { step: 0, samples: 0 };
const a = variable('a', [1, 2]);
const b = variable('b', [10, 20]);
const one = constant(1);

describe('updates', () => {
  test('apply together: each reads the values from before the step', async () => {
    const backend = backendWith({ a: [1, 2], b: [10, 20] });
    const swap = [
      { variable: a, value: reshape(b, [2]) },
      { variable: b, value: a },
    ];
    const plan = await backend.load(planOf({ fetches: [a, add(a, b)], updates: swap }));
    expect(await run(plan)).toEqual({
      values: [
        [1, 2],
        [11, 22],
      ],
      failure: undefined,
    });
    expect(await read(backend, 'a', 'b')).toEqual([
      [10, 20],
      [1, 2],
    ]);
    await run(plan, { steps: 2 });
    expect(await read(backend, 'b', 'a')).toEqual([
      [1, 2],
      [10, 20],
    ]);
  });

  test('calls take effect in the order they are made, on copies of what they are given', async () => {
    const backend = backendWith({ a: [1, 2] });
    const x = placeholder('x', [2]);
    const plan = await backend.load(planOf({ updates: [{ variable: a, value: add(a, x) }] }));
    const fed = Float32Array.of(1, 1);
    const written = Float32Array.of(100, 100);
    const first = submit(plan, { feeds: new Map([['x', fed]]), read: false });
    const between = read(backend, 'a');
    backend.writeVariable('a', written);
    fed.fill(7);
    written.fill(7);
    const again = submit(plan, { feeds: undefined, steps: 3 }).outcome;
    expect(plain(await first.outcome)).toEqual({ values: [], failure: undefined });
    expect(await between).toEqual([[2, 3]]);
    expect(await read(backend, 'a')).toEqual([[103, 103]]);
    expect((await again).failure).toBeUndefined();
  });

  test('what is fetched is a copy', async () => {
    const backend = backendWith({ a: [1, 2] });
    const plan = await backend.load(planOf({ fetches: [add(a, a)], updates: [{ variable: a, value: add(a, one) }] }));
    const first = await submit(plan).outcome;
    await run(plan);
    expect(plain(first).values).toEqual([[2, 4]]);
  });
});

describe('a check that fails', () => {
  const x = placeholder('x', [2]);
  const shrink = [
    { variable: a, value: sub(a, one) },
    { variable: b, value: div(one, sub(a, x)) },
  ];

  test('drops the step’s updates, and names what failed first', async () => {
    const backend = backendWith({ a: [5, 6], b: [0, 0] });
    const feeds = new Map([['x', Float32Array.of(5, 0)]]);
    const unchecked = await backend.load(planOf({ fetches: [a], updates: shrink }));
    expect(await run(unchecked, { feeds })).toEqual({ values: [], failure: { step: 1, check: 'b', counters: start } });
    const checked = await backend.load(planOf({ updates: shrink, checks: [a, div(one, sub(a, x))] }));
    expect((await run(checked, { feeds })).failure).toEqual({ step: 1, check: 'check 1', counters: start });
    expect(await read(backend, 'a', 'b')).toEqual([
      [5, 6],
      [0, 0],
    ]);
  });

  test('inside several steps keeps the state of the step before', async () => {
    const backend = backendWith({ a: [5, 6], b: [0, 0] });
    const plan = await backend.load(planOf({ fetches: [a], updates: shrink }));
    const feeds = new Map([['x', Float32Array.of(3, 1)]]);
    const outcome = await run(plan, { feeds, steps: 50, counters: { step: 40, samples: 0 } });
    expect(outcome).toEqual({ values: [], failure: { step: 43, check: 'b', counters: { step: 42, samples: 0 } } });
    expect(await read(backend, 'a', 'b')).toEqual([
      [3, 4],
      [1, Math.fround(1 / 4)],
    ]);
  });

  const finite = new Map([['x', Float32Array.of(0, 0)]]);
  const failing = new Map([['x', Float32Array.of(5, 1)]]);
  const failure = { step: 1, check: 'b', counters: start };

  test('is told to the updates that waited behind it, not to those that come after, nor to readers', async () => {
    const backend = backendWith({ a: [5, 6], b: [0, 0] });
    const plan = await backend.load(planOf({ updates: shrink }));
    const count = await backend.load(planOf({ fetches: [a], updates: [{ variable: a, value: add(a, one) }] }));
    const look = await backend.load(planOf({ fetches: [a] }));
    const first = submit(plan, { feeds: failing }).outcome;
    const queued = [submit(count), submit(look), submit(count, { read: false }), submit(count)];
    expect((await first).failure).toEqual(failure);
    expect(await run(count)).toEqual({ values: [[5, 6]], failure: undefined });
    const outcomes = await Promise.all(queued.map(({ outcome }) => outcome));
    expect(outcomes.map((outcome) => outcome.failure)).toEqual([failure, undefined, undefined, failure]);
    expect(outcomes.map((outcome) => outcome.values)).toEqual([[], [Float32Array.of(5, 6)], [], []]);
    expect(await read(backend, 'a')).toEqual([[6, 7]]);
  });

  test('in a submission that is not read waits for one that is', async () => {
    const backend = backendWith({ a: [5, 6], b: [0, 0] });
    const plan = await backend.load(planOf({ updates: shrink }));
    await submit(plan, { feeds: failing, read: false }).done;
    await submit(plan, { feeds: finite, read: false }).done;
    expect((await run(plan)).failure).toEqual(failure);
    expect((await run(plan)).failure).toBeUndefined();
    expect(await read(backend, 'a')).toEqual([[4, 5]]);
  });

  test('holds nothing up once all is settled', async () => {
    const backend = backendWith({ a: [5, 6], b: [0, 0] });
    const plan = await backend.load(planOf({ updates: shrink }));
    const first = submit(plan, { feeds: failing, read: false });
    await backend.synchronize();
    expect((await run(plan, { feeds: finite })).failure).toBeUndefined();
    expect(plain(await first.outcome)).toEqual({ values: [], failure: undefined });
  });
});

describe('batches', () => {
  const rows = 7;
  const images = columnOf(
    'uint8',
    Uint8Array.from({ length: rows * 2 }, (_, i) => 17 * i),
    2,
  );
  const labels = columnOf(
    'labels',
    Uint8Array.from({ length: rows }, (_, i) => i % 3),
    1,
    3,
  );
  const floats = columnOf(
    'float32',
    Float32Array.from({ length: rows }, (_, i) => i + 0.5),
    1,
  );
  const columns = { image: images, oneHot: labels, id: labels, float: floats };
  const fetches: Tensor[] = [
    placeholder('float', [3, 1]),
    placeholder('image', [3, 2]),
    placeholder('oneHot', [3, 3]),
    placeholder('id', [3], 'int32'),
  ];
  const expected = (drawn: readonly number[]): number[][] => [
    drawn.map((row) => row + 0.5),
    drawn.flatMap((row) => [(34 * row) / 255, (34 * row + 17) / 255].map(Math.fround)),
    drawn.flatMap((row) => [0, 1, 2].map((label) => Number(label === row % 3))),
    drawn.map((row) => row % 3),
  ];
  const request = { columns: new Map(Object.entries(columns)) };
  const seed = 42;
  const shuffled = (from: number): number[] =>
    [from, from + 1, from + 2].map((s) => permute(s % rows, rows, epochKey(seed, Math.floor(s / rows))));

  test('shuffled rows go on from the samples drawn, across epochs', async () => {
    const backend = backendWith({}, seed);
    const plan = await backend.load(planOf({ fetches, columns, sampling: { kind: 'shuffled', batch: 3, rows } }));
    for (const [samples, steps] of [
      [0, 1],
      [5, 1],
      [1, 7],
      [100, 2],
    ] as const) {
      const { values } = await run(plan, { ...request, counters: { step: 9, samples }, steps });
      expect(values).toEqual(expected(shuffled(samples + 3 * (steps - 1))));
    }
  });

  test('rows in order: from an offset, or the next of the training', async () => {
    const backend = backendWith({}, seed);
    const evaluation = await backend.load(planOf({ fetches, columns, sampling: { kind: 'range', batch: 3, rows } }));
    const counters = { step: 2, samples: 6 };
    expect((await run(evaluation, { ...request, counters, rowOffset: 4 })).values).toEqual(expected([4, 5, 6]));
    const training = await backend.load(planOf({ fetches, columns, sampling: { kind: 'sequential', batch: 3, rows } }));
    expect((await run(training, { ...request, counters, rowOffset: 4 })).values).toEqual(expected([6, 0, 1]));
    expect((await run(training, { ...request, counters, steps: 2 })).values).toEqual(expected([2, 3, 4]));
  });
});

describe('the event loop', () => {
  const big = numbers([300, 300], 1);
  const W = variable('W', big);
  const training = planOf({ fetches: [W], updates: [{ variable: W, value: mul(matmul(W, W), constant(0)) }] });

  test('has its turns during one long submission, and between many short ones', async () => {
    const backend = createCpuBackend({ seed: 0 });
    backend.addVariables([{ name: 'W', values: Float32Array.from(big.data) }]);
    const plan = await backend.load(training);
    const longestGap = async (work: () => Promise<unknown>): Promise<{ ticks: number; total: number }> => {
      let ticks = 0;
      const timer = setInterval(() => ticks++, 1);
      const since = performance.now();
      await work();
      clearInterval(timer);
      return { ticks, total: performance.now() - since };
    };
    const long = await longestGap(() => submit(plan, { steps: 20 }).outcome);
    expect(long.ticks).toBeGreaterThan(Math.floor(long.total / 50));
    const short = await longestGap(async () => {
      for (let i = 0; i < 20; i++) await submit(plan).outcome;
    });
    expect(short.ticks).toBeGreaterThan(Math.floor(short.total / 50));
  });

  test('lets a session be disposed of: all that is pending is rejected', async () => {
    const backend = createCpuBackend({ seed: 0 });
    backend.addVariables([{ name: 'W', values: Float32Array.from(big.data) }]);
    const plan = await backend.load(training);
    const running = submit(plan, { steps: 1e6 });
    const queued = submit(plan);
    const reading = backend.readVariables(['W']);
    setTimeout(() => backend.dispose(), 20);
    const results = await Promise.allSettled([running.outcome, running.done, queued.outcome, queued.done, reading]);
    for (const result of results) expect(result).toMatchObject({ status: 'rejected', reason: { code: 'usage' } });
    expect(() => submit(plan)).toThrow(UsageError);
  });
});

test('names that are unknown, or not new, and plans for others are internal errors', async () => {
  const backend = backendWith({ a: [1, 2] });
  const twice = (): void => backend.addVariables([{ name: 'a', values: new Float32Array(2) }]);
  expect(twice).toThrow("Internal error (please report): variable 'a' was added twice.");
  expect(() => backend.writeVariable('c', new Float32Array(2))).toThrow("the backend has no variable 'c'");
  await expect(backend.load(planOf({ fetches: [b] }))).rejects.toThrow("the backend has no variable 'b'");
  const program = { ...planOf({}).program, backend: 'webgpu' } as never;
  await expect(backend.load({ ...planOf({}), program })).rejects.toThrow('a plan for webgpu was given to cpu');
});
