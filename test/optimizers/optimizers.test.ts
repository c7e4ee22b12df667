/** Optimizers' state and its names, and the options they refuse. */
import { describe, expect, test } from 'vitest';
import { evaluate } from '../reference/evaluate.ts';
import { readSafetensors, writeSafetensors } from '../../src/formats/safetensors.ts';
import { GraphError, UsageError } from '../../src/errors.ts';
import {
  adagrad,
  adam,
  adamW,
  cosineDecay,
  createSession,
  exponentialDecay,
  gradientDescent,
  group,
  momentum,
  mul,
  oneCycle,
  placeholder,
  reduceSum,
  rmsProp,
  square,
  variable,
  type Operation,
  type Schedule,
  type Session,
  type Tensor,
  type Variable,
} from '../../src/index.ts';

const W = variable('W', [1, 2]);
const b = variable('b', [3]);
const lossOf = (weights: Variable): Tensor => reduceSum(square(weights));
const keptBy = ({ updates }: Operation): string[] => updates.map(({ variable }) => variable.name);

describe('what is kept', () => {
  test.each([
    [gradientDescent(0.1), ['W']],
    [gradientDescent(cosineDecay(0.1, 5)), ['W', 'W/gradientDescent/iterations']],
    [momentum(), ['W', 'W/momentum/momentum']],
    [rmsProp(), ['W', 'W/rmsProp/velocity']],
    [rmsProp(0.1, { momentum: 0.5 }), ['W', 'W/rmsProp/velocity', 'W/rmsProp/momentum']],
    [adagrad(), ['W', 'W/adagrad/accumulator']],
    [adam(), ['W', 'W/adam/m', 'W/adam/v', 'W/adam/debias1', 'W/adam/debias2']],
    [adamW(0.1, { name: 'mine' }), ['W', 'W/mine/m', 'W/mine/v', 'W/mine/debias1', 'W/mine/debias2']],
  ])('%#: is named after the variable and the optimizer', (optimizer, names) => {
    const step = optimizer.minimize(lossOf(W));
    expect(keptBy(step)).toEqual(names);
    expect(step.updates.filter(({ variable }) => variable.trainable)).toHaveLength(1);
  });

  test('is the same for all operations of an optimizer, and grouped they advance once', () => {
    const optimizer = adam(0.1);
    const [first, again, other] = [lossOf(W), lossOf(W), lossOf(b)].map((loss) => optimizer.minimize(loss));
    expect(first?.updates.map(({ variable }) => variable)).toEqual(again?.updates.map(({ variable }) => variable));
    if (first === undefined || other === undefined) throw new Error('three operations');
    expect(keptBy(group(first, other)).filter((name) => name.includes('debias'))).toHaveLength(2);
  });

  test('is apart for optimizers of other variables, whatever their order', async () => {
    const session = await createSession({ backend: 'cpu' });
    const [c, d] = [variable('c', [1, 2]), variable('d', [3, 4])];
    const loss = reduceSum(mul(square(c), square(d)));
    const rate = exponentialDecay(0.1, 10, 0.5);
    const steps = [c, d].map((one) => adam(0.1).minimize(loss, { variables: [one] }));
    for (const step of [...steps, ...steps]) await session.run(step);
    // Each goes on as if it were alone: two steps of about the rate.
    for (const [one, before] of [[c, 1], [d, 3]] as const) expect((await session.get(one)).data[0]).toBeCloseTo(before - 0.2, 1); // prettier-ignore
    await session.run(adam(rate).minimize(lossOf(W)));
    await session.run(adam(rate).minimize(lossOf(b)));
    expect(keptBy(adam(rate).minimize(loss, { variables: [d, c] }))).toEqual(
      expect.arrayContaining(['c/adam/debias1', 'c/adam/iterations']),
    );
    session.dispose();
  });

  test('clashes by name where two optimizers of one name train one variable', async () => {
    const session = await createSession({ backend: 'cpu' });
    const step = adam().minimize(lossOf(W));
    await session.run(step);
    const clash = /variables? (are )?called 'W\/adam\/(m|debias1)'.* Two optimizers called 'adam' train it: .*`name`/;
    await expect(session.run(adam().minimize(lossOf(W)))).rejects.toThrow(clash);
    await expect(session.run([step, adam().minimize(lossOf(W))])).rejects.toThrow(/'W'/);
    await expect(
      session.run(step.updates.concat(adam().minimize(lossOf(W)).updates).map(({ value }) => value)),
    ).rejects.toThrow(clash);
    await session.run(adam(0.001, { name: 'second' }).minimize(lossOf(W)));
    session.dispose();
  });

  test.each([true, false])('is found in files by the names of earlier versions (met before: %s)', async (met) => {
    const [first, session] = [await createSession({ backend: 'cpu' }), await createSession({ backend: 'cpu' })];
    const step = adam(exponentialDecay(0.1, 10, 0.5)).minimize(lossOf(W));
    const now = async (one: Session): Promise<unknown> =>
      (await one.run([step, ...step.updates.map(({ variable }) => variable)])).slice(1);
    await first.run(step);
    const { tensors, metadata } = readSafetensors(await first.snapshot(), 'test');
    const former = new Map(
      [...tensors].map(([name, tensor]) => [name.replace(/^W\/(adam\/(debias.|iterations))$/, '$1'), tensor]),
    );
    expect([...former.keys()]).toEqual(
      expect.arrayContaining(['adam/debias1', 'adam/debias2', 'adam/iterations', 'W/adam/m']),
    );
    if (met) await session.run(step);
    await session.restore(writeSafetensors({ tensors: former, metadata }));
    for (let i = 0; i < 2; i++) expect(await now(session)).toEqual(await now(first));
    for (const one of [first, session]) one.dispose();
  });

  test('fits a variable of the same name in another graph', () => {
    const optimizer = momentum();
    optimizer.minimize(lossOf(W));
    const [, kept] = optimizer.minimize(lossOf(variable('W', [1, 2, 3]))).updates;
    expect(kept?.variable.shape).toEqual([3]);
  });
});

describe('schedules at given steps', () => {
  const iterations = placeholder('iterations', []);
  const rateAt = (schedule: Schedule, step: number): number =>
    evaluate([schedule.rateAt(iterations)], new Map([[iterations, { data: [step], shape: [] }]]))[0]?.data[0] ?? NaN;

  test.each<[string, Schedule, readonly (readonly [number, number])[]]>([
    [
      'exponential decay',
      exponentialDecay(0.1, 10, 0.5),
      [
        [0, 0.1],
        [5, 0.0707106781],
        [10, 0.05],
        [30, 0.0125],
      ],
    ],
    [
      'by stairs',
      exponentialDecay(0.1, 10, 0.5, { staircase: true }),
      [
        [9, 0.1],
        [10, 0.05],
        [19, 0.05],
        [20, 0.025],
      ],
    ],
    [
      'cosine decay',
      cosineDecay(0.1, 10),
      [
        [0, 0.1],
        [2, 0.0904508497],
        [5, 0.05],
        [10, 0],
        [99, 0],
      ],
    ],
    [
      'cosine decay to a part',
      cosineDecay(0.1, 10, { alpha: 0.2 }),
      [
        [5, 0.06],
        [10, 0.02],
      ],
    ],
    // PyTorch's defaults: pct_start 0.3, div_factor 25, final_div_factor 1e4.
    [
      'one cycle',
      oneCycle(1, 100),
      [
        [0, 0.04],
        [14.5, 0.52],
        [29, 1],
        [64, 0.500002],
        [99, 4e-6],
        [200, 4e-6],
      ],
    ],
    [
      'one cycle that only falls',
      oneCycle(1, 11, { pctStart: 0 }),
      [
        [10, 4e-6],
        [4.5, 0.500002],
      ],
    ],
  ])('%s', (_, schedule, points) => {
    for (const [step, rate] of points) expect(rateAt(schedule, step), `step ${step}`).toBeCloseTo(rate, 6);
  });
});

test.each<[string, () => unknown]>([
  ['adam: the beta1 is 1; give a finite number from 0 to below 1', () => adam(0.1, { beta1: 1 })],
  ['adam: the beta2 is NaN; give a finite number from 0 to below 1', () => adam(0.1, { beta2: NaN })],
  ['adam: the epsilon is -1; give a finite number from 0 on', () => adam(0.1, { epsilon: -1 })],
  ['adam: the learning rate is NaN; give a finite number from 0 on', () => adam(NaN)],
  ['adam: the learning rate is null; give a finite number from 0 on', () => adam(null as unknown as number)],
  ["An optimizer's name is ''; give a text that is not empty", () => adam(0.1, { name: '' })],
  ['exponentialDecay: the decayRate is 0; give a finite number above 0', () => exponentialDecay(0.1, 10, 0)],
  ['adamW: the weightDecay is -0.1; give', () => adamW(0.1, { weightDecay: -0.1 })],
  ['momentum: the momentum is 1; give a finite number from 0 to below 1', () => momentum(0.1, 1)],
  ['rmsProp: the rho is 1.5; give', () => rmsProp(0.1, { rho: 1.5 })],
  ['adagrad: the initialAccumulator is -1; give', () => adagrad(0.1, { initialAccumulator: -1 })],
  ['exponentialDecay: decaySteps is 0; give a whole number from 1 on', () => exponentialDecay(0.1, 0, 0.5)],
  ['cosineDecay: decaySteps is 1.5; give a whole number from 1 on', () => cosineDecay(0.1, 1.5)],
  ['oneCycle: the pctStart is 1; give a finite number from 0 to below 1', () => oneCycle(0.1, 10, { pctStart: 1 })],
  ['the clipValue is -1; give', () => adam().minimize(lossOf(W), { clipValue: -1 })],
  ['the globalClipNorm is 0; give', () => adam().minimize(lossOf(W), { globalClipNorm: 0 })],
])('refused: %s', (message, make) => {
  expect(make).toThrow(UsageError);
  expect(make).toThrow(message);
});

test('a rate that is not a scalar is refused', () => {
  expect(() => adam(placeholder('rate', [3]))).toThrow(GraphError);
});
