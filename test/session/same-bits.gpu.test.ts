/**
 * Same seed, same bits, with dropout and batch normalisation: independent of slices, reports, pauses, reads and interleaved
 * calls.
 */
import { describe, expect, it } from 'vitest';
import {
  add,
  batchNormalization,
  dropout,
  gradientDescent,
  matmul,
  ones,
  placeholder,
  reduceMean,
  relu,
  softmaxCrossEntropy,
  truncatedNormal,
  variable,
  zeros,
} from '../../src/index.ts';
import { createSession } from '../../src/node.ts';
import type { Session } from '../../src/session/session.ts';
import type { TrainOptions } from '../../src/session/train.ts';
import { bits, CLASSES, collect, columns, FEATURES, keepDevice, rowsOf, smallSet, ways } from './programs.ts';

keepDevice();
const set = smallSet();
const data = columns(set);

const hidden = 8;
const x = placeholder('x', [null, FEATURES]);
const y_ = placeholder('y_', [null, CLASSES]);
const variables = [
  variable('W1', truncatedNormal([FEATURES, hidden], { stddev: 0.3 })),
  variable('b1', zeros([hidden])),
  variable('W2', truncatedNormal([hidden, CLASSES], { stddev: 0.3 })),
  variable('b2', zeros([CLASSES])),
  variable('gamma', ones([hidden])),
  variable('movingMean', zeros([hidden]), { trainable: false }),
  variable('movingVariance', ones([hidden]), { trainable: false }),
] as const;
const [W1, b1, W2, b2, gamma, movingMean, movingVariance] = variables;
const normal = batchNormalization(matmul(x, W1), { gamma, beta: b1, movingMean, movingVariance });
const logits = add(matmul(dropout(relu(normal), 0.3), W2), b2);
const loss = reduceMean(softmaxCrossEntropy(logits, y_));
const step = gradientDescent(0.1).minimize(loss);

type Options = Partial<TrainOptions<Record<string, typeof loss>>>;
const weights = (session: Session) => bits(session, ...variables);
const train = (session: Session, options: Options = {}) =>
  session.train(step, { steps: 40, batchSize: 7, data, fetch: {}, ...options });

describe.each(ways)('same bits on $backend, schedule $schedule', ({ backend, schedule }) => {
  async function trained(
    options: Options = {},
    seed = 0,
    atReport: (session: Session) => Promise<unknown> = () => Promise.resolve(),
  ): Promise<number[]> {
    const session = await createSession({ backend, schedule, seed });
    for await (const _ of train(session, options)) await atReport(session);
    const values = await weights(session);
    session.dispose();
    return values;
  }
  let first: Promise<number[]> | undefined;
  /** The weights after a run that nothing disturbs, made once. */
  const undisturbed = (): Promise<number[]> => (first ??= trained());
  const look = async (session: Session): Promise<void> => {
    await session.run(loss, rowsOf(set, 3, 20));
    await session.evaluate({ data, batchSize: 11, fetch: { loss } });
    await session.get(W1);
    await new Promise((resolve) => setTimeout(resolve, 10));
  };

  it('twice, and other bits from another seed', async () => {
    const once = await undisturbed();
    expect(await trained()).toEqual(once);
    expect(new Set(once).size).toBeGreaterThan(100);
    expect(await trained({}, 1)).not.toEqual(once);
    expect(await trained({ shuffle: false })).not.toEqual(once);
  });

  it('initial values depend on seed and name, not on the order of use', async () => {
    const initial = async (seed: number, order: readonly (typeof W1 | typeof W2)[]) => {
      const session = await createSession({ backend, schedule, seed });
      for (const variable of order) await session.get(variable);
      const values = await bits(session, W1, W2);
      session.dispose();
      return values;
    };
    const once = await initial(0, [W1, W2]);
    expect(await initial(0, [W2, W1])).toEqual(once);
    expect(await initial(1, [W1, W2])).not.toEqual(once);
  });

  it.each<[string, Options]>([
    ['every step reported', { every: 1 }],
    ['no step but the last', { every: 500 }],
    ['the loss fetched', { every: 9, fetch: { loss } }],
    ['single steps a submit', { stepsPerSubmit: 1 }],
    ['three steps a submit', { stepsPerSubmit: 3, every: 20 }],
    ['all steps in a submit', { stepsPerSubmit: 1000, every: 1000 }],
  ])('with %s', async (_, options) => {
    expect(await trained(options)).toEqual(await undisturbed());
  });

  it('paused and looked at', async () => {
    expect(await trained({ every: 13, stepsPerSubmit: 5 }, 0, look)).toEqual(await undisturbed());
  });

  it('looked at while it runs', async () => {
    const session = await createSession({ backend, schedule });
    const run = train(session, { every: 40, stepsPerSubmit: 1 }).next();
    for (let i = 0; i < 5; i++) await look(session);
    expect((await run).value?.step).toBe(40);
    expect(await weights(session)).toEqual(await undisturbed());
    session.dispose();
  });

  it('in several runs, one after the other', async () => {
    const session = await createSession({ backend, schedule });
    for (const steps of [1, 12, 27]) await collect(train(session, { steps }));
    expect(await weights(session)).toEqual(await undisturbed());
    session.dispose();
  });

  it('after a reset', async () => {
    const session = await createSession({ backend, schedule, seed: 5 });
    await collect(train(session, { steps: 3 }));
    await session.reset();
    expect(session.step).toBe(0);
    await collect(train(session));
    expect(await weights(session)).toEqual(await trained({}, 5));
    session.dispose();
  });

  it('two sessions at once do not disturb each other', async () => {
    const seeds = [0, 1];
    const sessions = await Promise.all(seeds.map((seed) => createSession({ backend, schedule, seed })));
    const runs = sessions.map((session) => train(session, { every: 8, stepsPerSubmit: 3 }));
    for (let report = 0; report < 5; report++) await Promise.all(runs.map((run) => run.next()));
    const values = await Promise.all(sessions.map(weights));
    expect(values).toEqual([await undisturbed(), await trained({}, 1)]);
    for (const session of sessions) session.dispose();
  });
});
