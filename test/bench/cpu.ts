/**
 * `npm run bench:cpu`: training on the CPU in Node, Inkling and TensorFlow.js' plain `cpu` backend. Both start from the same
 * weights; rounds alternate, A-B-A-B, and nothing is printed unless both reach the accuracy.
 */
import { availableParallelism, cpus } from 'node:os';
import { loadMnist } from 'inkling/data';
import { type Classifier, createClassifier, models } from 'inkling/layers';
import { gradientDescent } from 'inkling/node';
import { mean, median } from './statistics.ts';
import { loadTfjs, TfjsModel } from './tfjs.ts';

const ROUNDS = 5;
const BATCH = 100;

/** How many steps a round has: a second or more of them. */
const workloads = [
  { model: 'softmax', rate: 0.5, steps: 100 },
  { model: 'mlp', rate: 0.003, steps: 20 },
  { model: 'cnn', rate: 0.001, steps: 3 },
] as const;

interface Contender {
  readonly name: string;
  readonly speeds: number[];
  losses: readonly number[];
  run(steps: number): Promise<readonly number[]>;
}

const tf = await loadTfjs('cpu');
const { train } = await loadMnist();
const table: string[] = [];
for (const { model, rate, steps } of workloads) {
  const optimizer = model === 'softmax' ? gradientDescent(rate) : { name: 'adam' as const, learningRate: rate };
  const classifier = await createClassifier(models[model](train.imageShape, train.classes), {
    optimizer,
    backend: 'cpu',
  });
  const weights = await Promise.all(classifier.variables.map((variable) => classifier.session.get(variable)));
  const peer = new TfjsModel(tf, classifier.model, weights, (train) =>
    model === 'softmax' ? train.sgd(rate) : train.adam(rate),
  );
  const contenders = [ours(classifier), theirs(peer)];
  for (const contender of contenders) contender.losses = await contender.run(steps); // warm-up
  for (let round = 0; round < ROUNDS; round++) {
    for (const contender of contenders) {
      const began = performance.now();
      contender.losses = [...contender.losses, ...(await contender.run(steps))];
      contender.speeds.push((1000 * steps) / (performance.now() - began));
    }
  }
  for (const { name, losses } of contenders) {
    const [first, last] = [mean(losses.slice(0, 3)), mean(losses.slice(-3))];
    if (!(last < 0.8 * first)) throw new Error(`${name} has not learnt: ${first} to ${last}`);
  }
  const [inkling = NaN, tfjs = NaN] = contenders.map(({ speeds }) => median(speeds));
  const [a = '', b = ''] = contenders.map(({ speeds }) => spread(speeds));
  table.push(`| ${model} | ${a} | ${b} | ${(inkling / tfjs).toFixed(1)}× |`);
  classifier.dispose();
}
console.log(`${cpus()[0]?.model ?? 'an unnamed CPU'}, ${availableParallelism()} cores, Node ${process.version}
Batches of ${BATCH}; steps a second, median of ${ROUNDS} rounds (slowest to fastest)

| model | Inkling, cpu | TensorFlow.js 4.22, cpu | ratio |
| --- | --- | --- | --- |
${table.join('\n')}`);

function ours(classifier: Classifier): Contender {
  return {
    name: 'Inkling',
    speeds: [],
    losses: [],
    run: async (steps) => {
      const losses: number[] = [];
      for await (const { loss } of classifier.fit(train, { steps, batchSize: BATCH, every: 1 })) losses.push(loss);
      return losses;
    },
  };
}

function theirs(peer: TfjsModel): Contender {
  return {
    name: 'TensorFlow.js',
    speeds: [],
    losses: [],
    run: async (steps) => {
      const losses: number[] = [];
      for (let step = 0; step < steps; step++) {
        const { images, labels } = train.nextBatch(BATCH);
        losses.push(await peer.step(BATCH, images.data as Float32Array, labels.data as Float32Array));
      }
      return losses;
    },
  };
}

function spread(values: readonly number[]): string {
  return `${median(values).toFixed(1)} (${Math.min(...values).toFixed(1)} to ${Math.max(...values).toFixed(1)})`;
}
