/**
 * The codelab's step and its variants on an adapter: the plan's dispatches, and the oracle's numbers.
 */
import { afterAll, expect, it } from 'vitest';
import { Column, columnOffsetWords, type ColumnSource } from '../../src/graph/column.ts';
import { randomStream } from '../../src/graph/random.ts';
import { Placeholder, Variable } from '../../src/graph/sources.ts';
import { topologicalOrder } from '../../src/graph/walk.ts';
import { partOf } from '../../src/compile/plan.ts';
import type { WebGpuProgram } from '../../src/webgpu/plan.ts';
import { openRig, type Rig } from './device/rig.ts';
import { firstDifference } from './device/values.ts';
import {
  convolutional,
  distantKin,
  kin,
  perceptron,
  softmaxRegression,
  summedCrossEntropy,
  type Classifier,
} from './classifiers.ts';
import { ADAPTERS } from './planning.ts';
import { oracleSteps, runSteps, type Step } from './steps.ts';

const SEED = 3;
const ROWS = 40;
const BATCH = 17;
const STEPS = 3;

/** A rig for each set of variables' shapes, since all go by the same names. */
const rigs = new Map<string, Rig>();
afterAll(() => {
  for (const rig of rigs.values()) {
    expect(rig.faults).toEqual([]);
    rig.dispose();
  }
});

async function rigFor({ variables }: Step): Promise<Rig> {
  const shapes = JSON.stringify([...variables.keys()].map(({ name, shape }) => [name, shape]).sort());
  const rig = rigs.get(shapes) ?? (await openRig(SEED));
  rigs.set(shapes, rig);
  return rig;
}

/** A step on rows of random bytes; the loss is fetched beside it. */
function stepOf({ loss, step, size, classes }: Classifier): Step {
  const random = randomStream(7, 'images');
  const source: ColumnSource & { readonly columns: Column[] } = { name: 'random', columns: [] };
  const common = { source, name: 'random', rows: ROWS, classes };
  const images = Uint8Array.from({ length: ROWS * size }, (_, i) =>
    random.uniform(2 * i) < 0.8 ? 0 : 256 * random.uniform(2 * i + 1),
  );
  const labels = Int32Array.from({ length: ROWS }, (_, i) => (i * 7) % classes);
  source.columns.push(
    new Column({ ...common, format: 'uint8', values: images, rowSize: size }),
    new Column({ ...common, format: 'labels', values: labels, rowSize: 1 }),
  );
  const order = topologicalOrder([loss]);
  const columns = new Map<Placeholder, Column>();
  for (const node of order) {
    const column = source.columns[node.name === 'x' ? 0 : 1];
    if (node instanceof Placeholder && column !== undefined) columns.set(node as Placeholder, column);
  }
  const variables = order.filter((node): node is Variable => node instanceof Variable);
  return {
    fetches: [loss],
    updates: step.updates,
    checks: step.checks,
    training: true,
    countsStep: true,
    feeds: new Map(
      [...columns].map(([{ name, shape }, column]) => {
        const sizes = [BATCH, ...(shape.slice(1) as number[])];
        const wordOffset = columnOffsetWords(column);
        return [name, { kind: 'column', shape: sizes, column, wordOffset, binding: 0, sampling: 'shuffled' }];
      }),
    ),
    arrays: new Map(),
    columns,
    variables: new Map(variables.map((node) => [node, node.initial.values(randomStream(SEED, node.name))])),
    batches: { sampling: 'shuffled', batch: BATCH, rows: ROWS, offset: 30 },
  };
}

const deep = {
  'a perceptron': () => perceptron([30, 20]),
  'a convolutional network': () => convolutional(13, [3, 5], 7),
};

it.each(Object.entries({ ...kin, ...distantKin, ...deep }))('%s', async (_, build) => {
  const step = stepOf(build());
  const rig = await rigFor(step);
  const before = rig.dispatches;
  const { plan, values, failure, state } = await runSteps(rig, step, STEPS);
  expect(failure).toBeUndefined();
  expect(rig.dispatches - before).toBe(STEPS * plan.dispatches);
  const { fetched, next } = oracleSteps(step, STEPS, SEED);
  expect(firstDifference(values[0] ?? [], fetched[0]?.data ?? [], 1e-5)).toBeUndefined();
  state.forEach((values, i) => expect(firstDifference(values, next[i] ?? [], 1e-5)).toBeUndefined());
});

it('a plan runs on another device, where its variables lie elsewhere', async () => {
  const step = stepOf(convolutional(13, [3, 5], 7));
  const { plan, values, state } = await runSteps(await rigFor(step), step, STEPS);
  const other = await openRig(SEED);
  try {
    other.setVariable('another', new Float32Array(5));
    expect(other.plan(step)).toEqual(plan);
    const reversed = { ...step, variables: new Map([...step.variables].reverse()) };
    expect(await runSteps(other, reversed, STEPS, {}, plan)).toMatchObject({ values, state: state.toReversed() });
  } finally {
    other.dispose();
  }
});

/** Programs that run with every choice of tiles. The others are the first one in other words, and have its products. */
const tiled: readonly string[] = ['word for word', 'weights stored by class', ...Object.keys(deep)];

it.each(
  Object.entries({ ...kin, ...distantKin, ...deep }).flatMap(([name, build]) =>
    Object.entries(ADAPTERS)
      .filter(([, adapter]) => !('tiles' in adapter) || tiled.includes(name))
      .map(([kind, adapter]) => [name, kind, adapter, build] as const),
  ),
)('%s, fused for %s, is what the plain schedule makes', async (_, _kind, adapter, build) => {
  const step = stepOf(build());
  const rig = await rigFor(step);
  const plain = await runSteps(rig, step, STEPS, adapter);
  const before = rig.dispatches;
  const { plan, values, failure, state } = await runSteps(rig, step, STEPS, { ...adapter, schedule: 'fused' });
  expect(failure).toBeUndefined();
  const { prologue } = partOf(plan.program, 'webgpu') as WebGpuProgram;
  expect(rig.dispatches - before).toBe(STEPS * plan.dispatches + prologue.length);
  expect(prologue).toHaveLength(plan.dispatches === 1 ? 1 : 0);
  if (prologue.length === 0) {
    expect({ values, state }).toEqual({ values: plain.values, state: plain.state });
    return;
  }
  expect(firstDifference(values[0] ?? [], plain.values[0] ?? [], 1e-5)).toBeUndefined();
  state.forEach((values, i) => expect(firstDifference(values, plain.state[i] ?? [], 1e-5)).toBeUndefined());
});

it('the loss by hand and that of the library leave the same bits', async () => {
  const results = [];
  for (const options of [{}, { loss: summedCrossEntropy }]) {
    const step = stepOf(softmaxRegression(options));
    const { values, state } = await runSteps(await rigFor(step), step, STEPS);
    results.push({ values, state });
  }
  expect(results[1]).toEqual(results[0]);
});
