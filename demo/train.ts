/**
 * `npm run train`: trains one of the three models in Node, on its GPU, a software adapter or the CPU.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { type Dataset, loadIdx, loadMnist } from 'inkling/data';
import { createClassifier, type FitProgress, models, type OptimizerChoice, type OptimizerName } from 'inkling/layers';
import { adam, gradientDescent, InklingError, mul, oneCycle, type Session, UsageError } from 'inkling/node';

/** Default flags by model. */
const recipes = {
  softmax: { steps: '1000', 'batch-size': '100', optimizer: 'sgd', 'learning-rate': '0.01' },
  mlp: { epochs: '3', 'batch-size': '100', optimizer: 'oneCycle', 'learning-rate': '0.003' },
  cnn: { epochs: '1', 'batch-size': '256', optimizer: 'oneCycle', 'learning-rate': '0.01' },
};
type Model = keyof typeof recipes;

const options = {
  model: { type: 'string', default: 'softmax' },
  steps: { type: 'string' },
  epochs: { type: 'string' },
  'batch-size': { type: 'string' },
  optimizer: { type: 'string' },
  'learning-rate': { type: 'string' },
  seed: { type: 'string', default: '0' },
  backend: { type: 'string', default: 'auto' },
  dataset: { type: 'string', default: 'mnist' },
  save: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

const flagsOf = (recipe: object): string =>
  Object.entries(recipe)
    .map(([flag, value]) => `--${flag} ${String(value)}`)
    .join(' ');

const usage = `usage: npm run train -- [--model softmax|mlp|cnn] [--steps N | --epochs N] [--batch-size N]
    [--optimizer sgd|momentum|rmsProp|adagrad|adam|adamW|oneCycle] [--learning-rate X] [--seed N]
    [--backend auto|webgpu|cpu] [--dataset mnist|FOLDER] [--save FILE] [--help]
  --optimizer oneCycle: Adam with betas 0.7 and 0.9, its learning rate rising to X and falling over the run;
    gradientDescent is another name of sgd
  --dataset: a folder of four files with MNIST's names; --save: a file for loadClassifier()
${Object.entries(recipes)
  .map(([model, recipe]) => `  --model ${model}: ${flagsOf(recipe)}`)
  .join('\n')}`;

interface Job {
  readonly model: Model;
  readonly duration: { readonly steps: number } | { readonly epochs: number };
  readonly batchSize: number;
  readonly optimizer: string;
  readonly learningRate: number;
  readonly seed: number;
  readonly backend: 'auto';
  readonly dataset: string;
  readonly save: string | undefined;
}

/** Parses the flags; `undefined` for `--help`. @throws UsageError on invalid flags. */
function parseFlags(): Job | undefined {
  const { help, model, seed, backend, dataset, save, ...flags } = parse();
  if (help) return undefined;
  if (!Object.hasOwn(recipes, model))
    throw new UsageError(`--model is '${model}'; give ${Object.keys(recipes).join(', ')}.`);
  const { steps, epochs, ...recipe }: Readonly<Partial<Record<string, string>>> = recipes[model as Model];
  const length = flags.steps === undefined && flags.epochs === undefined ? { steps, epochs } : flags;
  const training = { ...recipe, ...flags };
  return {
    model: model as Model,
    duration: durationOf(length),
    batchSize: numberOf('batch-size', training['batch-size']),
    optimizer: training.optimizer ?? '',
    learningRate: numberOf('learning-rate', training['learning-rate']),
    seed: numberOf('seed', seed),
    backend: backend as 'auto', // createSession refuses an unknown one
    dataset,
    save,
  };
}

function parse() {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function durationOf({ steps, epochs }: { steps?: string | undefined; epochs?: string | undefined }): Job['duration'] {
  if (steps !== undefined && epochs !== undefined) throw new UsageError('Give either --steps or --epochs.');
  return steps === undefined ? { epochs: numberOf('epochs', epochs) } : { steps: numberOf('steps', steps) };
}

/** @param steps - The length of the run. */
function optimizerOf({ model, optimizer, learningRate, batchSize }: Job, steps: number): OptimizerChoice {
  if (model === 'softmax' && (optimizer === 'sgd' || optimizer === 'gradientDescent')) {
    // The codelab's rate is for the loss summed over a batch; a classifier's loss is the mean.
    const descent = gradientDescent(learningRate);
    return { minimize: (loss, options) => descent.minimize(mul(loss, batchSize), options) };
  }
  // The recipe of github.com/tuomaso/train_mnist_fast; a constant rate leaves the mlp a percent behind.
  if (optimizer === 'oneCycle') return adam(oneCycle(learningRate, steps), { beta1: 0.7, beta2: 0.9 });
  return { name: optimizer as OptimizerName, learningRate }; // createClassifier refuses an unknown one
}

function numberOf(flag: string, text = ''): number {
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
  const load = (prefix: string): Promise<Dataset> =>
    loadIdx({ images: file(`${prefix}-images-idx3-ubyte`), labels: file(`${prefix}-labels-idx1-ubyte`), signal });
  const [train, test] = await Promise.all([load('train'), load('t10k')]);
  return { train, test };
}

/** Prints a line, which the next one overwrites on a terminal. */
function progress(line: string): void {
  if (process.stdout.isTTY) process.stdout.write(`\r${line}\u001b[K`);
  else console.log(line);
}

function nameOf({ backend, adapter }: Session): string {
  const name = adapter.description || `${adapter.vendor} ${adapter.architecture}`.trim() || 'an unnamed adapter';
  return backend === 'cpu' ? name : `WebGPU: ${name}${adapter.class === 'software' ? ' (in software)' : ''}`;
}

async function train(job: Job, signal: AbortSignal): Promise<void> {
  const { model, duration, batchSize, seed, backend, dataset, save } = job;
  const { train, test } = await loadSets(dataset, signal);
  const steps = 'steps' in duration ? duration.steps : Math.ceil((duration.epochs * train.size) / batchSize);
  const classifier = await createClassifier(models[model](train.imageShape, train.classes), {
    optimizer: optimizerOf(job, steps),
    seed,
    backend,
  });
  try {
    console.log(`Training on ${nameOf(classifier.session)}\n\n${classifier.model.summary()}\n`);
    // On a terminal each line is overwritten; elsewhere lines stay, and ten are enough.
    const every = process.stdout.isTTY ? undefined : Math.ceil(steps / 10);
    let seconds = 0;
    for await (const report of classifier.fit(train, { ...duration, batchSize, every, signal })) {
      progress(lineOf(report));
      ({ seconds } = report);
    }
    const { loss, accuracy } = await classifier.evaluate(test);
    if (process.stdout.isTTY) console.log();
    console.log(`${steps} steps in ${seconds.toFixed(2)} s`);
    console.log(`test accuracy ${accuracy.toFixed(4)} on ${test.size} images, loss ${loss.toFixed(4)}`);
    if (save !== undefined) {
      writeFileSync(save, await classifier.save());
      console.log(`saved as ${save}`);
    }
  } finally {
    classifier.dispose();
  }
}

function lineOf({ step, steps, loss, stepsPerSecond }: FitProgress): string {
  const speed = stepsPerSecond.toFixed(stepsPerSecond < 10 ? 1 : 0);
  return `step ${step} of ${steps}, loss ${loss.toFixed(4)}, ${speed} steps a second`;
}

const interrupt = new AbortController();
// Several signals come, since npm and the launcher pass theirs on.
process.on('SIGINT', () => interrupt.abort());
try {
  const job = parseFlags();
  if (job === undefined) console.log(usage);
  else await train(job, interrupt.signal);
} catch (error) {
  if (interrupt.signal.aborted) {
    console.error('\nstopped');
    process.exitCode = 130;
  } else {
    if (!(error instanceof InklingError)) throw error;
    const misused = error instanceof UsageError;
    console.error(misused ? `${error.message}\n${usage}` : error.message);
    process.exitCode = misused ? 2 : 1;
  }
}
