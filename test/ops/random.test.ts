/** Random tensors: their distribution, and what their numbers depend on. */
import { expect, test } from 'vitest';
import { add, argMin, batchMatmul, createSession, gradientDescent, mod, placeholder, randomNormal, randomUniform, reduceSum, reshape, reverse, split, square, stack, tile, topK, variable, type NDArray, type Tensor } from '../../src/index.ts'; // prettier-ignore
import { Dataset } from '../../src/data/index.ts';
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

test('evaluate refuses numbers in the shape of the samples, which would depend on its chunks', async () => {
  const session = await createSession({ backend: 'cpu' });
  const set = Dataset.from({ features: new Float32Array(12), labels: [0, 1, 0, 1, 0, 1], name: 'set' });
  const x = placeholder('x', [null, 2]);
  const evaluated = (noise: Tensor): Promise<unknown> =>
    session.evaluate({ data: { x: set.images }, batchSize: 4, fetch: { y: reduceSum(add<Tensor, Tensor>(x, noise)) } });
  await expect(evaluated(randomUniform(x, { name: 'u' }))).rejects.toThrow(/'y' cannot be combined from chunks/);
  const noise = randomUniform([2], { name: 'u' });
  expect(await evaluated(noise)).toEqual({
    y: expect.closeTo(6 * numbersOf(noise).reduce((a, b) => a + b), 5) as number,
  });
  session.dispose();
});

test('evaluate takes batches through the ops that keep samples', async () => {
  const session = await createSession({ backend: 'cpu' });
  const set = Dataset.from({
    features: Float32Array.from({ length: 24 }, (_, i) => (i * 7) % 11),
    labels: [0, 1, 0, 1, 0, 1],
    name: 'set',
  });
  const x = placeholder('x', [null, 4]);
  const rows = reshape(x, [null, 2, 2]);
  const fetch = {
    reversed: reverse(x, 1), tiled: tile(x, [1, 2]), top: topK(x, 2).values, least: argMin(x, 1), part: split(x, 2, 1)[1] ?? x,
    stacked: stack([x, x], 1), product: batchMatmul(rows, rows), mod: mod(x, 3),
  }; // prettier-ignore
  const whole = await session.evaluate({ data: { x: set.images }, batchSize: 6, fetch });
  const chunks = await session.evaluate({ data: { x: set.images }, batchSize: 4, fetch });
  expect(chunks).toEqual(whole);
  expect(whole.reversed).toMatchObject({ shape: [6, 4] });
  await expect(session.evaluate({ data: { x: set.images }, fetch: { y: reverse(x, 0) } })).rejects.toThrow(/chunks/);
  session.dispose();
});
