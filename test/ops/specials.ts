/**
 * Special values, and the table of elementwise ops' results for them, written from IEEE 754 and the C standard's annex F and
 * not from the ops' own functions.
 */

const LARGEST = 2 ** 128 - 2 ** 104;
const SMALLEST_NORMAL = 2 ** -126;

/** The size of a result that may be missing where a denormal number was flushed on the way to it: a factor of 128 is allowed for. */
const FLUSHED = SMALLEST_NORMAL * 128;

/** NaN, infinities, zeros, the ends of the normal and of the denormal range, and some ordinary numbers beside them. */
export const SPECIALS: readonly number[] = [
  ...[NaN, Infinity, -Infinity, 0, -0, LARGEST, -LARGEST, SMALLEST_NORMAL, -SMALLEST_NORMAL],
  ...[2 ** -127, -(2 ** -127), 2 ** -149, -(2 ** -149)],
  ...[1, -1, 0.5, -0.5, 2, -2, 3, -3, 2.5, -2.5, 100, -100],
].map(Math.fround);

/** Those that are put into sums and products, one at a time. */
export const PLANTED: readonly number[] = [NaN, Infinity, -Infinity, LARGEST, SMALLEST_NORMAL, 2 ** -149, -0];

/**
 * Whether a result stands for the expected one. Where WGSL allows more than one answer, this is what is accepted:
 * - zeros of either sign: WGSL does not tell them apart (seen: SwiftShader gives max(-0, 0) = -0, Math.max gives 0);
 * - a number below the normal range, or zero in its place: WGSL allows denormal numbers to be flushed to zero, as results and as
 *   inputs (seen: SwiftShader flushes both in all arithmetic and comparisons; loads, stores and bitcasts keep them). What
 *   follows from flushed inputs is accepted too, where the test asks the CPU backend for it.
 */
export function stands(actual: number, expected: number, relative: number, absolute = 0): boolean {
  if (Object.is(actual, expected) || actual === expected) return true;
  const flushed = Math.abs(expected) <= FLUSHED && Math.abs(actual) <= FLUSHED;
  return flushed || Math.abs(actual - expected) <= absolute + relative * Math.abs(expected);
}

/**
 * By program and fetch: accepted beside that. A comparison flushes a denormal base that the power itself does not, so that the
 * gradient towards the exponent is that of base 0 (seen: SwiftShader).
 */
export const partlyFlushed: Readonly<Record<string, readonly (readonly number[])[]>> = { pow: [[], [], [0]] };

const not = (x: number): number => Number(x === 0);
const positive = (x: number, then: number, otherwise: number): number => (x > 0 ? then : otherwise);

/** φ, the error function's and the normal distribution's values at the ordinary numbers of {@link SPECIALS}, to 9 digits. */
const erf: ReadonlyMap<number, number> = new Map([
  [0.5, 0.520499878],
  [1, 0.842700793],
  [2, 0.995322265],
  [2.5, 0.999593048],
  [3, 0.99997791],
]);
const normal: ReadonlyMap<number, number> = new Map([
  [-0.5, 0.308537539],
  [-1, 0.158655254],
  [-2, 0.0227501319],
  [-2.5, 0.00620966533],
  [-3, 0.00134989803],
]);

function erfOf(x: number): number {
  const known = erf.get(Math.abs(x));
  return Math.sign(x) * (known ?? (Math.abs(x) > 50 ? 1 : (2 / Math.sqrt(Math.PI)) * Math.abs(x)));
}

function normalOf(x: number): number {
  if (Math.abs(x) > 50) return x > 0 ? 1 : 0;
  return normal.get(x) ?? (normal.has(-x) ? 1 - (normal.get(-x) ?? 0) : 0.5 + 0 * x);
}

type Reference = (...args: number[]) => number;

/** By op: its value, in float64. A comparison's is 0 or 1. */
export const references: Readonly<Record<string, Reference>> = {
  add: (a = NaN, b = NaN) => a + b,
  sub: (a = NaN, b = NaN) => a - b,
  mul: (a = NaN, b = NaN) => a * b,
  div: (a = NaN, b = NaN) => a / b,
  // 1 to any power and -1 to an infinite one are 1, NaN included; otherwise as JavaScript has it.
  pow: (a = NaN, b = NaN) => (a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : Math.pow(a, b)),
  maximum: (a = NaN, b = NaN) => Math.max(a, b),
  minimum: (a = NaN, b = NaN) => Math.min(a, b),
  neg: (x = NaN) => -x,
  exp: (x = NaN) => Math.exp(x),
  log: (x = NaN) => Math.log(x),
  sqrt: (x = NaN) => Math.sqrt(x),
  square: (x = NaN) => x * x,
  abs: (x = NaN) => Math.abs(x),
  sign: (x = NaN) => Math.sign(x),
  floor: (x = NaN) => Math.floor(x),
  // The sign of the divisor, as in Python and NumPy.
  mod: (a = NaN, b = NaN) => (a % b !== 0 && a % b < 0 !== b < 0 ? (a % b) + b : a % b),
  ceil: (x = NaN) => Math.ceil(x),
  // Adding and subtracting 2²³ rounds to even.
  round: (x = NaN) => (Math.abs(x) < 2 ** 22 ? Math.fround(Math.fround(x + 1.5 * 2 ** 23) - 1.5 * 2 ** 23) : x),
  log1p: (x = NaN) => Math.log1p(x),
  expm1: (x = NaN) => Math.expm1(x),
  sin: (x = NaN) => Math.sin(x),
  cos: (x = NaN) => Math.cos(x),
  reciprocal: (x = NaN) => 1 / x,
  clip: (x = NaN) => Math.min(Math.max(x, -1), 0.5),
  sigmoid: (x = NaN) => (x > -90 ? 1 / (1 + Math.exp(-x)) : Math.exp(x)),
  tanh: (x = NaN) => Math.tanh(x),
  relu: (x = NaN) => Math.max(x, 0),
  leakyRelu: (x = NaN) => positive(x, x, Math.fround(0.2) * x),
  elu: (x = NaN) => positive(x, x, Math.expm1(x)),
  silu: (x = NaN) => x * (x > -90 ? 1 / (1 + Math.exp(-x)) : Math.exp(x)),
  gelu: (x = NaN) => x * normalOf(x),
  erf: (x = NaN) => erfOf(x),
  softplus: (x = NaN) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  // At an infinite logit, the limit for its label.
  sigmoidCrossEntropy: (x = NaN, z = NaN) => (positive(x, 1, 0) - z) * x + Math.log1p(Math.exp(-Math.abs(x))),
  isNaN: (x = NaN) => Number(Number.isNaN(x)),
  isFinite: (x = NaN) => Number(Number.isFinite(x)),
  equal: (a = NaN, b = NaN) => Number(a === b),
  notEqual: (a = NaN, b = NaN) => Number(a !== b),
  less: (a = NaN, b = NaN) => Number(a < b),
  lessEqual: (a = NaN, b = NaN) => Number(a <= b),
  greater: (a = NaN, b = NaN) => Number(a > b),
  greaterEqual: (a = NaN, b = NaN) => Number(a >= b),
  where: (condition = NaN, a = NaN, b = NaN) => (condition === 0 ? b : a),
  logicalNot: (x = NaN) => not(x),
};

/** What `cast` makes of a float32. */
export const casts: Readonly<Record<'float32' | 'int32' | 'bool', Reference>> = {
  float32: (x = NaN) => x,
  int32: (x = NaN) => (Number.isNaN(x) ? 0 : Math.min(2147483520, Math.max(-2147483648, Math.trunc(x)))),
  bool: (x = NaN) => 1 - not(x),
};
