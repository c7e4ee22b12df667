/**
 * Each function and operator of expressions on special values: WGSL against JavaScript, alone and amid other ops, with every
 * buffer filled with NaN before.
 */
import { afterAll, expect, it } from 'vitest';
import { defineOp, mul, placeholder, type Tensor } from '../../src/index.ts';
import { openRig } from '../webgpu/device/rig.ts';
import { references, SPECIALS, stands } from './specials.ts';

const rig = await openRig();
afterAll(() => {
  expect(rig.faults).toEqual([]);
  rig.dispose();
});

type Twin = (a: number, b: number) => number;

const unary: Readonly<Record<string, (x: number) => number>> = {
  abs: Math.abs,
  atan: Math.atan,
  ceil: Math.ceil,
  exp: Math.exp,
  floor: Math.floor,
  fract: (x) => x - Math.floor(x),
  inverseSqrt: (x) => 1 / Math.sqrt(x),
  log: Math.log,
  saturate: (x) => Math.min(Math.max(x, 0), 1),
  sign: Math.sign,
  sqrt: Math.sqrt,
  tanh: Math.tanh,
  trunc: Math.trunc,
};

const programs: readonly (readonly [name: string, write: (a: string, b: string) => string, twin: Twin])[] = [
  ...Object.entries(unary).map(
    ([name, js]) => [name, (a: string, _: string) => `${name}(${a})`, (a: number, _: number) => js(a)] as const,
  ),
  ['+', (a, b) => `${a} + ${b}`, (a, b) => a + b],
  ['-', (a, b) => `${a} - ${b}`, (a, b) => a - b],
  ['*', (a, b) => `-${a} * ${b}`, (a, b) => -a * b],
  ['/', (a, b) => `${a} / ${b}`, (a, b) => a / b],
  ['<', (a, b) => `f32(${a} < ${b})`, (a, b) => Number(a < b)],
  ['>=', (a, b) => `select(3, 4, ${a} >= ${b})`, (a, b) => (a >= b ? 4 : 3)],
  ['== and !=', (a, b) => `f32(${a} == ${b}) + 2 * f32(${a} != ${b})`, (a, b) => (a === b ? 1 : 2)],
  ['&& and ||', (a, b) => `f32(${a} > 0 && ${b} > 0 || !(${a} < 1))`, (a, b) => Number((a > 0 && b > 0) || !(a < 1))],
  ['max', (a, b) => `max(${a}, ${b})`, (a, b) => Math.max(a, b)],
  ['min', (a, b) => `min(${a}, ${b})`, (a, b) => Math.min(a, b)],
  ['clamp', (a, b) => `clamp(${a}, ${b}, 2)`, (a, b) => Math.min(Math.max(a, b), 2)],
  ['pow', (a, b) => `pow(${a}, ${b})`, (a, b) => references.pow?.(a, b) ?? NaN],
  ['select', (a, b) => `select(${a}, ${b}, ${a} < 0)`, (a, b) => (a < 0 ? b : a)],
  ['step', (a, b) => `step(${a}, ${b})`, (a, b) => Number(a <= b)],
];

const pairs = SPECIALS.flatMap((a) => SPECIALS.map((b) => [a, b] as const));
const fed = [0, 1].map((i) => ({ data: pairs.map((pair) => pair[i] ?? NaN), shape: [pairs.length] }));

/** WGSL allows numbers below the normal range to be flushed. */
const flush = (x: number): number => (Math.abs(x) < 2 ** -126 ? 0 * Math.sign(x) : x);

async function faultsOf(
  op: (a: Tensor, b: Tensor) => Tensor,
  twin: Twin,
  relative = 1e-4,
  absolute = 0,
): Promise<string[]> {
  const [a, b, one] = [placeholder('a', [null]), placeholder('b', [null]), placeholder('one', [])] as Tensor[];
  if (a === undefined || b === undefined || one === undefined) return ['no placeholders'];
  const fetches = [op(a, b), mul<Tensor, Tensor>(op(mul(a, one), mul(b, one)), one)];
  const feeds = new Map([
    [a, fed[0]],
    [b, fed[1]],
    [one, { data: [1], shape: [] }],
  ] as const) as Parameters<typeof rig.run>[1];
  const faults: string[] = [];
  for (const schedule of ['plain', 'fused'] as const) {
    const values = await rig.run(fetches, feeds, { schedule });
    values.forEach((value, fetch) =>
      pairs.forEach(([x, y], i) => {
        const accepted = [x, flush(x)].flatMap((p) => [y, flush(y)].map((q) => Math.fround(twin(p, q))));
        const got = value[i] ?? Infinity;
        if (!accepted.some((expected) => stands(got, expected, relative, absolute)))
          faults.push(`${schedule}, fetch ${fetch}, (${x}, ${y}): ${got}, not ${accepted[0]}`);
      }),
    );
  }
  return faults;
}

it.each(programs)('%s', async (_, expression, js) => {
  expect(await faultsOf(defineOp({ name: 'own', expression, js }), js)).toEqual([]);
});

it.each(['sin', 'cos'] as const)('%s', async (name) => {
  const js = (a: number, _: number): number => Math[name](a);
  const expression = (a: string, _: string): string => `${name}(${a})`;
  expect(await faultsOf(defineOp({ name, expression, js }), js)).toEqual([]);
});
