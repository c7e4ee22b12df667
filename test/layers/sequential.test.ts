/** Models as plain data: their summaries, Keras' shapes and counts, and refused models with their messages. */
import { describe, expect, it, test } from 'vitest';
import { GraphError, UsageError } from '../../src/index.ts';
import {
  activation,
  averagePooling2d,
  batchNormalization,
  conv2d,
  dense,
  dropout,
  flatten,
  maxPooling2d,
  models,
  sequential,
  type Layer,
} from '../../src/layers/index.ts';

/** https://keras.io/examples/vision/mnist_convnet/ */
const convnet = sequential({
  input: [28, 28, 1],
  classes: 10,
  layers: [
    conv2d({ filters: 32, kernelSize: [3, 3], activation: 'relu' }),
    maxPooling2d({ poolSize: [2, 2] }),
    conv2d({ filters: 64, kernelSize: [3, 3], activation: 'relu' }),
    maxPooling2d({ poolSize: [2, 2] }),
    flatten(),
    dropout({ rate: 0.5 }),
    dense({ units: 10, activation: 'softmax' }),
  ],
});

/** The numbers of the layer's line in the summary of a model that begins with it. */
function lineOf(layer: Layer, input = [9, 7, 3]): string {
  const { summary } = sequential({ input, classes: 2, layers: [layer, flatten(), dense({ units: 2 })] });
  return summary().split('\n')[2]?.replace(/ +/g, ' ') ?? '';
}

describe('the summary', () => {
  it('of the convnet of Keras’ examples has the shapes and counts that Keras prints', () => {
    expect(convnet.summary()).toMatchInlineSnapshot(`
      "Layer           Output shape        Parameters
      ──────────────────────────────────────────────
      conv2d          [null, 26, 26, 32]         320
      maxPooling2d    [null, 13, 13, 32]           0
      conv2d_1        [null, 11, 11, 64]      18,496
      maxPooling2d_1  [null, 5, 5, 64]             0
      flatten         [null, 1600]                 0
      dropout         [null, 1600]                 0
      dense           [null, 10]              16,010
      ──────────────────────────────────────────────
      Total parameters: 34,826 (139.3 kB)
      Trainable: 34,826
      Not trainable: 0"
    `);
  });

  it('distinguishes running statistics from trained variables', () => {
    const layers = [dense({ units: 32 }), batchNormalization(), dense({ units: 10 })];
    const { summary } = sequential({ input: [784], classes: 10, layers });
    expect(summary()).toMatch(/batchNormalization +\[null, 32\] +128\n/);
    expect(summary()).toMatch(/\nTotal parameters: 25,578 .*\nTrainable: 25,514\nNot trainable: 64$/);
  });

  it('of the demo’s models', () => {
    const totals = [models.softmax, models.mlp, models.cnn].map(
      (model) => /Total parameters: ([\d,]+)/.exec(model([28, 28, 1], 10).summary())?.[1],
    );
    expect(totals).toEqual(['7,850', '185,300', '215,194']);
  });
});

// Keras: `valid` gives ⌊(n − k) / s⌋ + 1, `same` ⌈n / s⌉; a kernel is [height, width, in, out].
test.each<[Layer, string]>([
  [conv2d({ filters: 4, kernelSize: 3 }), 'conv2d [null, 7, 5, 4] 112'],
  [conv2d({ filters: 4, kernelSize: [2, 5], useBias: false }), 'conv2d [null, 8, 3, 4] 120'],
  [conv2d({ filters: 4, kernelSize: 3, padding: 'same' }), 'conv2d [null, 9, 7, 4] 112'],
  [conv2d({ filters: 4, kernelSize: 3, strides: 2, padding: 'same' }), 'conv2d [null, 5, 4, 4] 112'],
  [conv2d({ filters: 4, kernelSize: 3, strides: [3, 2] }), 'conv2d [null, 3, 3, 4] 112'],
  [maxPooling2d(), 'maxPooling2d [null, 4, 3, 3] 0'],
  [maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' }), 'maxPooling2d [null, 5, 4, 3] 0'],
  [averagePooling2d({ poolSize: [3, 2] }), 'averagePooling2d [null, 3, 3, 3] 0'],
  [averagePooling2d({ poolSize: 2, strides: 1 }), 'averagePooling2d [null, 8, 6, 3] 0'],
  [batchNormalization(), 'batchNormalization [null, 9, 7, 3] 12'],
  [activation('gelu'), 'activation [null, 9, 7, 3] 0'],
  [dropout({ rate: 0 }), 'dropout [null, 9, 7, 3] 0'],
  [flatten(), 'flatten [null, 189] 0'],
])('%j: %s', (layer, line) => {
  expect(lineOf(layer)).toBe(line);
});

test('layers are plain data with Keras’ defaults', () => {
  const kernel = { useBias: true, kernelInitializer: 'glorotUniform', biasInitializer: 'zeros' };
  expect(dense({ units: 3 })).toEqual({ kind: 'dense', units: 3, activation: 'linear', ...kernel });
  expect(conv2d({ filters: 3, kernelSize: 5, padding: undefined })).toEqual({
    kind: 'conv2d',
    filters: 3,
    kernelSize: [5, 5],
    strides: [1, 1],
    padding: 'valid',
    activation: 'linear',
    ...kernel,
  });
  expect(maxPooling2d()).toEqual({ kind: 'maxPooling2d', poolSize: [2, 2], strides: [2, 2], padding: 'valid' });
  expect(batchNormalization()).toEqual({ kind: 'batchNormalization', momentum: 0.99, epsilon: 0.001 });
});

test('a model is data: JSON keeps all of it', () => {
  const text = JSON.stringify(convnet);
  const again = sequential(JSON.parse(text) as typeof convnet);
  expect(JSON.stringify(again)).toBe(text);
  expect(again.summary()).toBe(convnet.summary());
  expect(again.classes).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
});

test('a model does not change with the objects it was made from', () => {
  const [input, classes, layers] = [[4], ['cat', 'dog'], [dense({ units: 2 })]];
  const model = sequential({ input, classes, layers });
  input[0] = 5;
  classes.push('cow');
  layers.length = 0;
  expect(model).toMatchObject({ input: [4], classes: ['cat', 'dog'], layers: [{ kind: 'dense' }] });
});

describe('refuses', () => {
  const last = dense({ units: 2 });
  const model = (layers: unknown, input: unknown = [8, 8, 1], classes: unknown = 2) =>
    sequential({ input, classes, layers } as never);

  test.each<[string, () => unknown, typeof UsageError | typeof GraphError, RegExp]>([
    ['no layers', () => model([]), UsageError, /`layers` is empty; give a list of layers that ends with dense\(\)/],
    ['no list', () => model(undefined), UsageError, /`layers` is empty/],
    ['null as a layer', () => model([flatten(), null]), UsageError, /^Layer 2 \(undefined\): there is no such layer; give one made by activation\(\), .*, dense\(\), /],
    ['an unknown kind', () => model([{ kind: 'toString' }]), UsageError, /^Layer 1 \(toString\): there is no such layer/],
    ['an option of a file', () => model([flatten(), { kind: 'dense', units: '10' }]), UsageError, /^Layer 2 \(dense\): dense: `units` is '10'; give a whole number from 1 on\.$/],
    ['an input of size 0', () => model([last], [0]), UsageError, /`input` is \[0\]; give the shape of one image/],
    ['no input', () => model([last], null), UsageError, /`input` is null; give the shape/],
    ['a single class', () => model([last], [2], 1), UsageError, /`classes` is 1; .* two or more/],
    ['classes without names', () => model([last], [2], ['a', 5]), UsageError, /`classes` is \['a', 5\]; give the classes' names/],
    ['half a class', () => model([last], [2], 2.5), UsageError, /`classes` is 2\.5;/],
    ['dense on images', () => model([last]), GraphError, /^Layer 1 \(dense\), with inputs \[8, 8, 1\]: dense takes rows of numbers; put flatten\(\) before it\.$/],
    ['conv2d on rows', () => model([flatten(), conv2d({ filters: 2, kernelSize: 3 })]), GraphError, /^Layer 2 \(conv2d\), with inputs \[64\]: conv2d takes images .*; put it before flatten\(\)\.$/],
    ['pooling of rows', () => model([flatten(), maxPooling2d()]), GraphError, /^Layer 2 \(maxPooling2d\), with inputs \[64\]: .*give \[batch, height, width, channels\]/],
    ['a window too large', () => model([maxPooling2d(), conv2d({ filters: 2, kernelSize: 5 })]), GraphError, /^Layer 2 \(conv2d\), with inputs \[4, 4, 1\]: .*5 × 5 does not fit .*; make it smaller, or pad/],
    ['too few results', () => model([flatten(), dense({ units: 3 })]), GraphError, /^Layer 2 \(dense\) is the last, with outputs \[3\] for 2 classes; end with dense\(\{ units: 2 \}\)/],
    ['images as results', () => model([conv2d({ filters: 2, kernelSize: 8 })]), GraphError, /^Layer 1 \(conv2d\) is the last, with outputs \[1, 1, 2\] for 2 classes; .* after flatten\(\)/],
  ])('%s', (_, make, kind, message) => {
    expect(make).toThrow(kind);
    expect(make).toThrow(message);
  }); // prettier-ignore

  test.each<[() => unknown, RegExp]>([
    [() => dense({ units: 0 }), /^dense: `units` is 0; give a whole number from 1 on\.$/],
    [() => dense({ units: 3, activation: 'swish' as never }), /^dense: `activation` is 'swish'; give one of 'linear', 'relu', /],
    [() => dense({ units: 3, useBias: 1 as never }), /`useBias` is 1; give true or false/],
    [() => dense({ units: 3, kernelInitializer: 'toString' as never }), /`kernelInitializer` is 'toString'; give one of 'glorotUniform', /],
    [() => dense({ units: 3, biasInitializer: null as never }), /`biasInitializer` is null; give one of/],
    [() => conv2d({ filters: -1, kernelSize: 3 }), /^conv2d: `filters` is -1;/],
    [() => conv2d({ filters: 1, kernelSize: [3, 0] }), /`kernelSize` is \[3, 0\]; give a whole number from 1 on, or two: \[vertical, horizontal\]/],
    [() => conv2d({ filters: 1, kernelSize: [3, 3, 3] as never }), /`kernelSize` is \[3, 3, 3\];/],
    [() => conv2d({ filters: 1, kernelSize: 3, padding: 'full' as never }), /`padding` is 'full'; give 'same' or 'valid'/],
    [() => maxPooling2d({ strides: 1.5 }), /^maxPooling2d: `strides` is 1\.5;/],
    [() => averagePooling2d({ poolSize: '2' as never }), /^averagePooling2d: `poolSize` is '2';/],
    [() => dropout({ rate: 1 }), /^dropout: `rate` is 1; give the share to drop, from 0 to less than 1/],
    [() => dropout({} as never), /`rate` is undefined/],
    [() => batchNormalization({ momentum: 1.1 }), /^batchNormalization: `momentum` is 1\.1;/],
    [() => batchNormalization({ epsilon: 0 }), /`epsilon` is 0; give a number above 0/],
    [() => activation('softMax' as never), /^activation: `activation` is 'softMax';/],
  ])('%s', (make, message) => {
    expect(make).toThrow(UsageError);
    expect(make).toThrow(message);
  }); // prettier-ignore
});
