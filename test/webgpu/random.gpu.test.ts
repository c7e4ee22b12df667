/**
 * Random steps on WebGPU against the float64 oracle, which find errors of fusion, scheduling, memory and the emitters.
 * `RUNS` and `SEED` in the environment extend the search.
 */
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { printGraph } from '../../src/compile/print.ts';
import { openRig } from './device/rig.ts';
import { firstDifference } from './device/values.ts';
import { ADAPTERS, DEFAULT_LIMITS, TINY_LIMITS } from './planning.ts';
import { programs, randomStep, type Program } from './random-graphs.ts';
import { oracleSteps, runSteps } from './steps.ts';

const SESSION_SEED = 5;
const STEPS = 2;

const rig = await openRig(SESSION_SEED);
afterAll(() => {
  expect(rig.faults).toEqual([]);
  rig.dispose();
});

/** Variables stay for good, so that each program needs names of its own. */
let count = 0;

/** Programs that chaining shortened. */
let shortened = 0;

it('random graphs equal the oracle, over two steps', { timeout: 3_600_000 }, async () => {
  const parameters = { numRuns: Number(process.env.RUNS ?? 150), seed: Number(process.env.SEED ?? 1) };
  await fc.assert(fc.asyncProperty(programs, check), parameters);
  expect(shortened).toBeGreaterThan(parameters.numRuns / 20);
});

async function check(program: Program): Promise<void> {
  const step = randomStep(program, `${count++}/`);
  const { fetches, updates, nodes } = step;
  const adapters = Object.values(ADAPTERS);
  const adapter = adapters[program.offset % adapters.length];
  const limits = program.updated % 2 === 0 ? DEFAULT_LIMITS : TINY_LIMITS;
  const { plan, values, failure, state } = await runSteps(rig, step, STEPS, { ...adapter, limits });
  const fused = await runSteps(rig, step, STEPS, { ...adapter, limits, schedule: 'fused' });
  if (fused.plan.dispatches < plan.dispatches) shortened++;
  const { fetched, next } = oracleSteps(step, STEPS, SESSION_SEED);
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
  expect(fused.failure).toEqual(failure);
  fused.values.forEach((value, i) => faults.push(firstDifference(value, values[i] ?? [], 0, 0)));
  fused.state.forEach((value, i) => faults.push(firstDifference(value, state[i] ?? [], 0, 0)));
  const text = `${printGraph([...fetches, ...updates.map(({ value }) => value)])}\n${JSON.stringify(plan.kernels)}`;
  expect(failure, text).toBeUndefined();
  expect(
    faults.filter((fault) => fault !== undefined),
    text,
  ).toEqual([]);
}
