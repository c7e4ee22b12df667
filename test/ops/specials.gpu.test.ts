/**
 * Special values through every op, forward and backward: the CPU backend against the table of specials.ts, and WebGPU, in
 * the plain and in the fused schedule, alone and among other ops, against the CPU backend.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evaluate } from '../reference/evaluate.ts';
import {
  cast,
  clip,
  createSession,
  FeedError,
  gradients,
  mul,
  placeholder,
  reduceSum,
  type DType,
  type NDArray,
  type Session,
  type Tensor,
} from '../../src/index.ts';
import * as ops from '../../src/index.ts';
import '../../src/node.ts';
import { casts, partlyFlushed, PLANTED, references, SPECIALS, stands } from './specials.ts';
import { batchesOf, between, opCases, shapeAt, valuesAt, type OpCase } from './table.ts';

interface Program {
  readonly name: string;
  readonly fetches: readonly Tensor[];
  /** Several, run one after the other on one plan. */
  readonly feeds: readonly Readonly<Record<string, NDArray>>[];
  readonly absolute: number;
}

let cpu: Session;
let devices: readonly (readonly [string, Session])[];
beforeAll(async () => {
  cpu = await createSession({ backend: 'cpu' });
  const open = (schedule: 'plain' | 'fused'): Promise<Session> => createSession({ backend: 'webgpu', schedule });
  devices = [
    ['plain', await open('plain')],
    ['fused', await open('fused')],
  ];
});
afterAll(() => {
  cpu.dispose();
  for (const [, session] of devices) session.dispose();
});

const float = (data: readonly number[], shape: readonly number[] = [data.length]): NDArray => ({
  data: Float32Array.from(data),
  shape: [...shape],
  dtype: 'float32',
});
const arrayOf = (dtype: DType, data: readonly number[], shape: readonly number[]): NDArray => {
  const array = { float32: Float32Array, int32: Int32Array, bool: Uint8Array }[dtype];
  return { data: array.from(data), shape: [...shape], dtype };
};

/** Zero for each number below the normal range in one of the feeds, or in all, as WGSL allows. */
function flushed(feeds: Readonly<Record<string, NDArray>>, one: string | undefined): Readonly<Record<string, NDArray>> {
  const flush = ({ data, ...rest }: NDArray): NDArray => ({
    ...rest,
    data: data instanceof Float32Array ? data.map((x) => (Math.abs(x) < 2 ** -126 ? Math.sign(x) * 0 : x)) : data,
  });
  return Object.fromEntries(
    Object.entries(feeds).map(([name, array]) => [name, one === undefined || one === name ? flush(array) : array]),
  );
}

/** The result, and the gradients of a sum of it with uneven weights; where `one` is given, amid other ops. */
function fetchesOf(result: Tensor, inputs: readonly Tensor[], one?: Tensor): Tensor[] {
  const floats = inputs.filter(({ dtype }) => dtype === 'float32');
  const y: Tensor = one === undefined || result.dtype !== 'float32' ? result : mul(result, one);
  if (result.dtype !== 'float32' || floats.length === 0) return [y];
  const weight = placeholder(
    'weight',
    y.shape.map(() => null),
  );
  return [y, ...gradients(reduceSum(mul<Tensor, Tensor>(y, weight)), floats)];
}

async function run(session: Session, { fetches, feeds }: Program): Promise<number[][][]> {
  const runs: number[][][] = [];
  for (const fed of feeds) {
    // Labels and single numbers must be finite: such a run has no values.
    const values = await session.run([...fetches], fed, { training: true }).catch((error: unknown) => {
      if (error instanceof FeedError) return [];
      throw error;
    });
    runs.push(values.map((value) => (typeof value === 'number' ? [value] : Array.from(value.data))));
  }
  return runs;
}

/** Where a run differs from what is expected, and from what is if denormal inputs are flushed: by name, input and element. */
function differences(
  program: Program,
  actual: readonly number[][][],
  expected: readonly number[][][],
  relative = 1e-4,
  ifFlushed: readonly (readonly number[][][])[] = [],
): string[] {
  return expected.flatMap((values, run) => {
    if (actual[run]?.length !== values.length) return [`${program.name}, run ${run} is refused by one backend alone`];
    return values.flatMap((elements, fetch) =>
      elements.flatMap((value, i) => {
        const got = actual[run]?.[fetch]?.[i] ?? 'nothing';
        const accepted = [
          value,
          ...(partlyFlushed[program.name]?.[fetch] ?? []),
          ...ifFlushed.map((runs) => runs[run]?.[fetch]?.[i] ?? NaN),
        ];
        if (typeof got === 'number' && accepted.some((one) => stands(got, one, relative, program.absolute))) return [];
        const fed = Object.values(program.feeds[run] ?? {}).map(({ data }) => data[data.length === 1 ? 0 : i]);
        const what = fetch === 0 ? 'result' : `gradient ${fetch}`;
        return [`${program.name}, run ${run}, ${what}, element ${i} (fed ${fed.join(', ')}): ${got}, not ${value}`];
      }),
    );
  });
}

async function compare(programs: readonly Program[]): Promise<string[]> {
  const faults: string[] = [];
  for (const program of programs) {
    const expected = await run(cpu, program);
    const ifFlushed: number[][][][] = [];
    for (const one of [undefined, 'a', 'b'])
      ifFlushed.push(await run(cpu, { ...program, feeds: program.feeds.map((feeds) => flushed(feeds, one)) }));
    for (const [schedule, session] of devices) {
      const actual = await run(session, program);
      faults.push(...differences(program, actual, expected, 1e-4, ifFlushed).map((fault) => `${schedule}: ${fault}`));
    }
  }
  return faults;
}

const pairs = SPECIALS.flatMap((a) => SPECIALS.map((b) => [a, b] as const));
const firsts = pairs.map(([a]) => a);
const seconds = pairs.map(([, b]) => b);

/** Elementwise ops on all special values, or on all pairs of them. */
function elementwise(name: string): Program[] {
  const [a, b, one] = [placeholder('a', [null]), placeholder('b', [null]), placeholder('one', [])] as Tensor[];
  const condition = placeholder('condition', [null], 'bool');
  if (a === undefined || b === undefined || one === undefined) throw new Error('There are three.');
  const op = (ops as unknown as Record<string, (...inputs: Tensor[]) => Tensor>)[name];
  if (op === undefined) throw new Error(`inkling has no ${name}.`);
  const isUnary = (references[name]?.length ?? 0) === 0 && unary.has(name);
  const inputs = name === 'where' ? [condition, a, b] : name === 'logicalNot' ? [condition] : isUnary ? [a] : [a, b];
  const build = (...x: Tensor[]): Tensor => (name === 'clip' ? clip(x[0] ?? a, -1, 0.5) : op(...x));
  const data = isUnary ? SPECIALS : firsts;
  const feeds = {
    a: float(data),
    b: float(seconds),
    condition: arrayOf(
      'bool',
      data.map((_, i) => i % 2),
      [data.length],
    ),
    one: float([1], []),
    weight: float(data.map((_, i) => 1.5 - (i % 3))),
  };
  const used = (fetches: readonly Tensor[], amid: boolean): Program => ({
    name: amid ? `${name} amid others` : name,
    fetches,
    feeds: [
      Object.fromEntries(
        Object.entries(feeds).filter(
          ([key]) =>
            inputs.some((input) => input.name === key) ||
            (key === 'weight' && fetches.length > 1) ||
            (key === 'one' && amid),
        ),
      ),
    ],
    absolute: 0,
  });
  const towards = ['sign', 'floor', 'ceil', 'round'].includes(name) ? [] : inputs; // no gradient flows through these
  const alone = used(fetchesOf(build(...inputs), towards), false);
  if (name === 'logicalNot') return [alone];
  const scaled = inputs.map((input): Tensor => (input.dtype === 'float32' ? mul(input, one) : input));
  return [alone, used(fetchesOf(build(...scaled), towards, one), true)];
}

const binary = new Set(
  'add sub mul div mod pow maximum minimum equal notEqual less lessEqual greater greaterEqual where sigmoidCrossEntropy'.split(
    ' ',
  ),
);
const unary = new Set(Object.keys(references).filter((name) => !binary.has(name) && name !== 'logicalNot'));

describe.each(Object.keys(references))('%s', (name) => {
  const programs = elementwise(name);

  it('is right on the CPU', async () => {
    const [alone] = programs;
    const [values = []] = alone === undefined ? [] : await run(cpu, alone);
    const reference = references[name];
    const { a, b, condition } = alone?.feeds[0] ?? {};
    const args = [condition, a, b].filter((array) => array !== undefined);
    const expected = Array.from(values[0] ?? [], (_, i) =>
      Math.fround(reference?.(...args.map(({ data }) => data[i] ?? NaN)) ?? NaN),
    );
    expect(expected.length).toBeGreaterThanOrEqual(SPECIALS.length);
    if (alone !== undefined) expect(differences(alone, [[values[0] ?? []]], [[expected]], 1e-6)).toEqual([]);
  });

  it('is the same on WebGPU, forward and backward', async () => {
    expect(await compare(programs)).toEqual([]);
  });
});

describe('cast', () => {
  it.each(['float32', 'int32', 'bool'] as const)('to %s is right on the CPU and the same on WebGPU', async (dtype) => {
    const x = placeholder('x', [null]);
    const program: Program = { name: dtype, fetches: [cast(x, dtype)], feeds: [{ x: float(SPECIALS) }], absolute: 0 };
    expect(differences(program, await run(cpu, program), [[SPECIALS.map((value) => casts[dtype](value))]])).toEqual([]);
    expect(await compare([program])).toEqual([]);
  });
});

/** The other ops: rows of the table with one special value in each float input in turn, at a place of its own. */
function planted(row: OpCase): Program {
  const batch = Math.max(...batchesOf(row));
  const inputs = row.inputs.map(({ shape, dtype }, i): Tensor => placeholder(`x${i}`, shapeAt(shape, batch), dtype));
  const plain = row.inputs.map((input) => valuesAt(input, batch));
  const fetches = fetchesOf(row.build(...inputs), row.differentiable ? inputs : []);
  const fedPlain = new Map(
    inputs.map((input, i) => [input, { data: plain[i] ?? [], shape: shapeAt(input.shape, batch) }]),
  );
  const [{ data, shape } = { data: [], shape: [] }] = evaluate(fetches.slice(0, 1), fedPlain, { training: true });
  const weight =
    fetches.length > 1
      ? {
          weight: float(
            Array.from(data, (_, i) => between(0.5, 2, 0.7)(i)),
            shape,
          ),
        }
      : {};
  const feeds = row.inputs.flatMap(({ dtype }, k) =>
    (dtype === 'float32' && (plain[k]?.length ?? 0) > 0 ? PLANTED : []).map((special, s) => {
      const fed = row.inputs.map((input, i) => {
        const data = [...(plain[i] ?? [])];
        if (i === k) data[Math.floor(between(0, data.length)(s))] = special;
        return [`x${i}`, arrayOf(input.dtype, data, shapeAt(input.shape, batch))] as const;
      });
      return { ...Object.fromEntries(fed), ...weight };
    }),
  );
  return { name: row.name, fetches, feeds, absolute: 2e-5 };
}

const elementwiseOps = new Set([...Object.keys(references), 'cast']);
const others = opCases.filter(({ op, inputs }) => !elementwiseOps.has(op) && inputs.some((x) => x.dtype === 'float32'));

describe.each([...new Set(others.map(({ op }) => op))])('%s', (op) => {
  it('takes special values the same way on both backends', async () => {
    expect(await compare(others.filter((row) => row.op === op).map(planted))).toEqual([]);
  });
});

it('has no op left out', () => {
  const taken = new Set([...elementwiseOps, ...others.map(({ op }) => op)]);
  // Class ids are int32: there is nothing special among them.
  expect([...new Set(opCases.map(({ op }) => op))].filter((op) => !taken.has(op))).toEqual(['oneHot']);
});
