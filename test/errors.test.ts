/**
 * Names of errors, and of classes derived from them. For the built package: test/bundle.test.ts.
 */
import { inspect } from 'node:util';
import * as errors from 'inkling';
import { expect, test } from 'vitest';

const { InklingError, GraphError, NumericsError, ShaderError } = errors;

test.each([
  'InklingError',
  'GraphError',
  'UsageError',
  'FeedError',
  'DataError',
  'NumericsError',
  'DeviceError',
  'ShaderError',
] as const)('%s', (name) => {
  const made = {
    InklingError: () => new InklingError('test', 'No.'),
    NumericsError: () => new NumericsError(3, 'loss'),
    ShaderError: () => new ShaderError('matmul', 1, 'no', 'fn main() {}'),
  }[name as string];
  const error = made?.() ?? new errors[name as 'GraphError']('No.');
  expect(error).toBeInstanceOf(InklingError);
  expect([errors[name].name, error.name]).toEqual([name, name]);
  for (const text of [String(error), String(error.stack), inspect(error)])
    expect(text.startsWith(`${name}: `)).toBe(true);
});

test('one of your own has its own name, or the one it gives itself', () => {
  class Mine extends GraphError {}
  class Named extends GraphError {
    override name = 'Chosen';
  }
  expect([new Mine('no').name, String(new Mine('no'))]).toEqual(['Mine', 'Mine: no']);
  expect([new Named('no').name, String(new Named('no'))]).toEqual(['Chosen', 'Chosen: no']);
});
