/**
 * `npm run train`: the codelab's softmax regression, trained in Node on its GPU, a software adapter or the CPU.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { type Dataset, loadIdx, loadMnist } from 'inkling/data';
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
  type Session,
  softmax,
  UsageError,
  variable,
  zeros,
} from 'inkling/node';

const defaults = {
  model: 'softmax',
  steps: '1000',
  'batch-size': '100',
  'learning-rate': '0.01',
  seed: '0',
  backend: 'auto',
  dataset: 'mnist',
};
type Flag = keyof typeof defaults;
type Flags = Readonly<Record<Flag, string>>;

const usage = `usage: npm run train -- ${Object.entries(defaults)
  .map(([flag, value]) => `[--${flag} ${value}]`)
  .join(' ')}
  --backend: auto, webgpu or cpu; --dataset: mnist, or a folder of four files named as MNIST's are`;

function parseFlags(): Flags {
  try {
    const options = Object.fromEntries(Object.keys(defaults).map((flag) => [flag, { type: 'string' as const }]));
    const flags: Flags = { ...defaults, ...parseArgs({ options }).values };
    if (flags.model !== 'softmax') throw new UsageError(`--model ${flags.model} is not there yet; give softmax.`);
    return flags;
  } catch (error) {
    throw error instanceof UsageError ? error : new UsageError((error as Error).message);
  }
}

function numberOf(flags: Flags, flag: Flag): number {
  const text = flags[flag];
  const value = Number(text);
  if (text.trim() === '' || Number.isNaN(value)) throw new UsageError(`--${flag} is '${text}'; give a number.`);
  return value;
}

async function loadSets(name: string, signal: AbortSignal): Promise<{ train: Dataset; test: Dataset }> {
  if (name === 'mnist') return loadMnist({ signal });
  const file = (base: string): URL => {
    const path = join(resolve(name), base);
    return pathToFileURL(existsSync(`${path}.gz`) ? `${path}.gz` : path);
  };
  const load = (part: string): Promise<Dataset> =>
    loadIdx({ images: file(`${part}-images-idx3-ubyte`), labels: file(`${part}-labels-idx1-ubyte`), signal });
  const [train, test] = await Promise.all([load('train'), load('t10k')]);
  return { train, test };
}

function softmaxRegression(features: number, classes: number, learningRate: number) {
  const x = placeholder('x', [null, features]);
  const y_ = placeholder('y_', [null, classes]);
  const W = variable('W', zeros([features, classes]));
  const b = variable('b', zeros([classes]));
  const y = softmax(add(matmul(x, W), b));
  const crossEntropy = neg(reduceSum(mul(y_, log(y))));
  const trainStep = gradientDescent(learningRate).minimize(crossEntropy);
  const accuracy = reduceMean(cast(equal(argMax(y, 1), argMax(y_, 1)), 'float32'));
  return { crossEntropy, trainStep, accuracy };
}

/** A line that is written over by the next on a terminal, and stays elsewhere. */
function progress(line: string): void {
  if (process.stdout.isTTY) process.stdout.write(`\r${line}\u001b[K`);
  else console.log(line);
}

function nameOf({ backend, adapter }: Session): string {
  const name = adapter.description || `${adapter.vendor} ${adapter.architecture}`.trim() || 'an unnamed adapter';
  return backend === 'cpu' ? name : `WebGPU: ${name}${adapter.class === 'software' ? ' (in software)' : ''}`;
}

async function train(flags: Flags, signal: AbortSignal): Promise<void> {
  const steps = numberOf(flags, 'steps');
  const batchSize = numberOf(flags, 'batch-size');
  const learningRate = numberOf(flags, 'learning-rate');
  const backend = flags.backend as 'auto'; // createSession refuses what it does not know
  const session = await createSession({ backend, seed: numberOf(flags, 'seed') });
  try {
    console.log(`Training on ${nameOf(session)}`);
    const { train, test } = await loadSets(flags.dataset, signal);
    const features = train.imageShape.reduce((size, dim) => size * dim, 1);
    const { crossEntropy, trainStep, accuracy } = softmaxRegression(features, train.classes.length, learningRate);
    const run = session.train(trainStep, {
      steps,
      batchSize,
      data: { x: train.images, y_: train.labels },
      fetch: { loss: crossEntropy },
      signal,
      ...(process.stdout.isTTY ? {} : { every: Math.ceil(steps / 10) }),
    });
    let seconds = 0;
    for await (const report of run) {
      const loss = (report.values.loss / batchSize).toFixed(4);
      progress(`step ${report.step} of ${steps}, loss ${loss}, ${report.stepsPerSecond.toFixed(0)} steps a second`);
      ({ seconds } = report);
    }
    const { accuracy: reached } = await session.evaluate({
      data: { x: test.images, y_: test.labels },
      fetch: { accuracy },
    });
    if (process.stdout.isTTY) console.log();
    console.log(`${steps} steps in ${seconds.toFixed(2)} s`);
    console.log(`test accuracy ${reached.toFixed(4)} on ${test.size} images`);
  } finally {
    session.dispose();
  }
}

const interrupt = new AbortController();
// More than one comes when npm and the launcher hand theirs on.
process.on('SIGINT', () => interrupt.abort());
try {
  await train(parseFlags(), interrupt.signal);
} catch (error) {
  if (interrupt.signal.aborted) {
    console.error('\nstopped');
    process.exitCode = 130;
  } else {
    if (!(error instanceof InklingError)) throw error;
    console.error(error instanceof UsageError ? `${error.message}\n${usage}` : error.message);
    process.exitCode = 1;
  }
}
