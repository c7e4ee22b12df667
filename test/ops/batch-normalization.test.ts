/** The slopes of batch normalisation in both modes, against what they are by hand. */
import { expect, test } from 'vitest';
import { evaluate } from '../../src/backend/cpu/evaluate.ts';
import {
  batchNormalization,
  constant,
  gradients,
  mul,
  placeholder,
  reduceSum,
  variable,
  type Tensor,
} from '../../src/index.ts';

const x: Tensor = placeholder('x', [null, 2]);
const [gamma, beta] = [variable('gamma', [2, 3]), variable('beta', [1, -1])];
const movingMean = variable('mean', [0.5, -0.5], { trainable: false });
const movingVariance = variable('variance', [3.999, 0.249], { trainable: false });
const y = batchNormalization(x, { gamma, beta, movingMean, movingVariance });
const weights = [1, 2, -3, 4, 0.5, 1];
const loss: Tensor = reduceSum(mul<Tensor, Tensor>(y, constant(weights, [3, 2])));
const rows = [1, 0, 2, -1, 4, 3];

function slopes(training: boolean): number[][] {
  const feeds = new Map([[x, { data: rows, shape: [3, 2] }]]);
  const found = gradients(loss, [x, gamma, beta, movingMean]);
  return evaluate(found, feeds, { precision: 'float64', training }).map(({ data }) => Array.from(data));
}

function expectClose(actual: readonly number[] | undefined, expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  expected.forEach((value, i) => expect(actual?.[i]).toBeCloseTo(value, 6));
}

test('outside of training every row goes its own way', () => {
  const [dx, dgamma, dbeta] = slopes(false);
  // gamma / √(variance + 0.001) is 1 and 6.
  expectClose(dx, [1, 12, -3, 24, 0.5, 6]);
  expectClose(dgamma, [(1 * 0.5 - 3 * 1.5 + 0.5 * 3.5) / 2, (2 * 0.5 + 4 * -0.5 + 1 * 3.5) / 0.5]);
  expectClose(dbeta, [-1.5, 7]);
});

test('in training a row moves mean and variance too: what all rows share has no slope', () => {
  const [dx = [], , dbeta, dmean] = slopes(true);
  expectClose(dbeta, [-1.5, 7]);
  expectClose(dmean, [0, 0]);
  for (const c of [0, 1]) {
    const [own, values] = [dx, rows].map((all) => all.filter((_, i) => i % 2 === c));
    const sum = (own ?? []).reduce((a, b) => a + b, 0);
    expect(sum).toBeCloseTo(0, 9);
    // Nor has a change of scale, but for epsilon.
    const along = (own ?? []).reduce((total, slope, i) => total + slope * (values?.[i] ?? 0), 0);
    expect(Math.abs(along)).toBeLessThan(1e-2);
    expect(Math.max(...(own ?? []).map(Math.abs))).toBeGreaterThan(0.1);
  }
});
