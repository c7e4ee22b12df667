/**
 * Every public function with every wrong kind of value, argument by argument and option by option: an invalid value is
 * refused by an InklingError with the remedy, never by a bare TypeError, and never accepted silently.
 */
import { zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as data from '../src/data/index.ts';
import * as formats from '../src/formats/index.ts';
import { writeSafetensors } from '../src/formats/safetensors.ts';
import * as inkling from '../src/index.ts';
import * as layers from '../src/layers/index.ts';
import { rejection } from './session/programs.ts';

/** Wrong for most arguments; where one is right, a case says so. */
const values = {
  undefined: undefined,
  null: null,
  true: true,
  text: 'text',
  NaN: NaN,
  number: 2,
  fraction: 0.5,
  bigint: 1n,
  symbol: Symbol('s'),
  object: {},
  'null prototype': Object.create(null) as unknown,
  empty: [],
  list: [1],
  texts: ['a', 'b'],
  function: () => 1,
  class: inkling.UsageError,
  Date: new Date(0),
  Map: new Map(),
  Set: new Set(),
  DataView: new DataView(new ArrayBuffer(8)),
  BigInt64Array: new BigInt64Array(2),
  Promise: Promise.resolve(1),
} as const;
type Kind = keyof typeof values;

/** An argument that works, and the kinds of value that it may be as well; of an object of options, those of each option. */
class Arg {
  constructor(
    readonly good: unknown,
    readonly takes: readonly Kind[],
    readonly options: Readonly<Record<string, readonly Kind[]>> = {},
  ) {}
}
const arg = (good: unknown, ...takes: Kind[]): Arg => new Arg(good, takes);
const required = (good: object, each: Readonly<Record<string, readonly Kind[]>>): Arg => new Arg(good, [], each);
const options = (good: object, each: Readonly<Record<string, readonly Kind[]>>): Arg =>
  new Arg(good, ['undefined', ...objects], each);

/** Every message says what to do. */
const remedy = /\b(give|feed|fetch|use|make|cast|leave|check|correct|let|return|name|put|restore)\b/i;

const objects = ['object', 'null prototype'] as const;
/** What may be left out. */
const optional = 'undefined';
const numbers = ['NaN', 'number', 'fraction'] as const;

const f32 = inkling.placeholder('x', [null, 4]);
const i32 = inkling.placeholder('ids', [null], 'int32');
const flags = inkling.placeholder('flags', [null, 4], 'bool');
const images = inkling.placeholder('pixels', [null, 4, 4, 2]);
const filters = inkling.variable('filters', inkling.zeros([2, 2, 2, 3]));
const w = inkling.variable('w', inkling.ones([4, 4]));
const loss = inkling.reduceMean(inkling.matmul(f32, w));
const moving = inkling.variable('moving', inkling.zeros([2]), { trainable: false });
const two = inkling.constant([1, 2]);
const x = arg(f32);
const operand = arg(f32, ...numbers);
const axes = { axis: [optional, 'empty', 'list'] } as const;
const pools = { size: ['number'], strides: [optional, 'number'], padding: [optional] } as const;
const rate = arg(0.1, optional, 'fraction', 'number');
const names = [optional, 'text'] as const;

type Call = (...args: never[]) => unknown;
interface Case {
  readonly call: Call;
  readonly args: readonly Arg[];
}
const call = (f: unknown, ...args: Arg[]): Case => ({ call: f as Call, args });

const unary = ['abs', 'ceil', 'cos', 'erf', 'exp', 'expm1', 'floor', 'gelu', 'log1p', 'round', 'silu', 'sin', 'identity', 'isFinite', 'isNaN', 'log', 'logSoftmax', 'neg', 'reciprocal', 'relu', 'sigmoid',
  'sign', 'softmax', 'softplus', 'sqrt', 'square', 'stopGradient', 'tanh', 'flatten'] as const; // prettier-ignore
const binary = ['add', 'sub', 'mul', 'div', 'mod', 'pow', 'maximum', 'minimum', 'equal', 'notEqual', 'less', 'lessEqual', 'greater',
  'greaterEqual'] as const; // prettier-ignore

const graph: Record<string, Case> = {
  ...Object.fromEntries(unary.map((name) => [name, call(inkling[name], x)])),
  ...Object.fromEntries(binary.map((name) => [name, call(inkling[name], operand, operand)])),
  logicalNot: call(inkling.logicalNot, arg(flags)),
  logicalAnd: call(inkling.logicalAnd, arg(flags), arg(flags)),
  logicalOr: call(inkling.logicalOr, arg(flags), arg(flags)),
  where: call(inkling.where, arg(flags), operand, operand),
  clip: call(inkling.clip, x, operand, operand),
  leakyRelu: call(inkling.leakyRelu, x, arg(0.2, optional, 'number', 'fraction')),
  elu: call(inkling.elu, x, arg(1, optional, 'number', 'fraction')),
  cast: call(inkling.cast, x, arg('int32')),
  identity: call(inkling.identity, x, arg('name', ...names)),
  matmul: call(inkling.matmul, x, arg(w), options({ transposeA: false }, {})),
  reduceSum: call(inkling.reduceSum, x, options({ axis: 1 }, axes)),
  reduceMean: call(inkling.reduceMean, x, options({ axis: 1 }, axes)),
  reduceMax: call(inkling.reduceMax, x, options({ axis: 1 }, axes)),
  reduceMin: call(inkling.reduceMin, x, options({ axis: 1 }, axes)),
  argMax: call(inkling.argMax, x, arg(1)),
  argMin: call(inkling.argMin, x, arg(1)),
  topK: call(inkling.topK, x, arg(3, 'number')),
  batchMatmul: call(inkling.batchMatmul, x, arg(w), options({ transposeA: false }, {})),
  stack: call(inkling.stack, arg([f32, f32]), arg(0, optional, 'number')),
  unstack: call(inkling.unstack, x, arg(1)),
  split: call(inkling.split, x, arg([1, 3], 'number'), arg(1)),
  tile: call(inkling.tile, x, arg([1, 2])),
  reverse: call(inkling.reverse, x, arg(1, 'list', 'empty')),
  range: call(
    inkling.range,
    arg(0, 'number', 'fraction'),
    arg(3, 'number', 'fraction'),
    arg(1, optional, 'number', 'fraction'),
  ),
  randomUniform: call(
    inkling.randomUniform,
    arg([2, 3], 'empty', 'list'),
    required(
      { name: 'u' },
      { name: ['text'], low: [optional, 'number', 'fraction'], high: [optional, 'number', 'fraction'] },
    ),
  ),
  randomNormal: call(
    inkling.randomNormal,
    arg([2, 3], 'empty', 'list'),
    required(
      { name: 'n' },
      { name: ['text'], mean: [optional, 'number', 'fraction'], stddev: [optional, 'number', 'fraction'] },
    ),
  ),
  oneHot: call(inkling.oneHot, arg(i32), arg(3, 'number')),
  gather: call(inkling.gather, x, arg(i32)),
  softmaxCrossEntropy: call(inkling.softmaxCrossEntropy, x, x),
  sigmoidCrossEntropy: call(inkling.sigmoidCrossEntropy, x, x),
  defineOp: call(
    inkling.defineOp,
    required(
      { name: 'same', expression: (a: string) => a, js: (a: number) => a },
      { name: ['text'], expression: [], js: [], gradient: [optional, 'function', 'class'] },
    ),
  ),
  reshape: call(inkling.reshape, x, arg([-1], 'empty', 'list')),
  expandDims: call(inkling.expandDims, x, arg(0, 'number', 'list', 'empty')),
  squeeze: call(inkling.squeeze, arg(inkling.placeholder('one', [1, 1])), arg([0], optional, 'list', 'empty')),
  transpose: call(inkling.transpose, x, arg([1, 0], optional)),
  concat: call(inkling.concat, arg([f32, f32]), arg(0)),
  slice: call(inkling.slice, x, arg([0, 0]), arg([-1, 2])),
  pad: call(inkling.pad, x, arg([[1, 1], [0, 0]]), arg(0, optional, 'number', 'fraction')), // prettier-ignore
  conv2d: call(
    inkling.conv2d,
    arg(images),
    arg(filters),
    options({}, { strides: [optional, 'number'], padding: [optional] }),
  ),
  maxPool2d: call(inkling.maxPool2d, arg(images), required({ size: 2 }, pools)),
  avgPool2d: call(inkling.avgPool2d, arg(images), required({ size: 2 }, pools)),
  dropout: call(inkling.dropout, x, arg(0.5, 'fraction'), options({}, { name: names })),
  batchNormalization: call(
    inkling.batchNormalization,
    arg(images),
    required(
      { gamma: two, beta: two, movingMean: moving, movingVariance: moving },
      {
        gamma: [],
        beta: [],
        movingMean: [],
        movingVariance: [],
        momentum: [optional, 'fraction'],
        epsilon: [optional, 'number', 'fraction'],
      },
    ),
  ),
  placeholder: call(inkling.placeholder, arg('p', 'text'), arg([null, 2], 'list', 'empty'), arg('float32', optional)),
  variable: call(
    inkling.variable,
    arg('v', 'text'),
    arg(inkling.zeros([2]), ...numbers, 'list', 'empty', 'true'),
    options({}, {}),
  ),
  constant: call(inkling.constant, arg([[1]], ...numbers, 'list', 'true'), arg([1, 1], optional, 'list', 'empty')),
  zeros: call(inkling.zeros, arg([2], 'empty', 'list')),
  ones: call(inkling.ones, arg([2], 'empty', 'list')),
  fill: call(inkling.fill, arg([2], 'empty', 'list'), arg(1, ...numbers)),
  glorotUniform: call(inkling.glorotUniform, arg([2], 'empty', 'list')),
  heNormal: call(inkling.heNormal, arg([2], 'empty', 'list')),
  truncatedNormal: call(
    inkling.truncatedNormal,
    arg([2], 'empty', 'list'),
    options({}, { stddev: [optional, 'number', 'fraction'] }),
  ),
  gradients: call(inkling.gradients, arg(loss), arg([w], 'empty')),
  assign: call(inkling.assign, arg(w), arg(inkling.mul(w, 2))),
  group: call(inkling.group, arg(inkling.assign(w, inkling.mul(w, 2)))),
};
const fractions = [optional, 'fraction'] as const;
const positive = [optional, 'number', 'fraction'] as const;
const optimizers: Record<string, Case> = {
  gradientDescent: call(inkling.gradientDescent, arg(0.1, 'number', 'fraction'), options({}, { name: names })),
  momentum: call(inkling.momentum, rate, arg(0.9, ...fractions), options({}, { name: names })),
  rmsProp: call(
    inkling.rmsProp,
    rate,
    options({}, { rho: fractions, momentum: fractions, epsilon: positive, name: names }),
  ),
  adagrad: call(inkling.adagrad, rate, options({}, { initialAccumulator: positive, epsilon: positive, name: names })),
  adam: call(inkling.adam, rate, options({}, { beta1: fractions, beta2: fractions, epsilon: positive, name: names })),
  adamW: call(
    inkling.adamW,
    rate,
    options({}, { beta1: fractions, beta2: fractions, epsilon: positive, weightDecay: positive, name: names }),
  ),
  minimize: call(
    (...args: [never, never]) => inkling.adam().minimize(...args),
    arg(loss),
    options({}, { variables: [optional], name: names, clipValue: positive, globalClipNorm: positive }),
  ),
  exponentialDecay: call(
    inkling.exponentialDecay,
    arg(0.1, 'number', 'fraction'),
    arg(5, 'number'),
    arg(0.5, 'number', 'fraction'),
    options({}, {}),
  ),
  cosineDecay: call(
    inkling.cosineDecay,
    arg(0.1, 'number', 'fraction'),
    arg(5, 'number'),
    options({}, { alpha: positive }),
  ),
  oneCycle: call(
    inkling.oneCycle,
    arg(0.1, 'number', 'fraction'),
    arg(5, 'number'),
    options({}, { pctStart: fractions, divFactor: [optional, 'number'], finalDivFactor: [optional, 'number'] }),
  ),
};

const count = [optional, 'number'] as const;
const kernel = { activation: [optional], kernelInitializer: [optional], biasInitializer: [optional] } as const;
const pooling = { poolSize: count, strides: count, padding: [optional] } as const;
const model = layers.sequential({ input: [2], classes: 2, layers: [layers.dense({ units: 2 })] });
const set = data.Dataset.from({ features: [0, 0, 0, 1, 1, 0, 1, 1], labels: [0, 1, 1, 0], shape: [2] });
const modelling: Record<string, Case> = {
  activation: call(layers.activation, arg('relu')),
  batchNormalization: call(layers.batchNormalization, options({}, { momentum: fractions, epsilon: positive })),
  conv2d: call(
    layers.conv2d,
    required(
      { filters: 2, kernelSize: 2 },
      { filters: ['number'], kernelSize: ['number'], strides: count, padding: [optional], ...kernel },
    ),
  ),
  dense: call(layers.dense, required({ units: 2 }, { units: ['number'], ...kernel })),
  dropout: call(layers.dropout, required({ rate: 0.5 }, { rate: ['fraction'] })),
  averagePooling2d: call(layers.averagePooling2d, options({}, pooling)),
  maxPooling2d: call(layers.maxPooling2d, options({}, pooling)),
  sequential: call(
    layers.sequential,
    required(
      { input: [2], classes: 2, layers: [layers.dense({ units: 2 })] },
      { input: ['list'], classes: ['number', 'texts'], layers: [] },
    ),
  ),
  'models.softmax': call(layers.models.softmax, arg([2], 'list'), arg(2, 'number', 'texts')),
  'models.mlp': call(layers.models.mlp, arg([2], 'list'), arg(2, 'number', 'texts')),
  'models.cnn': call(layers.models.cnn, arg([28, 28, 1]), arg(2, 'number', 'texts')),
  createClassifier: call(
    (...args: [never, never]) => layers.createClassifier(...args),
    arg(model),
    required(
      { optimizer: 'sgd', backend: 'cpu' },
      { optimizer: [], session: [optional], backend: [optional], seed: [optional, 'number'] },
    ),
  ),
};
const features = Float32Array.of(0, 0, 0, 1);
/** What all loaders of data files take. */
const loading = {
  classes: [optional, 'number', 'texts'],
  name: names,
  shape: [optional],
  channels: [optional],
  transposed: [optional, 'true'],
  firstLabel: [optional],
  background: [optional],
  ink: [optional],
  resampling: [optional],
  handwriting: [optional],
  maxBytes: [optional],
  signal: [optional],
} as const;
const sets: Record<string, Case> = {
  'Dataset.from': call(
    (one: never) => data.Dataset.from(one),
    required(
      { features, labels: [0, 1], shape: [2] },
      {
        features: [],
        labels: ['texts', 'BigInt64Array'],
        classes: [optional, 'number', 'texts'],
        shape: [optional],
        name: names,
      },
    ),
  ),
  nextBatch: call((n: never) => set.nextBatch(n), arg(2, 'number')),
  shuffle: call((n: never) => set.shuffle(n), arg(2, 'number')),
  'Dataset.from, targets': call(
    (one: never) => data.Dataset.from(one),
    required({ features, targets: [0, 1], shape: [2] }, { features: [], targets: [], shape: [optional], name: names }),
  ),
  'Dataset.fromIterable': call(
    (...args: [never, never]) => data.Dataset.fromIterable(...args),
    arg([{ features: [1, 2], label: 0 }]),
    options(
      {},
      {
        shape: [optional],
        classes: [optional, 'number', 'texts'],
        name: names,
        signal: [optional],
      },
    ),
  ),
  split: call(
    (...args: [never, never]) => set.split(...args),
    arg(2, 'number', 'fraction'),
    options({}, { stratify: [optional, 'true'], seed: [optional, 'number'] }),
  ),
  // A class is a function, which fails only when it is called.
  map: call(
    (change: unknown, options: never) =>
      set.map((typeof change === 'function' ? (row: Float32Array) => row : change) as never, options),
    arg(() => 1, 'function', 'class'),
    options({}, { shape: [optional] }),
  ),
  filter: call(
    (test: unknown) => set.filter((typeof test === 'function' ? () => true : test) as never),
    arg(() => true, 'function', 'class'),
  ),
  concat: call((other: never) => set.concat(other), arg(set)),
  normalize: call(
    (given: never) => set.normalize(given),
    required({ mean: [0, 0], stdDev: [1, 1] }, { mean: [], stdDev: [] }),
  ),
  batches: call((n: never) => set.batches(n), arg(2, 'number')),
  take: call((n: never) => set.take(n), arg(2, 'number')),
  label: call((n: never) => set.label(n), arg(2, 'number')),
  image: call(
    (n: never) => data.Dataset.from({ features, labels: [0, 1, 0, 1], shape: [1, 1, 1] }).image(n),
    arg(2, 'number'),
  ),
  readSafetensors: call(formats.readSafetensors, arg(writeSafetensors({ tensors: new Map(), metadata: {} }))),
  inputFrom: call(data.inputFrom, arg({ data: new Uint8ClampedArray(16), width: 2, height: 2 }), arg(set)),
  digitFrom: call(data.digitFrom, arg({ data: new Uint8ClampedArray(16), width: 2, height: 2 })),
  loadIdx: call(
    data.loadIdx,
    required(
      { images: idx([2, 2, 2]), labels: idx([2]) },
      {
        images: [],
        labels: [],
        ...loading,
      },
    ),
  ),
  loadCifar: call(
    data.loadCifar,
    arg(new Uint8Array(3073)),
    options({}, { ...loading, transposed: [optional], handwriting: [optional, 'true'], label: [optional] }),
  ),
  loadDataset: call(
    data.loadDataset,
    arg([idx([2, 2, 2]), idx([2])]),
    options({}, { ...loading, label: [optional, 'number', 'text'], header: [optional, 'true'] }),
  ),
  loadCsv: call(
    data.loadCsv,
    arg(Buffer.from('label,a,b\n0,1.5,2\n0,2,3\n')),
    options({}, { ...loading, transposed: [optional], label: [optional, 'number'], header: [optional, 'true'] }),
  ),
  loadNpy: call(
    data.loadNpy,
    required({ images: npy([2, 2, 2]), labels: npy([2]) }, { images: [], labels: [], ...loading }),
  ),
  loadNpz: call(data.loadNpz, arg(zipSync({ 'x.npy': npy([2, 2, 2]), 'y.npy': npy([2]) })), options({}, loading)),
  // There are no files in that folder; those of the default one are read.
  loadMnist: call(data.loadMnist, options({ url: 'file:///nowhere/' }, { validation: [], signal: [], onProgress: [] })),
  loadImages: call(
    data.loadImages,
    arg([{ file: new Uint8Array([1]), label: 'a' }]),
    required(
      { size: 2, channels: 1, decode: pixel },
      {
        size: ['number'],
        channels: [],
        classes: [optional, 'texts'],
        onError: [optional],
        background: [optional],
        ink: [optional],
        resampling: [optional],
        handwriting: [optional, 'true'],
        decode: [],
        name: names,
        signal: [optional],
      },
    ),
  ),
  'loadImages, what it calls': call(
    data.loadImages,
    arg([]),
    required({ size: 2, channels: 1 }, { labelFrom: [], onProgress: [] }),
  ),
};

/** A decoder, of one white pixel. */
function pixel(): Promise<data.DecodedImage> {
  return Promise.resolve({ data: new Uint8Array(4).fill(255), width: 1, height: 1 });
}

/** An IDX file of zeros. */
function idx(shape: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * shape.length + shape.reduce((a, b) => a * b));
  bytes.set([0, 0, 8, shape.length]);
  shape.forEach((size, i) => (bytes[7 + 4 * i] = size));
  return bytes;
}

/** An .npy file of zeros. */
function npy(shape: readonly number[]): Uint8Array {
  const header = `{'descr': '|u1', 'fortran_order': False, 'shape': (${shape.join(', ')},), }\n`;
  const data = new Uint8Array(shape.reduce((a, b) => a * b));
  return Uint8Array.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length, 0, ...Buffer.from(header), ...data]);
}

test('no export is left out', () => {
  const known = new Set([
    ...Object.keys({ ...graph, ...optimizers, ...modelling, ...sets }),
    'createSession',
    'loadClassifier',
    'releaseDevice', // takes no argument
  ]);
  const functions = Object.entries({ ...inkling, ...layers, ...data, ...formats }).flatMap(([name, value]) =>
    typeof value === 'function' && /^[a-z]/.test(name) ? [name] : [],
  );
  expect(functions.filter((name) => !known.has(name))).toEqual([]);
});

describe.each([
  ['inkling', { ...graph, ...optimizers }],
  ['inkling/layers', modelling],
  ['inkling/data', sets],
])('%s', (_, cases) => {
  test.each(Object.entries(cases))('%s', (name, one) => sweep(name, one));
});

describe('sessions', () => {
  const opened: { dispose(): void }[] = [];
  afterAll(() => opened.forEach((one) => one.dispose()));
  const feeds = { x: [[1, 2, 3, 4]] };
  const column = { data: { images: set.images, labels: set.labels } };
  const xs = inkling.placeholder('images', [null, 2]);
  const ys = inkling.placeholder('labels', [null, 2]);
  const v = inkling.variable('v', inkling.zeros([2, 2]));
  const trained = inkling.reduceMean(inkling.softmaxCrossEntropy(inkling.matmul(xs, v), ys));
  const step = inkling.gradientDescent(0.1).minimize(trained);
  const cases: Record<string, (session: Awaited<ReturnType<typeof inkling.createSession>>) => Case> = {
    run: (s) => call(s.run.bind(s), arg(loss), arg(feeds), options({}, {})),
    'a feed': (s) => call((x: never) => s.run(loss, { x }), arg([[1, 2, 3, 4]])),
    'an int32 feed': (s) => call((ids: never) => s.run(inkling.mul(i32, 2), { ids }), arg([1], 'list', 'empty')),
    'a bool feed': (s) => call((f: never) => s.run(inkling.logicalNot(inkling.placeholder('f', [null], 'bool')), { f }), arg([1], 'list', 'empty')),
    'a scalar feed': (s) => call((f: never) => s.run(inkling.mul(inkling.placeholder('f', []), 1), { f }), arg(1, 'number', 'fraction', 'true')),
    get: (s) => call(s.get.bind(s), arg(v)),
    set: (s) => call(s.set.bind(s), arg(v), arg([[1, 2], [3, 4]])), // prettier-ignore
    explain: (s) => call(s.explain.bind(s), arg(loss), arg(feeds), options({}, {})),
    plan: (s) => call(s.plan.bind(s), arg(step), required({ ...column, batchSize: 2 }, { data: [], batchSize: ['number'], fetch: [optional, 'empty', ...objects], feeds: [optional, 'Map', ...objects] })),
    profile: (s) => call(s.profile.bind(s), arg(loss), arg(feeds), options({}, {})),
    train: (s) => call(
      async (step: never, options: never) => { for await (const _ of s.train(step, options)) return; },
      arg(step),
      required({ ...column, steps: 2, batchSize: 2 }, { steps: ['number'], batchSize: ['number'], data: [], feeds: [optional, 'Map', ...objects], fetch: [optional, 'empty', ...objects], every: [optional, 'number'], signal: [optional] }),
    ),
    evaluate: (s) => call(s.evaluate.bind(s), required({ ...column, fetch: { trained } }, { data: [], batchSize: [optional, 'number'], fetch: [], feeds: [optional, 'Map', ...objects] })),
    restore: (s) => call(s.restore.bind(s), arg(bytes), options({}, { variables: [optional] })),
    createSession: () => call(
      async (o: never) => (await inkling.createSession(o)).dispose(),
      options({ backend: 'cpu' }, { backend: [optional], seed: [optional, 'number'], schedule: [optional] }),
    ),
  }; // prettier-ignore
  let [bytes, file]: Uint8Array[] = [];
  beforeAll(async () => {
    const [session, classifier] = [
      await inkling.createSession({ backend: 'cpu' }),
      await layers.createClassifier(model, { optimizer: 'sgd', backend: 'cpu' }),
    ];
    opened.push(session, classifier);
    await session.run(v);
    [bytes, file] = [await session.snapshot(), await classifier.save()];
  });
  test.each(Object.entries(cases))('%s', async (name, make) => {
    const session = await inkling.createSession({ backend: 'cpu' });
    opened.push(session);
    await sweep(name, make(session));
  });

  const classifying: Record<string, (c: layers.Classifier) => Case> = {
    fit: (c) => call(
      async (set: never, options: never) => { for await (const _ of c.fit(set, options)) return; },
      arg(set),
      required({ steps: 2, batchSize: 2 }, { steps: ['number'], batchSize: [optional, 'number'], validation: [optional], every: [optional, 'number'], signal: [optional] }),
    ),
    'fit epochs': (c) => call(
      async (set: never, options: never) => { for await (const _ of c.fit(set, options)) return; },
      arg(set),
      required({ epochs: 2, batchSize: 2 }, { epochs: ['number'] }),
    ),
    evaluate: (c) => call(c.evaluate.bind(c), arg(set)),
    predict: (c) => call(c.predict.bind(c), arg([[1, 2]])),
    loadClassifier: () => call(layers.loadClassifier, arg(file), options({}, {})),
  }; // prettier-ignore
  test.each(Object.entries(classifying))('classifier: %s', async (name, make) => {
    const classifier = await layers.createClassifier(model, { optimizer: 'sgd', backend: 'cpu' });
    opened.push(classifier);
    await sweep(name, make(classifier));
  });
});

/** Calls a function with each of its arguments replaced by each value in turn. */
async function sweep(name: string, { call, args }: Case): Promise<void> {
  const faults: string[] = [];
  const good = args.map((one) => one.good);
  const check = async (where: string, given: readonly unknown[], taken: boolean, kind: string): Promise<void> => {
    const error = await rejection(async () => call(...(given as never[]))).catch(() => undefined);
    const refused = error instanceof inkling.InklingError && remedy.test(error.message);
    if (taken ? error !== undefined : !refused)
      faults.push(`${where} = ${kind}: ${error instanceof Error ? `${error.name}: ${error.message}` : 'taken'}`);
  };
  for (const [i, one] of args.entries()) {
    for (const [kind, value] of Object.entries(values)) {
      await check(`argument ${i}`, good.with(i, value), one.takes.includes(kind as Kind), kind);
      for (const [option, takes] of Object.entries(one.options)) {
        const changed = { ...(one.good as object), [option]: value };
        await check(option, good.with(i, changed), takes.includes(kind as Kind), kind);
      }
    }
  }
  expect(faults, name).toEqual([]);
}
