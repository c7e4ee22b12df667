/** Runs in a page or a worker: trains the codelab's model by `train`, and returns values that identify a run. */
import {
  add,
  argMax,
  cast,
  createSession,
  equal,
  gradientDescent,
  log,
  matmul,
  mul,
  neg,
  placeholder,
  reduceMean,
  reduceSum,
  softmax,
  variable,
  zeros,
  type Session,
  type SessionOptions,
  type TrainOptions,
} from 'inkling';
import { loadMnist, type Mnist } from 'inkling/data';

export interface Job extends SessionOptions {
  readonly steps: number;
}

/** What became of a job. */
export interface Report {
  readonly backend: string;
  readonly accuracy: number;
  /** A hash of the bits of all weights. */
  readonly weights: string;
  /** Steps at which there was a report. */
  readonly reports: readonly number[];
}

export function softmaxRegression() {
  const x = placeholder('x', [null, 784]);
  const W = variable('W', zeros([784, 10]));
  const b = variable('b', zeros([10]));
  const y = softmax(add(matmul(x, W), b));
  const y_ = placeholder('y_', [null, 10]);
  const loss = neg(reduceSum(mul(y_, log(y))));
  const step = gradientDescent(0.01).minimize(loss);
  const accuracy = reduceMean(cast(equal(argMax(y, 1), argMax(y_, 1)), 'float32'));
  return { W, b, loss, step, accuracy };
}

export type Model = ReturnType<typeof softmaxRegression>;

let loading: Promise<Mnist> | undefined;

/** MNIST, loaded once a page. */
export const mnist = (): Promise<Mnist> => (loading ??= loadMnist());

/** The options of `train` for `steps` steps. */
export async function trainOptions({ loss }: Model, steps: number): Promise<TrainOptions<{ loss: Model['loss'] }>> {
  const { train } = await mnist();
  return { steps, batchSize: 100, data: { x: train.images, y_: train.labels }, fetch: { loss } };
}

/** Trains the model in a session of its own. */
export default async function run({ steps, ...options }: Job): Promise<Report> {
  const session = await createSession(options);
  try {
    const model = softmaxRegression();
    const reports: number[] = [];
    for await (const { step } of session.train(model.step, await trainOptions(model, steps))) reports.push(step);
    return { backend: session.backend, ...(await examine(session, model)), reports };
  } finally {
    session.dispose();
  }
}

/** The model's accuracy on the test set, and its weights' hash. */
export async function examine(
  session: Session,
  { W, b, accuracy }: Model,
): Promise<Pick<Report, 'accuracy' | 'weights'>> {
  const { test } = await mnist();
  const weights = [];
  for (const variable of [W, b]) weights.push(...(await session.get(variable)).data);
  const digest = await crypto.subtle.digest('SHA-256', Float32Array.from(weights));
  const reached = await session.evaluate({ data: { x: test.images, y_: test.labels }, fetch: { accuracy } });
  return { accuracy: reached.accuracy, weights: new Uint8Array(digest).join() };
}
