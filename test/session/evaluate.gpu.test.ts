/** `session.evaluate`: a whole set in chunks, the last one shorter, has the values of one big run. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  add,
  argMax,
  batchNormalization,
  cast,
  constant,
  div,
  dropout,
  equal,
  gradients,
  greater,
  log,
  matmul,
  mul,
  neg,
  oneHot,
  placeholder,
  reduceMax,
  reduceMean,
  reduceMin,
  reduceSum,
  reshape,
  softmaxCrossEntropy,
  sqrt,
  square,
  sub,
  transpose,
  truncatedNormal,
  variable,
  zeros,
  ones,
  type NDArray,
  type Tensor,
} from '../../src/index.ts';
import { createSession } from '../../src/node.ts';
import type { Session } from '../../src/session/session.ts';
import { backends, CLASSES, collect, columns, FEATURES, keepDevice, program, rejection, smallSet } from './programs.ts';

keepDevice();
const ROWS = 2000;
const set = smallSet(ROWS, 'large');
const data = columns(set);

describe.each(backends)('evaluate on %s', (backend) => {
  let session: Session;
  const { x, y, y_, W, step, accuracy } = program();
  const predicted = argMax(y, 1);
  const perClass = reduceMean(y, { axis: 0 });
  const fetch = { accuracy, rows: { y, predicted }, perClass, most: reduceMax(y_) };
  beforeAll(async () => {
    session = await createSession({ backend, seed: 3 });
    await collect(session.train(step, { steps: 1, batchSize: 2, data, feeds: { rate: 0.05 } }));
  });
  afterAll(() => session.dispose());

  it.each([200, 177, 1999, ROWS, 4000, undefined])('in chunks of %s', async (batchSize) => {
    const whole = await session.run(fetch, data);
    const chunked = await session.evaluate({ data, batchSize, fetch });
    expect(whole.accuracy).toBeGreaterThan(0.3);
    expect(whole.accuracy).toBeLessThan(1);
    expect(chunked.accuracy).toBeCloseTo(whole.accuracy, 6);
    expect(chunked.rows.predicted).toEqual(whole.rows.predicted);
    expect(chunked.rows.predicted).toMatchObject({ shape: [ROWS], dtype: 'int32' });
    expect(chunked.rows.y.shape).toEqual([ROWS, CLASSES]);
    const off = [...chunked.rows.y.data].map((value, i) => Math.abs(value - (whole.rows.y.data[i] ?? NaN)));
    expect(off.findIndex((difference) => !(difference < 1e-6))).toBe(-1);
    expect(chunked.perClass.shape).toEqual([CLASSES]);
    chunked.perClass.data.forEach((value, i) => expect(value).toBeCloseTo(whole.perClass.data[i] ?? NaN, 5));
    expect(chunked.most).toBeCloseTo(1, 6);
  });

  it('in order: the rows are those of the set', async () => {
    const { ids } = await session.evaluate({ data: { y_: set.labels }, batchSize: 177, fetch: { ids: argMax(y_, 1) } });
    expect([...ids.data]).toEqual([...set.labels.values]);
  });

  it('also where a graph makes several rows of a sample', async () => {
    const fetch = { flat: reshape(y_, [-1]) };
    const { flat } = await session.evaluate({ data: { y_: set.labels }, batchSize: 3333, fetch });
    expect(flat.shape).toEqual([ROWS * CLASSES]);
    expect([...flat.data].reduce((sum, value) => sum + value)).toBe(ROWS);
  });

  it('with other feeds, by name or by placeholder', async () => {
    const scale = placeholder('scale', []);
    const mean = mul(reduceMean(matmul(x, W)), scale);
    const by = async (feeds: Parameters<typeof session.evaluate>[0]['feeds']) =>
      (await session.evaluate({ data: { x: set.images }, feeds, fetch: { mean } })).mean;
    const one = await by({ scale: 1 });
    expect(await by(new Map([[scale, 3]]))).toBeCloseTo(3 * one, 5);
    expect(one).not.toBe(0);
  });

  it('neither trains nor counts', async () => {
    const before = await session.get(W);
    await session.evaluate({ data, fetch });
    expect(session.step).toBe(1);
    expect(await session.get(W)).toEqual(before);
  });

  it('a variable has its value, for any number of chunks', async () => {
    const v = variable('v', truncatedNormal([FEATURES]));
    const fetch = { v, dot: reduceMean(mul(x, v)) };
    const { v: value } = await session.evaluate({ data: { x: set.images }, batchSize: 4000, fetch });
    const { data: expected } = await session.get(v);
    value.data.forEach((element, i) => expect(element).toBeCloseTo(expected[i] ?? NaN, 6));
  });
});

/** No multiple of 7 or 700. */
const ODD = 1403;
const oddSet = smallSet(ODD, 'odd');
const oddData = columns(oddSet);

describe.each(backends)('independent of the chunks, on %s', (backend) => {
  let session: Session;
  const { x, y, y_, loss } = program();
  const ids = placeholder('ids', [null], 'int32');
  const weights = variable('weights', truncatedNormal([FEATURES, CLASSES]));
  const logits = matmul(x, weights);
  const [guess, truth] = [argMax(logits, 1), argMax(y_, 1)];
  const hits = mul(oneHot(guess, CLASSES), y_);
  const recall: Tensor = div(reduceSum(hits, { axis: 0 }), reduceSum(y_, { axis: 0 }));
  const precision: Tensor = div(reduceSum(hits, { axis: 0 }), reduceSum(oneHot(guess, CLASSES), { axis: 0 }));
  const meanLoss = reduceMean(softmaxCrossEntropy(logits, y_));
  const penalty = mul(0.1, reduceSum(square(weights)));
  const normal = batchNormalization(logits, {
    gamma: variable('gamma', ones([CLASSES])),
    beta: variable('beta', zeros([CLASSES])),
    movingMean: variable('mean', zeros([CLASSES]), { trainable: false }),
    movingVariance: variable('variance', ones([CLASSES]), { trainable: false }),
  });
  // Of the last feature, some roots are NaN.
  const roots = sqrt(sub(x, constant(Array.from({ length: FEATURES }, (_, i) => (i < FEATURES - 1 ? 0 : 0.1)))));
  const exact: Record<string, Tensor> = {
    accuracy: reduceMean(cast(equal(guess, truth), 'float32')),
    rightOnes: equal(guess, truth),
    howMany: reduceSum(cast(equal(guess, truth), 'int32')),
    perClass: reduceSum(y_, { axis: 0 }),
    ofIds: reduceSum(cast(equal(ids, 1), 'int32')),
    confusion: matmul(y_, oneHot(guess, CLASSES), { transposeA: true }),
    recall,
    precision,
    f1: reduceMean(div(mul(2, mul(recall, precision)), add(recall, precision))),
    greatest: reduceMax(x, { axis: 0 }),
    least: reduceMin(ids),
    greatestOrNaN: reduceMax(roots, { axis: 0 }),
    leastOrNaN: reduceMin(roots),
    range: sub(reduceMax(x), reduceMin(x)),
    sumOfWeights: reduceSum(weights),
    weights,
    rows: x,
    columns: transpose(x),
    flat: reshape(y_, [-1]),
    isMany: greater(reduceSum(y_), 1000),
  };
  const close: Record<string, Tensor> = {
    meanLoss,
    summedLoss: loss,
    byHand: neg(reduceMean(reduceSum(mul(y_, log(y)), { axis: 1 }))),
    withPenalty: add(meanLoss, penalty),
    hundredfold: mul(100, meanLoss),
    negative: neg(div(meanLoss, 3)),
    standardDeviation: sqrt(sub(reduceMean(square(x)), square(reduceMean(x)))),
    centre: reduceMean(x, { axis: 0 }),
    meanOfMeans: reduceMean(reduceMean(x, { axis: 0 })),
    keepsAxes: reduceMean(x, { axis: [0, 1], keepDims: true }),
    gradient: gradients(add(meanLoss, penalty), [weights])[0] ?? weights,
    lengthOfGradient: sqrt(reduceSum(square(gradients(meanLoss, [weights])[0] ?? weights))),
    logits,
    kept: dropout(logits, 0.5),
    normal,
  };
  const data = { ...oddData, ids: oddSet.labels };
  let whole: Record<string, number | NDArray>;
  beforeAll(async () => {
    session = await createSession({ backend, seed: 3 });
    const oracle = await createSession({ backend: 'cpu', seed: 3 });
    whole = { ...(await oracle.run(close, oddData)), ...(await session.run(exact, data)) };
    oracle.dispose();
  });
  afterAll(() => session.dispose());

  const batchSizes = [1, 7, 700, ODD];

  it.each(batchSizes)('chunks of %s', async (batchSize) => {
    const values = await session.evaluate({ data, batchSize, fetch: { ...exact, ...close } });
    for (const name of Object.keys(exact)) expect([name, values[name]]).toEqual([name, whole[name]]);
    for (const name of Object.keys(close)) {
      const [found, expected] = [valuesOf(values[name]), valuesOf(whole[name])];
      const scale = Math.max(...expected.map(Math.abs));
      expect([name, found.length]).toEqual([name, expected.length]);
      expect([name, found.findIndex((value, i) => !(Math.abs(value - (expected[i] ?? NaN)) < 1e-5 * scale))]).toEqual([name, -1]); // prettier-ignore
    }
  });

  it('counts as the host does', async () => {
    const { perClass, confusion, ofIds, rightOnes, accuracy, greatestOrNaN, leastOrNaN } = await session.evaluate({
      data,
      batchSize: 7,
      fetch: exact,
    });
    const counts = [0, 1, 2].map(
      (label) => Array.from({ length: ODD }, (_, i) => oddSet.label(i)).filter((l) => l === label).length,
    );
    expect(perClass).toEqual({ data: Float32Array.from(counts), shape: [CLASSES], dtype: 'float32' });
    expect(ofIds).toBe(counts[1]);
    expect(valuesOf(greatestOrNaN).map(Number.isNaN)).toEqual(
      Array.from({ length: FEATURES }, (_, i) => i === FEATURES - 1),
    );
    expect(leastOrNaN).toBeNaN();
    expect(rightOnes).toMatchObject({ shape: [ODD], dtype: 'bool' });
    const right = valuesOf(rightOnes).filter((one) => one === 1).length;
    const diagonal = valuesOf(confusion).filter((_, i) => i % (CLASSES + 1) === 0);
    expect(diagonal.reduce((sum, count) => sum + count)).toBe(right);
    expect(accuracy).toBe(Math.fround(right / ODD));
  });

  it.each(
    Object.entries({
      gram: matmul(x, x, { transposeB: true }),
      centred: sub(x, reduceMean(x, { axis: 0 })),
      last: argMax(x, 0),
    }),
  )('%s is refused by name', async (name, tensor) => {
    for (const batchSize of batchSizes) {
      const error = await rejection(
        session.evaluate({ data: { x: oddSet.images }, batchSize, fetch: { metrics: { [name]: tensor } } }),
      );
      expect(String(error)).toMatch(
        new RegExp(`^UsageError: evaluate: 'metrics.${name}' .*session.run\\(fetches, data\\)`),
      );
    }
  });

  it('batch normalisation in training is refused', async () => {
    const evaluated = session.evaluate({ data: { x: oddSet.images }, fetch: { normal }, training: true });
    await expect(evaluated).rejects.toThrow(/'normal' .* with a result of all samples/);
  });

  it('a graph made for one number of rows is run on so many, or refused', async () => {
    const some = placeholder('some', [700, FEATURES]);
    const fetch = { mean: reduceMean(some) };
    const mean = await session.evaluate({ data: { some: oddSet.take(700).images }, fetch });
    expect(mean).toEqual(await session.run(fetch, { some: oddSet.take(700).images }));
    const evaluated = session.evaluate({ data: { some: oddSet.take(1400).images }, batchSize: 700, fetch });
    await expect(evaluated).rejects.toThrow("'some' [700, 12] takes 700 rows and the data set has 1400; give the placeholder the shape [null, 12]."); // prettier-ignore
    const same = add(x, constant(new Float32Array(ODD), [ODD, 1]));
    await expect(session.evaluate({ data: { x: oddSet.images }, fetch: { same } })).rejects.toThrow(/'same' .* its graph fits one number of samples only/); // prettier-ignore
  });

  it('columns of another set are not taken for values', async () => {
    const other = placeholder('other', [null, FEATURES]);
    const evaluated = session.evaluate({
      data: { x: oddSet.images },
      feeds: { other: smallSet(5, 'another').images },
      fetch: { both: add(reduceMean(x), reduceMean(other)) },
    });
    await expect(evaluated).rejects.toThrow(/'odd images' and 'another images' are columns of different data sets/);
  });

  it('a fetch without samples takes one chunk', async () => {
    const fetch = { product: matmul(weights, weights, { transposeA: true }), mean: reduceMean(x) };
    const { product } = await session.evaluate({ data: { x: oddSet.images }, batchSize: 1, fetch });
    expect(product).toEqual(await session.run(fetch.product));
  });
});

/** The numbers of a fetch. */
function valuesOf(value: number | NDArray | undefined): number[] {
  return typeof value === 'object' ? [...value.data] : [value ?? NaN];
}
