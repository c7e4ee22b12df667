/**
 * Runs in the page: the GPU's process is killed under the engine at different moments. A scenario returns the outcome of
 * every promise; `crashGpu`, which the test adds to the page, kills the process.
 */
import { createSession, type Session } from 'inkling';
import run, { mnist, softmaxRegression, trainOptions, type Model, type Report } from './engine.page.ts';

declare const crashGpu: () => Promise<void>;

/** What a promise came to: `ok`, or its error. */
type End = readonly [name: string, end: string];

export interface LossReport {
  readonly ends: readonly End[];
  /** What the same page does afterwards. */
  readonly after: Report;
}

async function endOf(name: string, promise: Promise<unknown>): Promise<End> {
  return promise.then(
    () => [name, 'ok'],
    (error: unknown) => [name, String(error)],
  );
}

const wait = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Everything a session can be asked for. */
async function ask(session: Session, { W, step, loss, accuracy }: Model): Promise<End[]> {
  const { train, test } = await mnist();
  const { images, labels } = train.nextBatch(100);
  const batch = { x: images, y_: labels };
  return Promise.all([
    endOf('run a step', session.run(step, batch)),
    endOf('run', session.run(loss, batch)),
    endOf('evaluate', session.evaluate({ data: { x: test.images, y_: test.labels }, fetch: { accuracy } })),
    endOf('get', session.get(W)),
    endOf('set', session.set(W, new Float32Array(7840))),
    endOf('reset', session.reset()),
  ]);
}

/** Trains until something stops it. */
async function train(session: Session, model: Model, onReport: (count: number) => unknown): Promise<void> {
  let count = 0;
  for await (const _ of session.train(model.step, { ...(await trainOptions(model, 1e6)), every: 20 })) {
    await onReport(++count);
  }
}

const scenarios = {
  /** With steps in flight. */
  async training(session: Session, model: Model): Promise<End[]> {
    const trained = train(session, model, (count) => void (count === 3 && crashGpu()));
    return [await endOf('train', trained), ...(await ask(session, model))];
  },

  /** While the loop's body keeps the run waiting. */
  async paused(session: Session, model: Model): Promise<End[]> {
    const trained = train(session, model, async () => {
      await crashGpu();
      await session.lost;
    });
    return [await endOf('train', trained), ...(await ask(session, model))];
  },

  /** While nothing happens. */
  async idle(session: Session, model: Model): Promise<End[]> {
    await crashGpu();
    const lost: End = ['lost', String(await session.lost)];
    return [lost, ...(await ask(session, model))];
  },

  /** While there is always something to answer. */
  async asked(session: Session, model: Model): Promise<End[]> {
    const now = { lost: false };
    void session.lost.then(() => (now.lost = true));
    void crashGpu();
    const ends: End[] = [];
    while (!now.lost) ends.push(...(await ask(session, model)));
    return [...ends, ...(await ask(session, model))];
  },

  /** While sessions open, compile and upload. */
  async opening(session: Session): Promise<End[]> {
    session.dispose();
    const ends: End[] = [];
    for (const delay of [0, 20, 50, 100]) {
      const opening = createSession({ backend: 'webgpu' });
      const crashed = wait(delay).then(crashGpu);
      ends.push(await endOf('open', opening));
      const opened = await opening.catch(() => undefined);
      if (opened !== undefined) ends.push(...(await ask(opened, softmaxRegression())));
      opened?.dispose();
      await crashed;
    }
    await wait(500); // the last crash may not have been noticed yet
    return ends;
  },
};

export type Scenario = keyof typeof scenarios;

export default async function lose(scenario: Scenario): Promise<LossReport> {
  const session = await createSession({ backend: 'webgpu' });
  const model = softmaxRegression();
  await ask(session, model);
  const ends = await scenarios[scenario](session, model);
  session.dispose();
  return { ends, after: await run({ steps: 60 }) };
}
