/**
 * Every row's gradients, and the gradients of these, against central differences in float64, of a sum with uneven weights;
 * zero where no gradient flows. Graphs are built once, with `null` sizes, and run at each batch.
 */
import { describe, expect, test } from 'vitest';
import { evaluate } from '../reference/evaluate.ts';
import {
  argMax,
  argMin,
  cast,
  ceil,
  floor,
  gradients,
  greater,
  mul,
  placeholder,
  reduceSum,
  round,
  sign,
  square,
  stopGradient,
  type Placeholder,
  type Tensor,
} from '../../src/index.ts';
import { floats, growth, lossOf, type Loss } from './losses.ts';
import { batchesOf, opCases } from './table.ts';

const EPSILON = 1e-6;
/** So many elements of an input are varied. */
const PROBES = 24;

function valueOf(loss: Tensor, feeds: Loss['feeds']): number {
  return Number(evaluate([loss], feeds, { precision: 'float64', training: true })[0]?.data[0]);
}

/** The slope of `loss` along the i-th element of an input. */
function difference({ loss, feeds }: Loss, input: Placeholder, i: number): number {
  const feed = feeds.get(input) ?? { data: [], shape: [] };
  const at = (step: number): number => {
    const data = Array.from(feed.data, (value, k) => (k === i ? value + step : value));
    return valueOf(loss, new Map([...feeds, [input, { ...feed, data }]]));
  };
  return (at(EPSILON) - at(-EPSILON)) / (2 * EPSILON);
}

function probesOf(length: number): number[] {
  if (length <= PROBES) return Array.from({ length }, (_, i) => i);
  return Array.from({ length: PROBES }, (_, i) => Math.floor((i * (length - 1)) / (PROBES - 1)));
}

/** Checks the gradients of `loss`, found by `slopes`, with respect to `inputs`. */
function check(at: Loss, inputs: readonly Placeholder[], slopes: readonly Tensor[]): void {
  const found = evaluate(slopes, at.feeds, { precision: 'float64', training: true });
  inputs.forEach((input, k) => {
    const { data, shape } = found[k] ?? { data: [], shape: [] };
    expect(shape).toEqual(at.feeds.get(input)?.shape);
    for (const i of probesOf(data.length)) {
      const expected = difference(at, input, i);
      const error = Math.abs((data[i] ?? NaN) - expected);
      expect(error, `element ${i} of '${input.name}': ${data[i]} for ${expected}`).toBeLessThanOrEqual(
        1e-5 + 1e-3 * Math.abs(expected),
      );
    }
  });
}

describe.each(opCases.filter(({ differentiable }) => differentiable))('$name', (testCase) => {
  const at = lossOf(testCase);
  test.each(batchesOf(testCase))('at batch %i', (batch) => {
    const loss = at(batch);
    check(loss, floats(loss), gradients(loss.loss, floats(loss)));
  });
});

describe.each(opCases.filter(({ differentiable }) => differentiable))('the gradient of $name', (testCase) => {
  // The square makes what arrives at the op depend on its inputs, as it does in a network.
  const at = lossOf(testCase, (result) => square(result));
  test.each(batchesOf(testCase))('has gradients at batch %i', (batch) => {
    const first = at(batch);
    const inputs = floats(first);
    const second = growth(first, inputs);
    check(second, inputs, gradients(second.loss, inputs));
  });
});

const thrice = [
  'sigmoid: rows',
  'div: alike',
  'pow: alike',
  'gelu: rows',
  'matmul: batch×7×3 Bᵀ',
  'batchNormalization: rows',
];
const deep = ['softmax: rows', 'logSoftmax: rows', 'softmaxCrossEntropy: any labels', 'softmaxCrossEntropy: by hand'];

describe.each(opCases.filter(({ name }) => [...thrice, ...deep].includes(name)))('the second of $name', (testCase) => {
  test('has gradients', () => {
    const first = lossOf(testCase, (result) => square(result))(3);
    const inputs = floats(first);
    const third = growth(growth(first, inputs), inputs);
    check(third, inputs, gradients(third.loss, inputs));
  });
});

describe('where no gradient flows', () => {
  const stopping: Readonly<Record<string, (x: Tensor) => Tensor>> = {
    sign,
    floor,
    ceil,
    round,
    stopGradient,
    comparison: (x) => cast(greater(x, 0), 'float32'),
    cast: (x) => cast(cast(x, 'int32'), 'float32'),
    argMin: (x) => cast(argMin(x, 0), 'float32'),
    argMax: (x) => cast(argMax(x, 0), 'float32'),
  };
  test.each(Object.entries(stopping))('%s: zeros come back', (_, stop) => {
    const x = placeholder('x', [3]);
    const [dx] = gradients(reduceSum(mul<Tensor, number>(stop(x), 2)), [x]);
    expect(dx && evaluate([dx], new Map([[x, { data: [1.5, -2, 0.5], shape: [3] }]]))[0]?.data).toEqual(
      Float32Array.of(0, 0, 0),
    );
  });
});
