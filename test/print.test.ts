/**
 * Printing of all objects: by `String`, in templates and in Node's console. test/bundle.test.ts and
 * test/browser/package.test.ts check the built package.
 */
import { inspect } from 'node:util';
import {
  adam,
  argMax,
  assign,
  constant,
  createSession,
  exponentialDecay,
  gradientDescent,
  group,
  identity,
  matmul,
  placeholder,
  reduceSum,
  softmax,
  variable,
  zeros,
} from 'inkling';
import { Dataset } from 'inkling/data';
import { createClassifier, dense, sequential } from 'inkling/layers';
import { describe, expect, test } from 'vitest';

const x = placeholder('x', [null, 3]);
const W = variable('W', zeros([3, 2]));
const y = softmax(matmul(x, W));
const step = gradientDescent(0.5).minimize(reduceSum(y));
const set = Dataset.from({
  features: Uint8Array.from({ length: 12 }, (_, i) => i),
  labels: [0, 1, 0, 1],
  classes: ['even', 'odd'],
  name: 'numbers',
});

const texts: readonly (readonly [unknown, string])[] = [
  [x, "Placeholder('x', op=placeholder, shape=[null, 3], dtype=float32)"],
  [W, "Variable('W', op=variable, shape=[3, 2], dtype=float32)"],
  [y, 'Tensor(op=softmax, shape=[null, 2], dtype=float32)'],
  [identity(y, 'y'), "Tensor('y', op=identity, shape=[null, 2], dtype=float32)"],
  [argMax(y, 1), 'Tensor(op=argMax, shape=[null], dtype=int32)'],
  [constant(true), 'Tensor(op=constant, shape=[], dtype=bool)'],
  [step, "Operation('gradientDescent', updates=[W])"],
  [assign(W, W), "Operation('assign W', updates=[W])"],
  [group(step, step), "Operation('group(gradientDescent, gradientDescent)', updates=[W])"],
  [adam(), "Optimizer('adam', learningRate=0.001)"],
  [gradientDescent(exponentialDecay(0.1, 10, 0.5)), "Optimizer('gradientDescent', learningRate=schedule)"],
  [set, "Dataset('numbers', size=4, imageShape=[3], classes=2)"],
  [set.images, "Column('numbers images', shape=[4, 3], dtype=float32, format=uint8)"],
  [set.labels, "Column('numbers labels', shape=[4, 2], dtype=float32, format=labels)"],
];

test.each(texts)('%s', (value, text) => {
  expect(String(value)).toBe(text);
  expect(inspect(value)).toBe(text);
  // A browser's console heads an object with its tag: all of the text, or what it is.
  const tagged = Object.prototype.toString.call(value);
  expect(['[object Object]', `[object ${text}]`, `[object ${text.replace(/\(.*/, '')}]`]).toContain(tagged);
});

test('in other values, Node prints them as they print alone', () => {
  expect(inspect({ x, of: [W] })).toBe(`{\n  x: ${String(x)},\n  of: [ ${String(W)} ]\n}`);
});

describe('a session', async () => {
  const session = await createSession({ backend: 'cpu', seed: 7 });
  const feeds = { x: set.images };

  test('itself, with its step', async () => {
    expect(String(session)).toBe('Session(backend=cpu, adapter=CPU (TypeScript) cpu, seed=7, step=0)');
    await session.run(step, feeds);
    expect(String(session)).toMatch(/step=1\)$/);
    expect(inspect(session)).toBe(String(session));
  });

  test('its plans, as explain() does', () => {
    expect(String(session.plan(y, feeds))).toBe(session.explain(y, feeds));
    expect(inspect(session.plan(y, feeds))).toBe(session.explain(y, feeds));
  });

  test.each([
    [
      'run',
      async () => session.run([y], feeds).then(([array]) => array),
      '[[0.5 0.5]\n [0.5 0.5]\n [0.5 0.5]\n [0.5 0.5]]',
    ],
    ['get', async () => session.get(W), '[[0. 0.]\n [0. 0.]\n [0. 0.]]'],
    [
      'evaluate',
      async () => (await session.evaluate({ data: feeds, fetch: { likeliest: argMax(y, 1) } })).likeliest,
      '[0 0 0 0]',
    ],
    [
      'train',
      async () => {
        for await (const { values } of session.train(step, { steps: 1, batchSize: 2, data: feeds, fetch: { W } }))
          return values.W;
        return undefined;
      },
      '[[0. 0.]\n [0. 0.]\n [0. 0.]]',
    ],
  ])('arrays of %s', async (_, work, text) => {
    await session.reset();
    const array = await work();
    expect(String(array)).toBe(text);
    expect(inspect(array)).toBe(text);
    expect(Object.keys(array ?? {})).toEqual(['data', 'shape', 'dtype']);
  });
});

test("a batch's arrays are plain data: compared, copied, sent, written and fed as such", async () => {
  const { images, labels } = set.take(1).nextBatch(1);
  const plain = { data: Float32Array.of(1, 0), shape: [1, 2], dtype: 'float32' };
  expect(String(images)).toBe('[[0.         0.00392157 0.00784314]]');
  expect(labels).toEqual(plain);
  expect(labels).toStrictEqual(plain);
  expect(structuredClone(labels)).toEqual(plain);
  expect({ ...labels }).toEqual(plain);
  expect(JSON.stringify(labels)).toBe(JSON.stringify(plain));
  const session = await createSession({ backend: 'cpu' });
  const rows = placeholder('rows', [null, 2]);
  expect(await session.run(identity(rows, 'same'), { rows: labels })).toEqual(plain);
  expect(await session.run(identity(rows, 'same'), { rows: structuredClone(labels) })).toEqual(plain);
});

test('models print their layers, classifiers their models', async () => {
  const model = sequential({ input: [3], classes: 2, layers: [dense({ units: 2 })] });
  expect(String(model)).toBe(model.summary());
  expect(String(model)).toMatch(/dense +\[null, 2\] +8\n/);
  expect(inspect(model)).toBe(model.summary());
  expect(sequential(JSON.parse(JSON.stringify(model)) as typeof model)).toMatchObject({
    input: [3],
    classes: ['0', '1'],
  });
  const classifier = await createClassifier(model, { optimizer: 'adam', backend: 'cpu' });
  expect(String(classifier)).toBe('Classifier(input=[3], classes=2, parameters=8, backend=cpu)');
  expect(inspect(classifier)).toBe(String(classifier));
});
