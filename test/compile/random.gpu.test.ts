/**
 * Random steps on WebGPU against the float64 oracle: the best there is at finding what fusion, scheduling, memory and the emitters
 * get wrong. `RUNS` and `SEED` in the environment look further.
 */
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { evaluate, type Feed, type Result } from '../../src/backend/cpu/evaluate.ts';
import { printGraph } from '../../src/compile/print.ts';
import type { Tensor } from '../../src/index.ts';
import { openRig } from '../backend/webgpu/rig.ts';
import { firstDifference } from '../backend/webgpu/values.ts';
import { DEFAULT_LIMITS, TINY_LIMITS } from './planning.ts';
import { programs, randomStep, rowsOf, type Program, type RandomStep } from './random-graphs.ts';

const SESSION_SEED = 5;
const STEPS = 2;

const rig = await openRig(SESSION_SEED);
afterAll(() => {
  expect(rig.faults).toEqual([]);
  rig.dispose();
});

/** Variables stay for good, so that each program needs names of its own. */
let count = 0;

it('random graphs are what the oracle says, two steps on', { timeout: 3_600_000 }, async () => {
  const parameters = { numRuns: Number(process.env.RUNS ?? 150), seed: Number(process.env.SEED ?? 1) };
  await fc.assert(fc.asyncProperty(programs, check), parameters);
});

async function check(program: Program): Promise<void> {
  const step = randomStep(program, `${count++}/`);
  const { fetches, arrays, columns, variables, updates, nodes } = step;
  rig.backend.addVariables([...variables].map(([{ name }, values]) => ({ name, values })));
  const adapterClass = program.offset % 2 === 0 ? 'gpu' : 'software';
  const plan = rig.plan(step, { adapterClass, limits: program.updated % 2 === 0 ? DEFAULT_LIMITS : TINY_LIMITS });
  const loaded = await rig.load(plan);
  const { values, failure } = await loaded.submit({
    feeds: new Map([...arrays].map(([{ name }, { data }]) => [name, data])),
    columns: new Map([...columns].map(([{ name }, column]) => [name, column])),
    counters: { step: 0, samples: program.offset },
    rowOffset: program.offset,
    steps: STEPS,
    read: true,
  }).outcome;
  const state = await rig.backend.readVariables([...variables.keys()].map(({ name }) => name));
  loaded.dispose();

  const { fetched, next } = oracle(step);
  const exact = new Set(nodes.filter((node) => node.exact).map(({ tensor }) => tensor));
  const bounds = new Map(nodes.map(({ tensor, bound }) => [tensor, bound]));
  const faults = fetches.map((fetch, i) => {
    const expected = fetched[i]?.data ?? [];
    if (exact.has(fetch)) return firstDifference(values[i] ?? [], expected, 0, 0);
    const scale =
      bounds.get(fetch) ?? Math.max(...Array.from(expected, Math.abs), bounds.get(fetches[0] ?? fetch) ?? 0);
    return firstDifference(values[i] ?? [], expected, 1e-5 * Math.max(1, scale));
  });
  faults.push(...next.map((values, i) => firstDifference(state[i] ?? [], values, 0, 0)));
  const text = `${printGraph([...fetches, ...updates.map(({ value }) => value)])}\n${JSON.stringify(plan.kernels)}`;
  expect(failure, text).toBeUndefined();
  expect(
    faults.filter((fault) => fault !== undefined),
    text,
  ).toEqual([]);
}

/** The fetches of the last step and the variables after it. */
function oracle({ fetches, updates, arrays, columns, variables, rowsAt }: RandomStep): {
  fetched: readonly Result[];
  next: readonly ArrayLike<number>[];
} {
  const targets = [...variables.keys()];
  let next: readonly ArrayLike<number>[] = [...variables.values()];
  let fetched: readonly Result[] = [];
  for (let step = 0; step < STEPS; step++) {
    const feeds = new Map<Tensor, Feed>(arrays);
    targets.forEach((target, i) => feeds.set(target, { data: next[i] ?? [], shape: target.initial.shape }));
    for (const [node, column] of columns)
      feeds.set(node, { data: rowsOf(column, rowsAt(step, SESSION_SEED)), shape: node.shape as readonly number[] });
    const results = evaluate([...fetches, ...updates.map(({ value }) => value)], feeds, { precision: 'float64' });
    fetched = results.slice(0, fetches.length);
    next = results.slice(fetches.length).map(({ data }) => data);
  }
  return { fetched, next };
}
