/**
 * `session.evaluate` of random graphs: the values of a run on the whole set, or a refusal, and the same in chunks of any
 * size.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Dataset } from '../../src/data/index.ts';
import {
  add,
  argMax,
  cast,
  clip,
  concat,
  div,
  equal,
  expandDims,
  flatten,
  gather,
  matmul,
  maximum,
  mul,
  neg,
  oneHot,
  pad,
  placeholder,
  reduceMax,
  reduceMean,
  reduceMin,
  reduceSum,
  relu,
  reshape,
  slice,
  softmax,
  sqrt,
  square,
  squeeze,
  stopGradient,
  sub,
  transpose,
  variable,
  where,
  less,
  type NDArray,
  type Tensor,
} from '../../src/index.ts';
import { createSession } from '../../src/node.ts';
import type { Session } from '../../src/session/session.ts';
import { topologicalOrder } from '../../src/graph/walk.ts';
import { keepDevice, rejection } from './programs.ts';

keepDevice();
/** As many as there are features squared: sizes coincide. */
const ROWS = 16;
const FEATURES = 4;
const SIZES = [1, 7, ROWS];
const set = Dataset.from({
  features: Float32Array.from({ length: ROWS * FEATURES }, (_, i) => ((i * 37) % 9) - 4),
  labels: Array.from({ length: ROWS }, (_, i) => (i * 7) % FEATURES),
  classes: FEATURES,
  name: 'set',
});
const data = { x: set.images, y: set.labels };
const x: Tensor = placeholder('x', [null, FEATURES]);
const y: Tensor = placeholder('y', [null, FEATURES]);
const v: Tensor = variable('v', [1, -2, 3, 0]);
const m: Tensor = variable('m', [[1, 0, 2, -1], [0, 1, 0, 3], [2, -2, 1, 0], [1, 1, -1, 0]]); // prettier-ignore

/** A value of a graph, and whether float32 has it exactly, so that it may be compared. */
interface Node {
  readonly tensor: Tensor;
  readonly exact: boolean;
}

type Maker = (a: Tensor, b: Tensor, how: number) => Tensor;

const picked = (x: Tensor, how: number): number[] => x.shape.map((_, i) => i).filter((i) => ((how >> i) & 1) === 1);
const reduction =
  (make: (x: Tensor, options: { axis: number[]; keepDims: boolean }) => Tensor): Maker =>
  (a, _, how) =>
    make(a, { axis: picked(a, how), keepDims: (how & 8) !== 0 });
const turned = (x: Tensor, how: number): number[] =>
  x.shape.map((_, i) => (i * (how % 2 === 0 ? 1 : -1) + how + 2 * x.shape.length) % x.shape.length);

/** Of whole numbers they make whole numbers. */
const EXACT: readonly Maker[] = [
  (a, b) => add(a, b),
  (a, b) => sub(a, b),
  (a, b) => mul(a, b),
  (a, b) => maximum(a, b),
  (a) => neg(a),
  (a) => relu(a),
  (a) => square(a),
  (a, _, how) => mul(a, (how % 5) - 2),
  (a) => stopGradient(a),
  reduction(reduceSum),
  reduction(reduceSum),
  reduction(reduceMax),
  reduction(reduceMin),
  (a, b, how) => matmul(a, b, { transposeA: (how & 1) !== 0, transposeB: (how & 2) !== 0 }),
  (a, b, how) => matmul(a, b, { transposeA: (how & 1) !== 0, transposeB: (how & 2) !== 0 }),
  (a, _, how) => transpose(a, turned(a, how)),
  (a) => transpose(a),
  (a, _, how) => reshape(a, [[-1], [-1, 4], [4, -1], [-1, 2, 2], [null, -1], [-1, 16]][how % 6] ?? []),
  (a, _, how) => expandDims(a, how % (a.shape.length + 1)),
  (a) => squeeze(a),
  (a) => flatten(a),
  (a, _, how) => slice(a, a.shape.map((_, i) => (how >> i) & 1), a.shape.map(() => -1)), // prettier-ignore
  (a, _, how) => pad(a, a.shape.map((_, i) => [(how >> i) & 1, (how >> (i + 2)) & 1])), // prettier-ignore
  (a, b, how) => concat([a, b], how % Math.max(1, a.shape.length)),
];

/** Only what is exact goes in: a rounding error would make another choice. */
const CHOICES: readonly Maker[] = [
  (a, b) => cast(equal(a, b), 'float32'),
  (a, b) => where(less(a, 1), a, b),
  (a, _, how) => cast(argMax(a, how % Math.max(1, a.shape.length)), 'float32'),
  (a, b) => gather(a, cast(b, 'int32')),
  (a) => oneHot(cast(a, 'int32'), FEATURES),
];

const INEXACT: readonly Maker[] = [
  reduction(reduceMean),
  reduction(reduceMean),
  (a) => softmax(a),
  (a) => sqrt(add(1, square(a))),
  (a, b) => div(a, add(1, square(b))),
];

const MAKERS = [...EXACT, ...CHOICES, ...INEXACT];
const LIMIT = 64;

function make(node: Node, other: Node, op: number, how: number): Node | undefined {
  const maker = MAKERS[op % MAKERS.length];
  const exact = node.exact && other.exact && maker !== undefined && !INEXACT.includes(maker);
  if (maker === undefined || (CHOICES.includes(maker) && !exact)) return undefined;
  try {
    const tensor = maker(node.tensor, other.tensor, how);
    return tensor.shape.includes(0) ? undefined : { tensor: clip(tensor, -LIMIT, LIMIT), exact };
  } catch (error) {
    if (error instanceof Error && error.name === 'GraphError') return undefined;
    throw error;
  }
}

type Instruction = readonly [op: number, a: number, b: number, how: number];

/** The last value that the instructions make of samples. */
function graphOf(instructions: readonly Instruction[]): Tensor {
  const nodes: Node[] = [x, y, v, m].map((tensor) => ({ tensor, exact: true }));
  for (const [op, a, b, how] of instructions) {
    const [one, other] = [a, b].map((i) =>
      i >= 8 && nodes.length > 4 ? nodes.at(-1 - (i % 2)) : nodes[i % nodes.length],
    );
    const node = one && other && make(one, other, op, how);
    if (node !== undefined) nodes.push(node);
  }
  return nodes.map(({ tensor }) => tensor).findLast((tensor) => Object.keys(columnsOf(tensor)).length > 0) ?? x;
}

const instructions = fc.array(fc.tuple(fc.nat(63), fc.nat(23), fc.nat(23), fc.nat(31)), {
  minLength: 1,
  maxLength: 9,
  size: 'max',
});

function expectClose(value: number | NDArray, expected: number | NDArray): void {
  if (typeof value === 'number' || typeof expected === 'number') {
    expect(typeof value).toBe(typeof expected);
    expect(Math.abs(Number(value) - Number(expected))).toBeLessThan(1e-4);
    return;
  }
  expect({ ...value, data: 0 }).toEqual({ ...expected, data: 0 });
  expect(value.data.length).toBe(expected.data.length);
  expect(value.data.findIndex((element, i) => !(Math.abs(element - (expected.data[i] ?? NaN)) < 1e-4))).toBe(-1);
}

/** Whether evaluate takes a graph. It must then be right, and otherwise refuse it in chunks of any size. */
async function check(session: Session, tensor: Tensor): Promise<'right' | 'refused' | 'impossible'> {
  const fetch = { fetch: tensor };
  const feeds = columnsOf(tensor);
  const expected = await session.run(tensor, feeds).catch(() => undefined);
  const results = [];
  for (const batchSize of SIZES) {
    const evaluated = session.evaluate({ data: feeds, batchSize, fetch });
    if (expected === undefined) await rejection(evaluated);
    else results.push(await evaluated.catch((error: unknown) => String(error)));
  }
  if (expected === undefined) return 'impossible';
  const [first] = results;
  if (typeof first === 'string') {
    expect(first).toMatch(/^UsageError: evaluate: 'fetch' cannot be combined/);
    for (const result of results) expect(result).toBe(first);
    return 'refused';
  }
  for (const result of results) expectClose((result as { fetch: number | NDArray }).fetch, expected);
  return 'right';
}

/** The columns that a graph is made of. */
function columnsOf(tensor: Tensor): Partial<typeof data> {
  const nodes = topologicalOrder([tensor]);
  return { ...(nodes.includes(x) && { x: data.x }), ...(nodes.includes(y) && { y: data.y }) };
}

test.each([
  ['cpu', 1000],
  ['webgpu', 40],
] as const)('random graphs on %s', { timeout: 120_000 }, async (backend, numRuns) => {
  const session = await createSession({ backend });
  const counts = { right: 0, refused: 0, impossible: 0 };
  const property = fc.asyncProperty(instructions, async (program) => {
    counts[await check(session, graphOf(program))]++;
  });
  await fc.assert(property, { numRuns: Number(process.env.RUNS ?? numRuns), seed: Number(process.env.SEED ?? 1) });
  session.dispose();
  console.info(`${backend}: ${JSON.stringify(counts)}`);
  expect(counts.right).toBeGreaterThan(numRuns / 3);
  expect(counts.refused).toBeGreaterThan(numRuns / 20);
});
