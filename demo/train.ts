/**
 * `npm run train`: the codelab's softmax regression in Node, on whatever there is to run it: a GPU, a software adapter, the CPU.
 */
import { parseArgs } from 'node:util';
import 'inkling/node';
import {
  add,
  argMax,
  cast,
  createSession,
  equal,
  gradientDescent,
  InklingError,
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
  type SessionOptions,
} from 'inkling';
import { loadIdx, loadMnist, type Dataset } from 'inkling/data';

const usage = `usage: npm run train -- [--model softmax] [--steps 1000] [--batch-size 100] [--learning-rate 0.01]
       [--seed 0] [--backend auto|webgpu|cpu] [--dataset FOLDER]   (a folder of IDX files, named as MNIST's)`;

interface Options {
  readonly steps: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly seed: number;
  readonly backend: NonNullable<SessionOptions['backend']>;
  readonly dataset: string | undefined;
}

/** @throws TypeError on a flag that does not exist or a value that cannot be used. */
function parseOptions(): Options {
  const { values } = parseArgs({
    options: {
      model: { type: 'string', default: 'softmax' },
      steps: { type: 'string', default: '1000' },
      'batch-size': { type: 'string', default: '100' },
      'learning-rate': { type: 'string', default: '0.01' },
      seed: { type: 'string', default: '0' },
      backend: { type: 'string', default: 'auto' },
      dataset: { type: 'string' },
    },
  });
  const { backend, model } = values;
  if (model !== 'softmax')
    throw new TypeError(`--model ${model}: there is softmax; deeper networks come with a later version`);
  if (backend !== 'auto' && backend !== 'webgpu' && backend !== 'cpu')
    throw new TypeError(`--backend ${backend}: auto, webgpu or cpu`);
  return {
    steps: count('--steps', values.steps, 1),
    batchSize: count('--batch-size', values['batch-size'], 1),
    learningRate: positive('--learning-rate', values['learning-rate']),
    seed: count('--seed', values.seed, 0),
    backend,
    dataset: values.dataset,
  };
}

function count(flag: string, text: string, least: number): number {
  if (!/^\d+$/.test(text) || Number(text) < least)
    throw new TypeError(`${flag} ${text}: a whole number from ${least} on`);
  return Number(text);
}

function positive(flag: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0)
    throw new TypeError(`${flag} ${text}: a number above 0`);
  return value;
}

async function loadData(folder: string | undefined): Promise<{ train: Dataset; test: Dataset }> {
  if (folder === undefined) return loadMnist();
  const load = (prefix: string): Promise<Dataset> =>
    loadIdx({ images: `${folder}/${prefix}-images-idx3-ubyte.gz`, labels: `${folder}/${prefix}-labels-idx1-ubyte.gz` });
  const [train, test] = await Promise.all([load('train'), load('t10k')]);
  return { train, test };
}

async function main(
  { steps, batchSize, learningRate, seed, backend, dataset }: Options,
  signal: AbortSignal,
): Promise<void> {
  const { train, test } = await loadData(dataset);
  const inputs = train.images.rowSize;
  const classes = train.classes.length;
  const x = placeholder('x', [null, inputs]);
  const y_ = placeholder('y_', [null, classes]);
  const W = variable('W', zeros([inputs, classes]));
  const b = variable('b', zeros([classes]));
  const y = softmax(add(matmul(x, W), b));
  const crossEntropy = neg(reduceSum(mul(y_, log(y))));
  const trainStep = gradientDescent(learningRate).minimize(crossEntropy);
  const accuracy = reduceMean(cast(equal(argMax(y, 1), argMax(y_, 1)), 'float32'));

  const session = await createSession({ backend, seed });
  try {
    const { description, architecture, vendor } = session.adapter;
    const name = [description, architecture, vendor].find((text) => text !== '') ?? 'an adapter without a name';
    console.log(
      `softmax regression on ${train.size} images, on ${session.backend === 'cpu' ? name : `WebGPU: ${name}`}`,
    );
    const began = performance.now();
    const run = {
      steps,
      batchSize,
      data: { x: train.images, y_: train.labels },
      fetch: { loss: crossEntropy },
      signal,
    };
    try {
      for await (const { step, values, stepsPerSecond } of session.train(trainStep, run))
        showProgress(step, steps, values.loss, stepsPerSecond);
    } catch (error) {
      if (!signal.aborted) throw error;
      console.log('stopped');
    }
    const seconds = (performance.now() - began) / 1000;
    const reached = await session.evaluate({ data: { x: test.images, y_: test.labels }, fetch: { accuracy } });
    console.log(
      `${session.step} steps in ${seconds.toFixed(1)} s; test accuracy ${(100 * reached.accuracy).toFixed(2)} % on ${test.size} images`,
    );
  } finally {
    session.dispose();
  }
}

let shown = 0;

/** One line that is written over on a terminal; elsewhere a line a second. */
function showProgress(step: number, steps: number, loss: number, stepsPerSecond: number): void {
  const line = `step ${step} of ${steps}  loss ${loss.toFixed(2)}  ${stepsPerSecond.toFixed(0)} steps/s`;
  if (process.stdout.isTTY) {
    process.stdout.write(`\r\u001b[K${line}${step === steps ? '\n' : ''}`);
  } else if (step === steps || performance.now() - shown > 1000) {
    console.log(line);
    shown = performance.now();
  }
}

const stopping = new AbortController();
process.once('SIGINT', () => {
  stopping.abort();
});

try {
  await main(parseOptions(), stopping.signal);
} catch (error) {
  if (!(error instanceof TypeError || error instanceof InklingError)) throw error;
  console.error(error instanceof InklingError ? error.message : `${error.message}\n${usage}`);
  process.exitCode = 1;
}
