/** Random tensors: their distribution, and what their numbers depend on. */
import { expect, test } from 'vitest';
import { createSession, gradientDescent, placeholder, randomNormal, randomUniform, reduceSum, square, variable, type NDArray, type Tensor } from '../../src/index.ts'; // prettier-ignore
import { evaluate, type EvaluateOptions } from '../reference/evaluate.ts';

const COUNT = 40_000;
const numbersOf = (tensor: Tensor, options?: EvaluateOptions): number[] =>
  Array.from(evaluate([tensor], new Map(), options)[0]?.data ?? []);
const moment = (numbers: readonly number[], power: number): number =>
  numbers.reduce((sum, x) => sum + x ** power, 0) / numbers.length;

test('uniform numbers are spread evenly, and stay below the bound', () => {
  const numbers = numbersOf(randomUniform([COUNT], { low: -1, high: 3, name: 'u' }));
  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(-1);
  expect(Math.max(...numbers)).toBeLessThan(3);
  for (let tenth = 0; tenth < 10; tenth++) {
    const [from, to] = [-1 + 0.4 * tenth, -0.6 + 0.4 * tenth];
    const share = numbers.filter((x) => x >= from && x < to).length / COUNT;
    expect(Math.abs(share - 0.1)).toBeLessThan(0.008); // five standard deviations
  }
});

test('normal numbers have the moments and the tails of the normal distribution', () => {
  const numbers = numbersOf(randomNormal([COUNT], { name: 'n' }));
  [0, 1, 0, 3].forEach((expected, i) => expect(Math.abs(moment(numbers, i + 1) - expected)).toBeLessThan(0.25));
  expect(Math.abs(moment(numbers, 1))).toBeLessThan(0.025);
  expect(Math.abs(moment(numbers, 2) - 1)).toBeLessThan(0.04);
  const beyond2 = numbers.filter((x) => Math.abs(x) > 2).length / COUNT;
  expect(Math.abs(beyond2 - 0.0455)).toBeLessThan(0.006);
  const neighbours = numbers.slice(1).reduce((sum, x, i) => sum + x * (numbers[i] ?? 0), 0) / COUNT;
  expect(Math.abs(neighbours)).toBeLessThan(0.025);
});

const makers: Readonly<Record<string, (count: number, name: string) => Tensor>> = {
  randomUniform: (count, name) => randomUniform([count], { name }),
  randomNormal: (count, name) => randomNormal([count], { name }),
};

test.each(Object.entries(makers))('%s depends on seed, step and name, and on nothing else', (_, random) => {
  const tensor = random(9, 'one');
  const numbers = numbersOf(tensor);
  expect(numbersOf(random(9, 'one'), { training: true })).toEqual(numbers);
  expect(numbersOf(random(12, 'one')).slice(0, 9)).toEqual(numbers);
  for (const other of [numbersOf(random(9, 'other')), numbersOf(tensor, { seed: 1 }), numbersOf(tensor, { step: 1 })])
    for (const [i, x] of other.entries()) expect(x).not.toBe(numbers[i]);
});

test('one graph has random numbers in the shape of each feed, and others after each step', async () => {
  const session = await createSession({ backend: 'cpu' });
  const x = placeholder('x', [null, 2]);
  const noise: Tensor = randomUniform(x, { name: 'noise' });
  const w = variable('w', [1]);
  const step = gradientDescent(0.1).minimize(reduceSum(square(w)));
  const run = async (rows: number): Promise<NDArray> =>
    (await session.run(noise, { x: new Float32Array(2 * rows) })) as unknown as NDArray;
  const first = await run(1);
  expect(first.shape).toEqual([1, 2]);
  expect((await run(3)).shape).toEqual([3, 2]);
  expect((await run(1)).data).toEqual(first.data);
  await session.run(step);
  expect((await run(1)).data).not.toEqual(first.data);
  session.dispose();
});
