/** Options of the classifier element: valid ones, and defaults in place of invalid ones. */
import { expect, it } from 'vitest';
import { dense, sequential } from 'inkling/layers';
import { batchSizeFor, checkOptions, defaultsFor } from '../../src/elements/options.ts';

const defaults = defaultsFor('softmax');

it('takes what can be used, and the defaults for what is left out', () => {
  const given = {
    dataset: 'https://example.org/fashion',
    steps: 5,
    batchSize: 32,
    learningRate: 0.5,
    seed: 7,
    backend: 'cpu',
  };
  expect(checkOptions({ ...given, model: undefined, optimizer: null })).toEqual({
    options: { ...defaults, ...given },
    errors: [],
  });
});

it.each([
  ['steps', [0, -3, 1.5, NaN, 1e9, '5']],
  ['batchSize', [0, -1, 2.5, Infinity]],
  ['learningRate', [0, -0.1, NaN, 1e9, '0.1']],
  ['seed', [-1, 0.5, 2 ** 32]],
  ['backend', ['gpu', '', {}]],
  ['model', ['resnet', 3, {}, 'toString']],
  ['weights', ['', 'javascript:alert(1)', 5]],
  ['optimizer', ['SGD', 'nadam']],
  ['dataset', ['', 'javascript:alert(1)', 'file:///etc/passwd', 5]],
] as const)('puts the default in place of a bad %s, and says what is allowed', (name, values) => {
  for (const value of values) {
    const { options, errors } = checkOptions({ ...defaults, [name]: value });
    expect(options).toEqual(defaults);
    expect(errors).toHaveLength(1);
    expect(errors[0]?.message).toMatch(/^<inkling-classifier [a-z-]+>: .* cannot be used.*\. Give .+\.$/);
  }
});

it('gives each model its own defaults, and takes models of layers', () => {
  const recipe = (model: unknown, given = {}) => {
    const { optimizer, steps, batchSize, learningRate } = checkOptions({ model, ...given }).options;
    return [optimizer, steps, batchSize, learningRate];
  };
  expect(recipe('softmax')).toEqual(['gradientDescent', 1000, 100, 0.01]);
  expect(recipe('mlp')).toEqual(['adam', 1650, 100, 0.003]);
  expect(recipe('cnn', { steps: 7, learningRate: -1 })).toEqual(['adam', 7, 100, 0.003]);
  const own = sequential({ input: [4], classes: 2, layers: [dense({ units: 2 })] });
  expect(checkOptions({ model: own })).toMatchObject({ options: { model: own, optimizer: 'adam' }, errors: [] });
  expect(checkOptions({ model: own }).options.model).toBe(own);
});

it("takes 'sgd', the name in Keras, for 'gradientDescent'", () => {
  const { options, errors } = checkOptions({ ...defaults, model: 'mlp', optimizer: 'sgd' });
  expect([options.optimizer, errors]).toEqual(['gradientDescent', []]);
});

it('takes a batch no larger than the data set by default, and another as it is given', () => {
  expect(batchSizeFor(defaults, 60_000)).toBe(100);
  expect(batchSizeFor(defaults, 60)).toBe(60);
  expect(batchSizeFor({ ...defaults, batchSize: 70 }, 60)).toBe(70);
});
