/**
 * Gradients through tensors used several times, towards tensors that depend on one another, and of gradients. Expected
 * values are float64 differences, or derived by hand.
 */
import { describe, expect, test } from 'vitest';
import { evaluate, type Feed } from '../reference/evaluate.ts';
import {
  add,
  constant,
  div,
  exp,
  gradients,
  identity,
  log,
  matmul,
  mul,
  neg,
  placeholder,
  reduceMean,
  reduceSum,
  softmax,
  softmaxCrossEntropy,
  square,
  stopGradient,
  tanh,
  type Placeholder,
  type Tensor,
} from '../../src/index.ts';

const x: Tensor = placeholder('x', [null]);

function valuesOf(tensors: readonly Tensor[], feeds: ReadonlyMap<Tensor, Feed>): number[][] {
  return evaluate(tensors, feeds, { precision: 'float64' }).map(({ data }) => Array.from(data));
}

function at(values: readonly number[], tensors: readonly Tensor[]): number[][] {
  return valuesOf(tensors, new Map([[x, { data: values, shape: [values.length] }]]));
}

function expectClose(actual: readonly number[] | undefined, expected: readonly number[], digits = 6): void {
  expect(actual).toHaveLength(expected.length);
  expected.forEach((value, i) => expect(actual?.[i]).toBeCloseTo(value, digits));
}

/** The sum of `y` with the weights 1, 2, 3, … */
function weighed(y: Tensor, count: number): Tensor {
  return reduceSum(mul<Tensor, Tensor>(y, constant(Array.from({ length: count }, (_, i) => i + 1))));
}

function sumOf(terms: readonly Tensor[]): Tensor {
  return terms.reduce((a, b): Tensor => add<Tensor, Tensor>(a, b));
}

/** The gradient towards `of` of how `loss` grows along (1, 2, 3, …). */
function twice(loss: Tensor, of: Tensor, count: number): Tensor[] {
  return gradients(loss, [of]).flatMap((slope) => gradients(weighed(slope, count), [of]));
}

describe('through softmax twice', () => {
  const y: Tensor = constant([1, 0]);
  const losses: Readonly<Record<string, Tensor>> = {
    'by hand': neg(reduceSum(mul<Tensor, Tensor>(y, log(softmax(x))))),
    'by hand, named': neg(reduceSum(mul<Tensor, Tensor>(y, log(identity(softmax(x), 'p'))))),
    softmaxCrossEntropy: reduceSum(softmaxCrossEntropy(x, y)),
  };

  test.each(Object.entries(losses))('%s: p · (1 − p)', (_, loss) => {
    const [first] = gradients(loss, [x]).map((slope): Tensor => reduceSum(mul<Tensor, Tensor>(slope, y)));
    expectClose(at([0.5, 0.5], gradients(first ?? loss, [x]))[0], [0.25, -0.25]);
  });

  test.each(Object.entries(losses))('%s: finite where p is 0 in float32', (_, loss) => {
    const feeds = new Map([[x, { data: [0, 900], shape: [2] }]]);
    const [third = loss] = twice(loss, x, 2).map((slope) => weighed(slope, 2));
    const results = evaluate([...gradients(loss, [x]), ...twice(loss, x, 2), ...gradients(third, [x])], feeds);
    expect(results.map(({ data }) => Array.from(data, (value) => value + 0))).toEqual([
      [-1, 1],
      [0, 0],
      [0, 0],
    ]);
  });

  test('an entropy beside the loss leaves it as it is', () => {
    const p = softmax(x);
    const entropy = reduceSum(mul<Tensor, Tensor>(p, log(p)));
    const loss: Tensor = add(neg(reduceSum(mul<Tensor, Tensor>(y, log(p)))), entropy);
    const [p0, p1] = [0.75, 0.25];
    const difference = Math.log(p0 / p1);
    expectClose(at([Math.log(3), 0], gradients(loss, [x]))[0], [
      p0 - 1 + p0 * p1 * difference,
      p1 - p0 * p1 * difference,
    ]);
  });

  test('a divisor cut off from gradients is a constant in derivatives of every order', () => {
    const p = softmax(x);
    const loss = reduceSum(div<Tensor, Tensor>(mul<Tensor, Tensor>(p, y), stopGradient(p)));
    // p·(1 − p) / s, whose slope at s = p = 1/2 is p·(1 − p)·(1 − 2p) / s; were s to move with p, it would be −p·(1 − p).
    const [first] = gradients(loss, [x]).map((slope): Tensor => reduceSum(mul<Tensor, Tensor>(slope, y)));
    expectClose(at([0, 0], gradients(first ?? loss, [x]))[0], [0, 0]);
  });
});

describe('tensors made of one another', () => {
  const h: Tensor = mul(x, 2);
  const loss = weighed(square(softmax(h)), 3);
  const values = [0.3, -0.2, 0.5];

  test('each has the gradient of all that is made of it', () => {
    const [dx = [], dh = []] = at(values, gradients(loss, [x, h]));
    expectClose(
      dx,
      dh.map((slope) => 2 * slope),
    );
    expect(at(values, gradients(loss, [h, x]))).toEqual([dh, dx]);
  });

  test('the gradient of a gradient towards a tensor that is not a source', () => {
    const [inner = []] = at(values, twice(loss, h, 3));
    const [outer = []] = at(values, twice(loss, x, 3));
    expect(Math.max(...inner.map(Math.abs))).toBeGreaterThan(0.1);
    expectClose(
      outer,
      inner.map((slope) => 4 * slope),
    );
  });

  test('a result and its inputs', () => {
    const y = exp(x);
    const [slope = y] = gradients(reduceSum(mul<Tensor, Tensor>(y, x)), [x]);
    // x·eˣ + eˣ, then x·eˣ + 2·eˣ.
    expectClose(at([0.5], gradients(reduceSum(slope), [x]))[0], [2.5 * Math.exp(0.5)]);
    expectClose(at([0.5], gradients(reduceSum(mul<Tensor, Tensor>(y, x)), [y, x]).slice(0, 1))[0], [0.5]);
  });

  test('one tensor in every place of an op', () => {
    const all: Tensor = mul(add<Tensor, Tensor>(x, x), div<Tensor, Tensor>(x, exp(x)));
    // 2x²·e⁻ˣ: 2e⁻ˣ·(2x − x²), then 2e⁻ˣ·(2 − 4x + x²).
    const [slope = all] = gradients(reduceSum(all), [x]);
    expectClose(at([0.5], [slope])[0], [2 * Math.exp(-0.5) * 0.75]);
    expectClose(at([0.5], gradients(reduceSum(slope), [x]))[0], [2 * Math.exp(-0.5) * 0.25]);
  });
});

describe('a network of two layers', () => {
  const inputs: Placeholder[] = [placeholder('a', [null, 3]), placeholder('W', [3, 4]), placeholder('V', [4, 2])];
  const [a, W, V] = inputs as readonly Tensor[] as readonly [Tensor, Tensor, Tensor];
  const labels = constant([
    [1, 0],
    [0.25, 0.5],
    [0, 1],
  ]);
  const logits: Tensor = matmul(tanh(matmul(a, W)), V);
  const loss: Tensor = neg(reduceMean(mul<Tensor, Tensor>(labels, log(softmax(logits)))));
  const feeds = new Map<Tensor, Feed>(
    inputs.map((input, k) => {
      const shape = input.shape.map((dim) => dim ?? 3);
      const length = shape.reduce((product, dim) => product * dim, 1);
      return [input, { shape, data: Array.from({ length }, (_, i) => Math.sin(3 * i + k)) }];
    }),
  );
  const slopes = gradients(loss, inputs);

  /** Checks the gradients of a scalar against its differences. */
  function expectSlopes(scalar: Tensor): void {
    const found = valuesOf(gradients(scalar, inputs), feeds);
    inputs.forEach((input, k) => {
      const { data, shape } = feeds.get(input) ?? { data: [], shape: [] };
      const moved = (i: number, step: number): number => {
        const values = Array.from(data, (value, j) => (j === i ? value + step : value));
        return valuesOf([scalar], new Map([...feeds, [input, { shape, data: values }]]))[0]?.[0] ?? NaN;
      };
      expectClose(
        found[k],
        Array.from(data, (_, i) => (moved(i, 1e-5) - moved(i, -1e-5)) / 2e-5),
        7,
      );
    });
  }

  test('products of its Hessian with a vector', () => {
    expectSlopes(sumOf(slopes.map((slope, k) => reduceSum(mul<Tensor, number>(slope, k + 1)))));
  });

  test('a penalty on its gradients, and that on the gradients of these', () => {
    const penalty = (of: Tensor): Tensor => sumOf(gradients(of, inputs).map((slope) => reduceSum(square(slope))));
    const penalised = sumOf([loss, penalty(loss)]);
    expectSlopes(penalised);
    expectSlopes(penalty(penalised));
  });
});

test('the gradient of a tensor outside the loss is zeros, of a size that the feed decides', () => {
  const other: Tensor = placeholder('other', [null, 2]);
  const [slope = other] = gradients(reduceSum(mul(x, 2)), [x]);
  const feeds = new Map([
    [x, { data: [1, 2], shape: [2] }],
    [other, { data: [1, 2, 3, 4, 5, 6], shape: [3, 2] }],
  ]);
  const found = evaluate(gradients(reduceSum(slope), [x, other]), feeds);
  expect(found.map(({ data, shape }) => [Array.from(data), shape])).toEqual([
    [[0, 0], [2]],
    [
      [0, 0, 0, 0, 0, 0],
      [3, 2],
    ],
  ]);
});

test('a loss that is not a scalar is refused', () => {
  expect(() => gradients(x, [x])).toThrow(/^gradients: the loss must be a float32 scalar, got 'x' .*reduceMean/);
});
