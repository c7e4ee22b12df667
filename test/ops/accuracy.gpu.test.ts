/**
 * Precision of the elementary functions: within 1e-6 of the result over their whole range on both backends, where WGSL's own
 * functions guarantee an absolute error or less. Denormal numbers are excluded.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  cos,
  createSession,
  div,
  erf,
  exp,
  expm1,
  gelu,
  log,
  log1p,
  neg,
  placeholder,
  pow,
  reciprocal,
  sigmoid,
  silu,
  sin,
  softplus,
  sqrt,
  tanh,
  type NDArray,
  type Session,
  type Tensor,
} from '../../src/index.ts';
import '../../src/node.ts';

const POINTS = 20_000;
const SMALLEST_NORMAL = 2 ** -126;

const even = (low: number, high: number): Float32Array =>
  Float32Array.from({ length: POINTS }, (_, i) => low + ((high - low) * i) / (POINTS - 1));
const byFactors = (low: number, high: number): Float32Array =>
  Float32Array.from({ length: POINTS }, (_, i) => low * (high / low) ** (i / (POINTS - 1)));

/** By its series, of terms of one sign. */
function erfOf(x: number): number {
  let [term, sum] = [x, x];
  for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) sum += term *= (2 * x * x) / (2 * n + 1);
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** ½ erfc(x / √2): beyond 3 by Laplace's continued fraction for Mills' ratio. */
function upperTail(x: number): number {
  if (x < 3) return 0.5 - erfOf(x * Math.SQRT1_2) / 2;
  let fraction = x;
  for (let k = 80; k > 0; k--) fraction = x + k / fraction;
  return Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI) / fraction;
}

const geluOf = (x: number): number => x * (x < 0 ? upperTail(-x) : 1 - upperTail(x));
const softplusOf = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const sigmoidOf = (x: number): number => (x < 0 ? Math.exp(x) : 1) / (1 + Math.exp(-Math.abs(x)));
const tenth = Math.fround(0.1);

type Row = readonly [string, (x: Tensor) => Tensor, (x: number) => number, Float32Array];
const rows: readonly Row[] = [
  ['exp', exp, Math.exp, even(-87, 88.7)],
  ['log', log, Math.log, byFactors(SMALLEST_NORMAL, 3e38)],
  ['log near 1', log, Math.log, even(0.999, 1.001)],
  ['sqrt', sqrt, Math.sqrt, byFactors(SMALLEST_NORMAL, 3e38)],
  ['reciprocal', reciprocal, (x) => 1 / x, byFactors(SMALLEST_NORMAL, 8e37)],
  ['div', (x) => div(3, x), (x) => 3 / x, byFactors(SMALLEST_NORMAL, 8e37)],
  ['sigmoid', sigmoid, sigmoidOf, even(-87, 40)],
  ['tanh', tanh, Math.tanh, even(-12, 12)],
  ['tanh near 0', tanh, Math.tanh, byFactors(1e-37, 1)],
  ['softplus', softplus, softplusOf, even(-87, 40)],
  ['log1p', log1p, Math.log1p, byFactors(1e-37, 3e38)],
  ['log1p below 0', (x) => log1p(neg(x)), (x) => Math.log1p(-x), byFactors(1e-37, 0.999)],
  ['log1p near its bounds', log1p, Math.log1p, even(-0.4, 0.6)],
  ['expm1', expm1, Math.expm1, even(-87, 88.7)],
  ['expm1 near its bounds', expm1, Math.expm1, even(-1.1, 1.1)],
  ['expm1 near 0', expm1, Math.expm1, byFactors(1e-37, 1)],
  ['sin', sin, Math.sin, even(-1e4, 1e4)],
  ['sin near 0', sin, Math.sin, byFactors(1e-37, 10)],
  ['sin of any angle', sin, Math.sin, byFactors(1, 3.4e38)],
  ['sin near its zeros', sin, Math.sin, even(-1591, 1591).map((x) => Math.round(x) * Math.PI)],
  ['cos', cos, Math.cos, even(-1e4, 1e4)],
  ['cos of any angle', cos, Math.cos, byFactors(1e-37, 3.4e38)],
  ['cos near its zeros', cos, Math.cos, even(-1591, 1591).map((x) => (Math.round(x) + 0.5) * Math.PI)],
  ['silu', silu, (x) => x * sigmoidOf(x), even(-80, 40)],
  ['erf', erf, erfOf, even(-4, 4)],
  ['erf near 0', erf, erfOf, byFactors(1e-37, 1)],
  ['gelu', gelu, geluOf, even(-12.5, 6)],
  ['gelu near 0', gelu, geluOf, byFactors(1e-37, 1)],
  ['pow 0.5', (x) => pow(x, 0.5), Math.sqrt, byFactors(1e-37, 1e37)],
  ['pow -1.5', (x) => pow(x, -1.5), (x) => x ** -1.5, byFactors(1e-25, 1e25)],
  ['pow 7', (x) => pow(x, 7), (x) => x ** 7, byFactors(1e-5, 1e5)],
  ['a power of 10', (x) => pow(10, x), (x) => 10 ** x, even(-30, 30)],
  ['a root', (x) => pow(x, 0.1), (x) => x ** tenth, byFactors(1e-37, 1e37)],
];

describe.each(['webgpu', 'cpu'] as const)('on %s', (backend) => {
  let session: Session;
  beforeAll(async () => {
    session = await createSession({ backend });
  });
  afterAll(() => {
    session.dispose();
  });

  it.each(rows)('%s is within 1e-6', async (_, op, reference, points) => {
    const x = placeholder('x', [null]);
    const result: unknown = await session.run(op(x), { x: points });
    const { data } = result as NDArray;
    let worst = { error: 0, at: NaN };
    points.forEach((at, i) => {
      const expected = reference(at);
      const error = Math.abs((data[i] ?? NaN) - expected) / Math.abs(expected);
      if (Math.abs(expected) >= SMALLEST_NORMAL && !(error <= worst.error)) worst = { error, at };
    });
    expect(worst.error, `at ${worst.at}`).toBeLessThanOrEqual(1e-6);
  });

  // WGSL: pow is as precise as exp2(y · log2 x), which at |y · ln x| = 80 is some 5e-5.
  it('a power whose logarithm is large is within 1e-5', async () => {
    const x = placeholder('x', [null]);
    const points = even(-800, 800);
    const result: unknown = await session.run(pow(1.1, x), { x: points });
    const { data } = result as NDArray;
    const base = Math.fround(1.1);
    const errors = points.map((at, i) => Math.abs((data[i] ?? NaN) / base ** at - 1));
    expect(Math.max(...errors)).toBeLessThanOrEqual(1e-5);
  });

  it('whole powers of whole numbers are exact where float32 is', async () => {
    const [a, b] = [placeholder('a', [null]), placeholder('b', [null])];
    const pairs = Array.from({ length: 81 * 31 }, (_, i): [number, number] => [Math.floor(i / 31) - 40, i % 31]).filter(
      ([base, exponent]) => Math.fround(base ** exponent) === base ** exponent && Math.abs(base ** exponent) < 2 ** 53,
    );
    expect(pairs.length).toBeGreaterThan(800);
    const feeds = { a: pairs.map(([base]) => base), b: pairs.map(([, exponent]) => exponent) };
    const result: unknown = await session.run(pow(a, b), feeds);
    const { data } = result as NDArray;
    expect(Array.from(data)).toEqual(pairs.map(([base, exponent]) => base ** exponent));
  });
});
