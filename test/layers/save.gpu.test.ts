/**
 * Classifiers as files: saved and loaded on both backends and across them, they continue as if they had never stopped.
 */
import { afterAll, describe, expect, it, test, vi } from 'vitest';
import { readSafetensors, writeSafetensors } from '../../src/formats/safetensors.ts';
import { adam, DataError, ones, UsageError, variable } from '../../src/index.ts';
import {
  createClassifier,
  dense,
  flatten,
  loadClassifier,
  sequential,
  type Classifier,
  type ClassifierOptions,
  type LoadOptions,
} from '../../src/layers/index.ts';
import { createSession } from '../../src/node.ts';
import { backends, keepDevice } from '../session/programs.ts';
import { everyLayer, labels, smallSet } from './sets.ts';

keepDevice();

const set = smallSet();
const opened: Classifier[] = [];
afterAll(() => opened.forEach((classifier) => classifier.dispose()));
const kept = (classifier: Classifier): Classifier => {
  opened.push(classifier);
  return classifier;
};
const create = async (options: ClassifierOptions, model = everyLayer) => kept(await createClassifier(model, options));
const load = async (bytes: Uint8Array | ArrayBuffer, options?: LoadOptions) =>
  kept(await loadClassifier(bytes, options));

async function train(classifier: Classifier, steps: number): Promise<number | undefined> {
  let last: number | undefined;
  for await (const { loss } of classifier.fit(set, { steps, batchSize: 11 })) last = loss;
  return last;
}

const small = sequential({ input: [7, 6, 2], classes: labels, layers: [flatten(), dense({ units: 3 })] });
/** The file with its metadata or its tensors changed. */
function changed(bytes: Uint8Array, change: (file: ReturnType<typeof readSafetensors>) => void): Uint8Array {
  const { tensors, metadata } = readSafetensors(bytes, 'test');
  const file = { tensors: new Map(tensors), metadata: { ...metadata } };
  change(file);
  return writeSafetensors(file);
}
const said = (bytes: Uint8Array, change: (text: string) => string): Uint8Array =>
  changed(bytes, ({ metadata }) => {
    (metadata as Record<string, string>)['inkling.classifier'] = change(metadata['inkling.classifier'] ?? '');
  });

describe.each(backends)('on %s', (backend) => {
  // The state of layers and that of optimizers are restored independently: one optimizer runs with every kind of layer.
  it.each([
    ['adam', everyLayer],
    ...(['sgd', 'gradientDescent', 'momentum', 'rmsProp', 'adagrad', 'adamW'] as const).map(
      (name) => [name, small] as const,
    ),
  ] as const)('goes on with %s, bit for bit', async (name, model) => {
    const optimizer = { name, learningRate: 0.02 };
    const undisturbed = await create({ optimizer, backend, seed: 5 }, model);
    const first = await create({ optimizer, backend, seed: 5 }, model);
    await train(first, 4);
    const again = await load(await first.save(), { backend });
    expect(again.session.step).toBe(4);
    expect(JSON.stringify(again.model)).toBe(JSON.stringify(model));
    expect(await again.predict(set)).toEqual(await first.predict(set));
    const loss = await train(undisturbed, 9);
    expect(await train(again, 5)).toBe(loss);
    expect(await again.predict(set)).toEqual(await undisturbed.predict(set));
  });

  it('goes on with a file in which counters are called as in earlier versions', async () => {
    const first = await create({ optimizer: 'adam', backend }, small);
    await train(first, 4);
    const file = await first.save();
    const former = changed(file, ({ tensors }) => {
      for (const [name, tensor] of [...tensors].filter(([name]) => name.includes('debias'))) {
        (tensors as Map<string, typeof tensor>).delete(name);
        (tensors as Map<string, typeof tensor>).set(name.slice(name.indexOf('adam')), tensor);
      }
    });
    expect([...readSafetensors(former, 'test').tensors.keys()]).toContain('adam/debias1');
    const again = await load(former, { backend });
    expect(await train(again, 5)).toBe(await train(first, 5));
  });

  it('saves an untrained model, and the state of a paused fit', async () => {
    const classifier = await create({ optimizer: 'adam', backend }, small);
    const before = await load(await classifier.save(), { backend });
    expect(await before.predict(set)).toEqual(await classifier.predict(set));
    const run = classifier.fit(set, { steps: 6, every: 2 });
    await run.next();
    const paused = await load(await classifier.save(), { backend });
    expect(paused.session.step).toBe(2);
    await run.next();
    // The epoch's end is a report of its own.
    expect(classifier.session.step).toBe(3);
    await run.return?.();
  });
});

describe.each(backends)('restored into its session, on %s', (backend) => {
  const ofRows = (units: number, classes = 2) =>
    sequential({ input: [2], classes, layers: [dense({ units }), dense({ units: classes })] });
  const row = Float32Array.of(1, -2);
  const outcome = async (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error);

  it.each([
    ['of other shapes', ofRows(4), /'dense\/kernel': float32 \[2, 4\] in the snapshot, float32 \[2, 3\] here/],
    ['of fewer layers', sequential({ input: [2], classes: 3, layers: [dense({ units: 3 })] }), /'dense_1\/kernel': missing in the snapshot/],
  ])('another model’s file, %s, is refused at once and changes nothing', async (_, model, message) => {
    const other = await create({ optimizer: 'adam', backend }, model);
    const bytes = await other.save();
    for (const used of [false, true]) {
      const classifier = await create({ optimizer: 'sgd', backend, seed: 4 }, ofRows(3));
      const untouched = await create({ optimizer: 'sgd', backend, seed: 4 }, ofRows(3));
      if (used) await classifier.predict(row);
      const error = await outcome(classifier.session.restore(bytes));
      expect(error).toBeInstanceOf(DataError);
      expect((error as Error).message).toMatch(message);
      expect(await classifier.predict(row)).toEqual(await untouched.predict(row));
    }
  });

  it('its own model’s file is taken; another optimizer’s state waits', async () => {
    const donor = await create({ optimizer: 'adam', backend, seed: 1 }, small);
    await train(donor, 2);
    const classifier = await create({ optimizer: 'momentum', backend }, small);
    const { restored, waiting } = await classifier.session.restore(await donor.save());
    expect([...restored].sort()).toEqual(['dense/bias', 'dense/kernel']);
    expect(waiting).toContain('dense/kernel/adam/m');
    expect(await classifier.predict(set)).toEqual(await donor.predict(set));
  });

  it('a loaded classifier’s session is checked likewise', async () => {
    const classifier = await load(await (await create({ optimizer: 'sgd', backend }, ofRows(3))).save(), { backend });
    const other = await create({ optimizer: 'sgd', backend }, ofRows(4));
    expect(await outcome(classifier.session.restore(await other.save()))).toBeInstanceOf(DataError);
  });

  it('a session takes one classifier of a name, and says so before it is changed', async () => {
    const session = await createSession({ backend, seed: 8 });
    const first = await create({ optimizer: 'sgd', session }, small);
    const before = await first.predict(set);
    await expect(create({ optimizer: 'sgd', session }, small)).rejects.toThrow(/another variable called 'dense\/kernel'/);
    const bytes = await (await create({ optimizer: 'sgd', backend, seed: 9 }, small)).save();
    await expect(load(bytes, { session })).rejects.toThrow(/another variable called 'dense\/kernel'/);
    expect(await first.predict(set)).toEqual(before);
    session.dispose();
  });

  it('waiting tensors of a shared session keep waiting', async () => {
    const mine = variable('mine', ones([2]));
    const session = await createSession({ backend });
    await session.set(mine, [2, 3]);
    const other = await createSession({ backend });
    await other.restore(await session.snapshot());
    await load(await (await create({ optimizer: 'sgd', backend }, small)).save(), { session: other });
    expect([...readSafetensors(await other.snapshot()).tensors.keys()].sort()).toEqual(['dense/bias', 'dense/kernel', 'mine']);
    expect((await other.get(mine)).data).toEqual(Float32Array.of(2, 3));
    for (const each of [session, other]) each.dispose();
  });
}); // prettier-ignore

test('another backend gives the same predictions', async () => {
  const [gpu, cpu] = await Promise.all(backends.map((backend) => create({ optimizer: 'sgd', backend, seed: 2 })));
  if (!gpu || !cpu) throw new Error('two backends');
  await train(gpu, 3);
  const bytes = await gpu.save();
  const moved = await load(bytes.slice().buffer, { backend: 'cpu' });
  const [expected, predicted] = [await gpu.predict(set), await moved.predict(set)];
  expected.forEach(({ index, probabilities }, i) => {
    expect(predicted[i]?.index).toBe(index);
    probabilities.forEach((p, j) => expect(predicted[i]?.probabilities[j]).toBeCloseTo(p, 5));
  });
});

test('an optimizer without a name is given again; another one begins anew', async () => {
  const classifier = await create({ optimizer: adam(0.01), backend: 'cpu' }, small);
  await train(classifier, 2);
  const bytes = await classifier.save();
  const mute = await load(bytes, { backend: 'cpu' });
  expect(() => mute.fit(set, { steps: 1 })).toThrow(UsageError);
  expect(() => mute.fit(set, { steps: 1 })).toThrow(
    /no optimizer; load it with one: loadClassifier\(bytes, \{ optimizer \}\)/,
  );
  expect(await mute.predict(set)).toEqual(await classifier.predict(set));
  const same = await load(bytes, { backend: 'cpu', optimizer: adam(0.01) });
  const other = await load(bytes, { backend: 'cpu', optimizer: 'momentum' });
  const loss = await train(classifier, 3);
  expect(await train(same, 3)).toBe(loss);
  expect(await train(other, 3)).not.toBe(loss);
});

test('of a shared session, a file has only the classifier’s variables', async () => {
  const session = await createSession({ backend: 'cpu' });
  const classifier = await create({ optimizer: 'momentum', session }, small);
  await session.get(variable('mine', ones([2])));
  const bytes = await classifier.save();
  const { tensors, metadata } = readSafetensors(bytes, 'test');
  expect([...tensors.keys()].sort()).toEqual(
    ['dense/bias', 'dense/bias/momentum/momentum', 'dense/kernel', 'dense/kernel/momentum/momentum'],
  );
  const mine = variable('mine', ones([2]));
  const other = await createSession({ backend: 'cpu' });
  await other.set(mine, [2, 3]);
  const again = await load(bytes, { session: other });
  expect(await again.predict(set)).toEqual(await classifier.predict(set));
  expect([...(await other.get(mine)).data]).toEqual([2, 3]);
  other.dispose();
  expect(JSON.parse(metadata['inkling.classifier'] ?? '')).toMatchObject({ model: { classes: labels }, optimizer: { name: 'momentum' } });
  session.dispose();
}); // prettier-ignore

describe('refuses', async () => {
  const classifier = await createClassifier(small, { optimizer: 'adam', backend: 'cpu' });
  const bytes = await classifier.save();
  classifier.dispose();

  it.each<[string, Uint8Array, RegExp]>([
    ['no file', new Uint8Array(3), /^The classifier is not a valid safetensors file/],
    ['half a file', bytes.slice(0, -4), /not a valid safetensors file/],
    ['a file of another kind', changed(bytes, ({ metadata }) => delete (metadata as Record<string, string>)['inkling.classifier']), /has no model .*; give one that save\(\) made, or set a classifier's variables/],
    ['what is not JSON', said(bytes, (text) => text.slice(1)), /has a model that cannot be used: it is not JSON of a model\. Save it again/],
    ['null', said(bytes, () => 'null'), /it is not JSON of a model/],
    ['no model', said(bytes, () => '{}'), /it is not JSON of a model/],
    ['an unknown layer', said(bytes, (text) => text.replace('"flatten"', '"shrink"')), /cannot be used: Layer 1 \(shrink\): there is no such layer/],
    ['units that are none', said(bytes, (text) => text.replace('"units":3', '"units":"3"')), /Layer 2 \(dense\): .*`units` is '3'/],
    ['other units', said(bytes, (text) => text.replace('"units":3', '"units":4')), /Layer 2 \(dense\) is the last, with outputs \[4\] for 3 classes/],
    ['an unknown optimizer', said(bytes, (text) => text.replace('"adam"', '"adamm"')), /`optimizer` is 'adamm'/],
    ['a layer too many', said(bytes, (text) => text.replace('{"kind":"dense"', '{"kind":"batchNormalization"},{"kind":"dense"')), /batchNormalization\/gamma/],
    ['a weight missing', changed(bytes, ({ tensors }) => (tensors as Map<string, unknown>).delete('dense/kernel')), /dense\/kernel/],
    ['a huge layer', said(bytes, (text) => text.replace('{"kind":"dense"', '{"kind":"dense","units":4000000000},{"kind":"dense"')), /dense/],
  ])('%s', async (_, file, message) => {
    const loading = loadClassifier(file, { backend: 'cpu' });
    await expect(loading).rejects.toThrow(DataError);
    await expect(loading).rejects.toThrow(message);
  }); // prettier-ignore

  it('a file with any byte changed, in words, or takes it as a model', async () => {
    const quiet = vi.spyOn(console, 'info').mockReturnValue(); // of the version, where it was what changed
    const outcomes = new Set<string>();
    for (let i = 0; i < 600; i++) {
      const file = bytes.slice();
      const at = (i * 7919) % (i % 6 === 0 ? file.length : 1600); // the header for the most part
      file[at] = (file[at] ?? 0) ^ (1 << (i % 8));
      outcomes.add(
        await loadClassifier(file, { backend: 'cpu' }).then(
          (classifier) => {
            classifier.dispose();
            return 'a classifier';
          },
          (error: unknown) => (error as Error).name,
        ),
      );
    }
    quiet.mockRestore();
    expect([...outcomes].sort()).toEqual(['DataError', 'a classifier']);
  });

  it('and leaves a session that is yours as it was', async () => {
    const session = await createSession({ backend: 'cpu', seed: 9 });
    const mine = await createClassifier(small, { optimizer: 'adam', session });
    const before = await mine.predict(set);
    const wrong = said(bytes, (text) =>
      text.replace('{"kind":"dense"', '{"kind":"batchNormalization"},{"kind":"dense"'),
    );
    await expect(loadClassifier(wrong, { session })).rejects.toThrow(DataError);
    expect(await mine.predict(set)).toEqual(before);
    session.dispose();
  });
});
