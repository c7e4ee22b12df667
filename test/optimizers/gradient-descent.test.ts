/** Gradient descent: updates, checks, and refusals. */
import { describe, expect, test } from 'vitest';
import { evaluate } from '../reference/evaluate.ts';
import { GraphError, UsageError } from '../../src/errors.ts';
import {
  cast,
  gradientDescent,
  identity,
  mul,
  placeholder,
  reduceSum,
  square,
  variable,
  type Operation,
  type Tensor,
} from '../../src/index.ts';

const W = variable('W', [1, 2]);
const b = variable('b', [3]);
const frozen = variable('frozen', [5, 7], { trainable: false });
const loss = reduceSum(mul(square(W), mul(b, frozen)));

function updated({ updates }: Operation): Record<string, number[]> {
  const values = evaluate(updates.map(({ value }) => value));
  return Object.fromEntries(updates.map(({ variable }, i) => [variable.name, Array.from(values[i]?.data ?? [])]));
}

describe('a step', () => {
  test('sets what is trainable to W − rate · dW', () => {
    const step = gradientDescent(0.01).minimize(loss);
    const expected = { W: [1 - 0.01 * 30, 2 - 0.01 * 84], b: [3 - 0.01 * 33] };
    for (const [name, values] of Object.entries(updated(step))) {
      expect(values).toEqual(expected[name as 'W' | 'b'].map((value) => expect.closeTo(value, 5) as number));
    }
    expect(step.updates).toHaveLength(2);
    expect(step.training).toBe(true);
  });

  test('sets the variables that are named', () => {
    const step = gradientDescent(1).minimize(loss, { variables: [frozen], name: 'thaw' });
    expect(step.name).toBe('thaw');
    expect(updated(step)).toEqual({ frozen: [5 - 3, 7 - 12] });
  });

  test('watches the loss, then each gradient', () => {
    const named = (of: Tensor): string[] =>
      gradientDescent(1)
        .minimize(of)
        .checks.map(({ name }) => name);
    expect(named(loss)).toEqual(['loss', 'gradient of W', 'gradient of b']);
    expect(named(identity(loss, 'cross-entropy'))[0]).toBe('cross-entropy');
    const { checks } = gradientDescent(1).minimize(loss);
    expect(checks[0]?.tensor).toBe(loss);
    expect(checks.slice(1).map(({ tensor }) => tensor.shape)).toEqual([[2], [1]]);
  });

  test('takes a rate that is fed', () => {
    const rate = placeholder('rate', []);
    const { updates } = gradientDescent(rate).minimize(loss, { variables: [b] });
    const values = evaluate(
      updates.map(({ value }) => value),
      new Map([[rate, { data: [0.5], shape: [] }]]),
    );
    expect(values[0]?.data).toEqual(Float32Array.of(3 - 0.5 * 33));
  });
});

describe('refused', () => {
  test.each([NaN, Infinity, -0.1])('a rate of %d', (rate) => {
    expect(() => gradientDescent(rate)).toThrow(UsageError);
    expect(() => gradientDescent(rate)).toThrow(`learning rate is ${rate}; give a finite number from 0 on`);
  });

  test('a rate of 0 is not', () => {
    expect(updated(gradientDescent(0).minimize(loss))).toEqual({ W: [1, 2], b: [3] });
  });

  test('a rate that is not a scalar', () => {
    expect(() => gradientDescent(placeholder('r', [null]))).toThrow(/learning rate 'r' \[null\] .*float32 scalar/);
    expect(() => gradientDescent(cast(placeholder('r', []), 'int32'))).toThrow(/is int32; give a float32 scalar/);
  });

  test('a loss that is not a scalar', () => {
    expect(() => gradientDescent(1).minimize(square(W))).toThrow(GraphError);
    expect(() => gradientDescent(1).minimize(square(W))).toThrow(/must be a float32 scalar, got .*reduce/);
  });

  test('a loss of no trainable variable', () => {
    expect(() => gradientDescent(1).minimize(reduceSum(frozen))).toThrow(/depends on no trainable variable; name some/);
    expect(() => gradientDescent(1).minimize(loss, { variables: [] })).toThrow(/no trainable variable/);
  });
});
