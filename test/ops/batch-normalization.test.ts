/** Gradients of batch normalisation in both modes, against gradients derived by hand. */
import { expect, test } from 'vitest';
import { evaluate } from '../reference/evaluate.ts';
import {
  batchNormalization,
  constant,
  gradients,
  mul,
  placeholder,
  reduceSum,
  square,
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

test('in training a row moves mean and variance too: a shift of all rows has no gradient', () => {
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

test('outside of training the running statistics stay where they are in second derivatives too', () => {
  const [dx = loss] = gradients(reduceSum(mul<Tensor, Tensor>(square(y), constant(weights, [3, 2]))), [x]);
  const feeds = new Map([[x, { data: rows, shape: [3, 2] }]]);
  const growth: Tensor = mul(reduceSum(dx), 0.01);
  const found = evaluate(gradients(growth, [x, gamma, beta]), feeds, { precision: 'float64' });
  const [ddx, dgamma, dbeta] = found.map(({ data }) => Array.from(data));
  // y is x + 0.5 and 6·(x + 0.5) - 1; Σ dx is Σ 2·weight·y·scale for the scales 1 and 6, which are gamma times 0.5 and 2.
  expectClose(ddx, [0.02, 0.04 * 36, 0.02 * -3, 0.08 * 36, 0.01, 0.02 * 36]);
  expectClose(dbeta, [0.02 * -1.5, 0.02 * 7 * 6]);
  const along = (column: number, scale: number, shift: number, mean: number): number =>
    [0, 1, 2].reduce((sum, row) => {
      const [value, weight] = [(rows[2 * row + column] ?? 0) - mean, weights[2 * row + column] ?? 0];
      return sum + 0.02 * weight * (2 * scale * value + shift);
    }, 0);
  expectClose(dgamma, [along(0, 1, 1, 0.5) * 0.5, along(1, 6, -1, -0.5) * 2]);
});
