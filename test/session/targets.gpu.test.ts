/** Float targets of a data set: a regression trains on their column, as on batches of them. */
import { describe, expect, it } from 'vitest';
import { Dataset } from '../../src/data/index.ts';
import {
  gradientDescent,
  matmul,
  mul,
  placeholder,
  reduceMean,
  reduceSum,
  square,
  sub,
  variable,
  zeros,
} from '../../src/index.ts';
import { createSession } from '../../src/node.ts';
import { backends, keepDevice } from './programs.ts';

keepDevice();

describe.each(backends)('targets on %s', (backend) => {
  const points = Array.from({ length: 64 }, (_, i) => [Math.sin(i), Math.cos(i * 1.7)] as const);
  const line = Dataset.from({
    features: points.map(([a, b]) => [a, b]),
    targets: points.map(([a, b]) => [2 * a - b, a + 3 * b, 0.5]),
  });
  const x = placeholder('x', [null, 2]);
  const y = placeholder('y', [null, 3]);
  const W = variable('W', zeros([2, 3]));
  const loss = reduceMean(square(sub(matmul(x, W), y)));
  const step = gradientDescent(0.5).minimize(loss);

  it('train a regression', async () => {
    const session = await createSession({ backend });
    const data = { x: line.images, y: line.labels };
    const losses: number[] = [];
    for await (const { values } of session.train(step, {
      steps: 300,
      batchSize: 16,
      data,
      fetch: { loss },
      every: 100,
    }))
      losses.push(values.loss);
    const [a = NaN, b = NaN, , c = NaN, d = NaN] = (await session.get(W)).data;
    expect([a, b, c, d].map(Math.round)).toEqual([2, 1, -1, 3]);
    expect(losses.at(-1)).toBeLessThan(0.2);
    session.dispose();
  });

  it('are the same values in a column and in batches, whole or shuffled', async () => {
    const session = await createSession({ backend });
    const sum = reduceSum(mul(y, y));
    const expected = Array.from(line.labels.values).reduce((total, value) => total + value * value, 0);
    for (const set of [line, line.shuffle(3)]) {
      expect(await session.run(sum, { y: set.labels })).toBeCloseTo(expected, 3);
      const parts = await Promise.all([...set.batches(10)].map(({ labels }) => session.run(sum, { y: labels })));
      expect(parts.reduce((total, part) => total + part, 0)).toBeCloseTo(expected, 3);
    }
    const flat = Dataset.from({ features: [[1], [2], [3]], targets: [0.5, -1, 4] }); // prettier-ignore
    expect(await session.run(reduceSum(placeholder('t', [null])), { t: flat.labels })).toBe(3.5);
    expect(await session.run(reduceSum(placeholder('t', [null, 1])), { t: flat.labels })).toBe(3.5);
    session.dispose();
  });
});
