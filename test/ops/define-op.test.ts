/** Definitions of users' ops: what is refused, how expressions are read, and that such ops take no dispatch of their own. */
import { describe, expect, it } from 'vitest';
import { evaluate } from '../reference/evaluate.ts';
import {
  constant,
  createSession,
  defineOp,
  GraphError,
  gradients,
  mul,
  placeholder,
  reduceSum,
  relu,
  stopGradient,
  UsageError,
  type Tensor,
} from '../../src/index.ts';
import { parseExpression } from '../../src/ops/expression.ts';
import { perceptron, trainingStep } from '../webgpu/classifiers.ts';
import { ADAPTERS, modulesIn, planFor } from '../webgpu/planning.ts';
import { softsign } from './own-ops.ts';

const half = { name: 'half', expression: (x: string) => `${x} / 2`, js: (x: number) => x / 2 };

function errorOf(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('Nothing was thrown.');
}

describe('a definition is refused', () => {
  const faults: readonly (readonly [string, object, RegExp])[] = [
    ['no name', { name: '' }, /`name` is ''; give a text of letters/],
    ['a name of two words', { name: 'my op' }, /`name` is 'my op'; give/],
    ['no function', { js: 3 }, /`js` of 'half' is 3; give a function/],
    ['no parameter', { expression: () => '1' }, /has 0 parameters, `js` 1; give both/],
    ['other counts', { js: (a: number, b: number) => a + b }, /has 1 parameters, `js` 2; give both/],
    ['no text', { expression: (_: string) => 7 }, /`expression` of 'half' returns 7; return a text/],
    ['js of no number', { js: (_: number) => true }, /the value of `js` of 'half' at \(-2.57\) is true; give a number/],
    ['another js', { js: (x: number) => x / 3 }, /at \(-2.57\) `js` of 'half' is -0.85\d*, `expression` -1.285; make/],
    ['no gradient function', { gradient: [] }, /`gradient` of 'half' is \[\]; give a function/],
  ];
  it.each(faults)('%s', (_, change, message) => {
    const error = errorOf(() => defineOp({ ...half, ...change }));
    expect(error).toBeInstanceOf(UsageError);
    expect(error.message).toMatch(message);
  });
});

describe('an expression is refused', () => {
  const faults: readonly (readonly [(x: string) => string, RegExp])[] = [
    [(_) => 'x / 2', /'x \/ 2': 'x' is unexpected; give operands \(\$\{x\}\), numbers, .* functions abs, /],
    [(x) => `state[0] * ${x}`, /'state' is unexpected/],
    [(x) => `exponential(${x})`, /'exponential' is unexpected/],
    [(x) => `constructor(${x})`, /'constructor' is unexpected/],
    [(x) => `a${x}`, /'a' is unexpected/],
    [(x) => `abs${x}`, /'«1»' stands where '\(' must/],
    [(x) => `${x}${x}`, /'«1»' is unexpected; give one expression/],
    [(x) => `2${x}`, /'«1»' is unexpected/],
    [(x) => `${x}.x`, /'\.' is unexpected/],
    [(x) => `${x}; return 1`, /';' is unexpected/],
    [(x) => `${x} // half`, /'\/' is unexpected/],
    [(x) => `/* half */ ${x}`, /'\/' is unexpected/],
    [(x) => `${x} = 2`, /'=' is unexpected/],
    [(x) => `{ ${x} }`, /'\{' is unexpected/],
    [(x) => `(${x} * 0.5`, /the end stands where '\)' must/],
    [(_) => '', /the end is unexpected/],
    [(x) => `${x} * 1u`, /'1u' is unexpected/],
    [(x) => `${x} * 0x1F`, /'0x1F' is unexpected/],
    [(x) => `${x} * 1e39`, /1e\+39 is not a number that float32 has/],
    [(x) => `${x} * (1 / 0)`, /Infinity is not a number that float32 has/],
    [(x) => `max(${x})`, /max takes 2, not 1; give it 2/],
    [(x) => `${x} > 0`, /its value is a condition; make it a number by f32\(…\) or select/],
    [(x) => `1 + (${x} > 0)`, /'\+' takes a number there; make the condition one by f32/],
    [(x) => `select(1, 2, ${x})`, /'select' takes a condition there; give a comparison/],
    [(x) => `f32(!${x})`, /'!' takes a condition there/],
  ];
  it.each(faults)('%s', (expression, message) => {
    const error = errorOf(() => defineOp({ ...half, expression }));
    expect(error).toBeInstanceOf(UsageError);
    expect(error.message).toMatch(/^defineOp: `expression` of 'half', '/);
    expect(error.message).toMatch(message);
  });
});

describe('an expression', () => {
  const values: readonly (readonly [(a: string, b: string) => string, number])[] = [
    [(a, b) => `${a} - ${b} - 1`, -2],
    [(a, b) => `${a} - (${b} - 1)`, 0],
    [(a, b) => `-${a} + ${b} * 2 / 4`, -0.5],
    [(a, b) => `- -${a} - -${b}`, 5],
    [(a, b) => `1 / 2 * ${a} + 0 * ${b}`, 1],
    [(a, b) => `1.5f * ${a} + .5 * ${b} + 1e-1`, 4.6],
    [(a, b) => `select(1, 2, ${a} < ${b} && !(${a} == 2) || ${b} >= 3)`, 2],
    [(a, b) => `f32(${a} != ${b}) + f32(${a} > ${b}) * 2 + f32(${a} <= ${b}) * 4`, 5],
    [(a, b) => `max(${a}, ${b}) * 100 + min(${a}, ${b}) * 10 + clamp(${a}, 0, 1)`, 321],
    [(a, b) => `pow(${a}, ${b}) + fma(${a}, ${b}, 1) + mix(${a}, ${b}, 0.5) + step(${a}, ${b})`, 18.5],
    [(a, b) => `floor(${a} / ${b}) + ceil(${b} / ${a}) * 10 + trunc(-${b} / ${a}) * 100 + fract(${b} / ${a})`, -79.5],
    [(a, b) => `saturate(${a}) + sign(-${b}) + inverseSqrt(${a} + ${b} - 1) + abs(${a} - ${b})`, 1.5],
    [(a, b) => `sqrt(${a} * 8) + exp(${a} - 2) + log(${b} - 2) + tanh(0 * ${a}) + sin(0) + cos(0) + atan(0)`, 6],
  ];
  it.each(values)('%s', (write, expected) => {
    const { value } = parseExpression('op', write, 2);
    expect(value([2, 3])).toBeCloseTo(expected, 6);
  });

  it('of an operand alone, or without operands, has a value', () => {
    const same = defineOp({ name: 'same', expression: (x) => x, js: (x) => x });
    const seven = defineOp({ name: 'seven', expression: (_) => '7', js: (_) => 7 });
    const x = constant([1, -2]);
    expect(evaluate([same(x), seven(x)]).map(({ data }) => Array.from(data))).toEqual([
      [1, -2],
      [7, 7],
    ]);
  });
});

describe('an own op', () => {
  const x: Tensor = placeholder('x', [null, 3]);

  it('refuses operands that do not fit', () => {
    const two = defineOp({ name: 'two', expression: (a, b) => `${a} * ${b}`, js: (a, b) => a * b });
    const message = (work: () => unknown): string => {
      const error = errorOf(work);
      expect(error).toBeInstanceOf(GraphError);
      return error.message;
    };
    expect(message(() => softsign(3 as never))).toMatch(/^softsign: 3 is not a tensor; give/);
    expect(message(() => softsign(placeholder('ids', [2], 'int32')))).toMatch(
      /'ids' \[2\] is int32; softsign takes float32: cast/,
    );
    expect(message(() => two(x, placeholder('y', [4]) as never))).toMatch(
      /^two: 'x' \[null, 3\], 'y' \[4\] do not broadcast; .*reshape/,
    );
    expect(message(() => (two as unknown as (a: Tensor) => Tensor)(x))).toMatch(
      /^two: undefined is not a tensor or a number/,
    );
  });

  it('without a gradient says so, unless no gradient goes through it', () => {
    const own = defineOp(half);
    const error = errorOf(() => gradients(reduceSum(own(x)), [x]));
    expect(error).toBeInstanceOf(GraphError);
    expect(error.message).toBe('half has no gradient; give defineOp a `gradient`, or put stopGradient() around it.');
    expect(gradients(reduceSum(mul<Tensor, Tensor>(stopGradient(own(x)), x)), [x])).toHaveLength(1);
  });

  it('refuses gradients that do not fit', () => {
    const slopes = (gradient: () => unknown): string =>
      errorOf(() => gradients(reduceSum(defineOp({ ...half, gradient: gradient as () => [] })(x)), [x])).message;
    expect(slopes(() => [])).toMatch(/^half: its `gradient` returns \[\]; return a list of 1/);
    expect(slopes(() => x)).toMatch(
      /returns a Placeholder\('x', .*\); return a list of 1, a tensor or null for each input/,
    );
    expect(slopes(() => [3])).toMatch(/returns 3 for input 1; return float32 \[null, 3\], the shape of the result/);
    expect(slopes(() => [constant(0.5)])).toMatch(/returns the result of constant \[\] of float32 for input 1/);
    expect(slopes(() => [placeholder('ids', [null, 3], 'int32')])).toMatch(/returns 'ids' \[null, 3\] of int32/);
  });

  it('may have an input without gradient', () => {
    const steps = defineOp({ ...half, gradient: () => [null] });
    const [dx] = gradients(reduceSum(steps(x)), [x]);
    expect(dx && evaluate([dx], new Map([[x, { data: [1, 2, 3], shape: [1, 3] }]]))[0]?.data).toEqual(
      new Float32Array(3),
    );
  });

  it('is told from another of its name, also in a session that has run the other', async () => {
    const session = await createSession({ backend: 'cpu' });
    const third = defineOp({ name: 'half', expression: (a) => `${a} / 3`, js: (a) => a / 3 });
    const [a, b] = [defineOp(half)(x), third(x)];
    const feeds = { x: [[6, 12, 18]] };
    const data = async (y: Tensor): Promise<number[]> => {
      const value = await session.run(y, feeds);
      return typeof value === 'number' ? [] : Array.from(value.data);
    };
    expect([await data(a), await data(b)]).toEqual([
      [3, 6, 9],
      [2, 4, 6],
    ]);
    session.dispose();
  });
});

describe('on WebGPU', () => {
  const planOf = (activation: (x: Tensor) => Tensor, schedule: 'plain' | 'fused', adapter: object) =>
    planFor(trainingStep(perceptron([32, 20], undefined, activation), { fetchLoss: true }), { ...adapter, schedule });

  it.each(Object.entries(ADAPTERS))('is fused as relu is, on %s', (_, adapter) => {
    for (const schedule of ['plain', 'fused'] as const)
      expect(planOf(softsign, schedule, adapter).dispatches).toBe(planOf(relu, schedule, adapter).dispatches);
  });

  it('lies in the kernel of the product before it', () => {
    const codes = modulesIn(planOf(softsign, 'plain', ADAPTERS['a GPU'])).map(({ code }) => code);
    expect(codes[0]).toMatch(/divide\((\w+), \(f32\(1\) \+ \(abs\(\1\)\)\)\)/);
  });
});
