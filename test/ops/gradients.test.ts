/**
 * Every row's gradients, and the gradients of these, against central differences in float64, of a sum with weights that
 * differ; and where no gradient flows, none does. Graphs are built once, with `null` sizes, and run at each batch.
 */
import { describe, expect, test } from 'vitest';
import { evaluate, type Feed } from '../../src/backend/cpu/evaluate.ts';
import {
  add,
  argMax,
  cast,
  floor,
  gradients,
  greater,
  mul,
  placeholder,
  reduceSum,
  sign,
  square,
  stopGradient,
  type Placeholder,
  type Tensor,
} from '../../src/index.ts';
import { batchesOf, between, opCases, placeholdersOf, shapeAt, valuesAt, type OpCase } from './table.ts';

const EPSILON = 1e-6;
/** So many elements of an input are varied. */
const PROBES = 24;

interface Loss {
  readonly loss: Tensor;
  readonly feeds: ReadonlyMap<Placeholder, Feed>;
}

/** Σ weight · result, or of what `of` makes of it, and what it is fed at a batch. */
function lossOf(testCase: OpCase, of = (result: Tensor): Tensor => result): (batch: number) => Loss {
  const inputs = placeholdersOf(testCase);
  const result = of(testCase.build(...inputs));
  const weights = placeholder(
    'weights',
    result.shape.map(() => null),
  );
  const loss = reduceSum(mul<Tensor, Tensor>(result, weights));
  return (batch) => {
    const feeds = new Map<Placeholder, Feed>();
    testCase.inputs.forEach((input, i) => {
      const to = inputs[i];
      if (to !== undefined) feeds.set(to, { data: valuesAt(input, batch), shape: shapeAt(input.shape, batch) });
    });
    const [{ shape, data } = { shape: [], data: [] }] = evaluate([result], feeds, { training: true });
    feeds.set(weights, { data: Array.from(data, (_, i) => between(0.5, 2, 0.7)(i)), shape });
    return { loss, feeds };
  };
}

function valueOf(loss: Tensor, feeds: ReadonlyMap<Placeholder, Feed>): number {
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

function floats({ feeds }: Loss): Placeholder[] {
  return [...feeds.keys()].filter(({ dtype, name }) => dtype === 'float32' && name !== 'weights');
}

describe.each(opCases.filter(({ differentiable }) => differentiable))('$name', (testCase) => {
  const at = lossOf(testCase);
  test.each(batchesOf(testCase))('at batch %i', (batch) => {
    const loss = at(batch);
    check(loss, floats(loss), gradients(loss.loss, floats(loss)));
  });
});

/** How a loss grows as all its inputs move along a direction at once: its gradient is a product with the Hessian. */
function growth({ loss, feeds }: Loss, inputs: readonly Placeholder[]): Loss {
  const slopes = gradients(loss, inputs);
  const fed = new Map(feeds);
  const terms = inputs.map((input, i): Tensor => {
    const { data, shape } = feeds.get(input) ?? { data: [], shape: [] };
    const direction: Placeholder = placeholder(`direction ${i}`, input.shape);
    fed.set(direction, { data: Array.from(data, (_, k) => between(-1, 1.5, 0.37 * i)(k)), shape });
    return reduceSum(mul<Tensor, Tensor>(slopes[i] ?? loss, direction));
  });
  return { loss: terms.reduce((a, b): Tensor => add<Tensor, Tensor>(a, b)), feeds: fed };
}

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
    stopGradient,
    comparison: (x) => cast(greater(x, 0), 'float32'),
    cast: (x) => cast(cast(x, 'int32'), 'float32'),
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
