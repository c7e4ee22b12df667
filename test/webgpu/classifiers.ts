/**
 * The codelab's training step and its variants: the same computation, built from other ops.
 */
import type { FeedType } from '../../src/compile/plan.ts';
import {
  add,
  conv2d,
  exp,
  fill,
  flatten,
  gradientDescent,
  heNormal,
  identity,
  log,
  matmul,
  maxPool2d,
  mul,
  neg,
  placeholder,
  reduceMean,
  reduceSum,
  relu,
  softmax,
  softmaxCrossEntropy,
  sub,
  transpose,
  variable,
  zeros,
  type Operation,
  type Tensor,
} from '../../src/index.ts';
import type { Asked } from './planning.ts';

export interface Classifier {
  readonly loss: Tensor;
  readonly step: Operation;
  /** Elements of an image (and its shape, if it has one), and classes. */
  readonly size: number;
  readonly image?: readonly number[];
  readonly classes: number;
}

interface Options {
  readonly size?: number;
  readonly classes?: number;
  readonly logits?: (x: Tensor, W: Tensor, b: Tensor) => Tensor;
  /** Whether W is stored as [classes, size]. */
  readonly turned?: boolean;
  readonly loss?: (logits: Tensor, labels: Tensor) => Tensor;
}

const plainLogits = (x: Tensor, W: Tensor, b: Tensor): Tensor => add(matmul(x, W), b);
const plainLoss = (z: Tensor, labels: Tensor): Tensor => neg(reduceSum(mul<Tensor, Tensor>(labels, log(softmax(z)))));

export const summedCrossEntropy = (z: Tensor, labels: Tensor): Tensor => reduceSum(softmaxCrossEntropy(z, labels));

/** Softmax regression on `x` and `y_`, trained by gradient descent at 0.01. */
export function softmaxRegression({
  size = 784,
  classes = 10,
  logits = plainLogits,
  turned = false,
  loss: lossOf = plainLoss,
}: Options = {}): Classifier {
  const x: Tensor = placeholder('x', [null, size]);
  const W: Tensor = variable('W', zeros(turned ? [classes, size] : [size, classes]));
  const b: Tensor = variable('b', zeros([classes]));
  const labels: Tensor = placeholder('y_', [null, classes]);
  const loss = lossOf(logits(x, W, b), labels);
  return { loss, step: gradientDescent(0.01).minimize(loss), size, classes };
}

/** Every way of saying it. */
export const kin: Readonly<Record<string, () => Classifier>> = {
  'word for word': () => softmaxRegression(),
  'no bias': () => softmaxRegression({ logits: (x, W) => matmul(x, W) }),
  'operands swapped through transposes': () =>
    softmaxRegression({
      turned: true,
      logits: (x, W, b) => add(transpose(matmul(W, transpose(x))), b),
    }),
  'all of it transposed': () =>
    softmaxRegression({ logits: (x, W, b) => add(transpose(matmul(transpose(W), transpose(x))), b) }),
  'weights stored by class': () =>
    softmaxRegression({ turned: true, logits: (x, W, b) => add(matmul(x, W, { transposeB: true }), b) }),
  'the mean of a loss a row': () =>
    softmaxRegression({ loss: (z, labels) => reduceMean(softmaxCrossEntropy(z, labels)) }),
  'the sum of a loss a row': () => softmaxRegression({ loss: summedCrossEntropy }),
  'the mean over all': () =>
    softmaxRegression({ loss: (z, labels) => neg(reduceMean(mul<Tensor, Tensor>(labels, log(softmax(z))))) }),
  'the mean of sums': () =>
    softmaxRegression({
      loss: (z, labels) => neg(reduceMean(reduceSum(mul<Tensor, Tensor>(labels, log(softmax(z))), { axis: 1 }))),
    }),
  'seven classes': () => softmaxRegression({ classes: 7 }),
  'sixty-five inputs': () => softmaxRegression({ size: 65 }),
  'names in between': () =>
    softmaxRegression({
      logits: (x, W, b) => identity(add(identity(matmul(x, W), 'product'), b), 'logits'),
      loss: (z, labels) =>
        identity(neg(reduceSum(mul<Tensor, Tensor>(labels, log(identity(softmax(z), 'y'))))), 'loss'),
    }),
};

/** What also works, in as many dispatches as it takes. */
export const distantKin: Readonly<Record<string, () => Classifier>> = {
  'log-softmax by hand': () =>
    softmaxRegression({
      loss: (z, labels) => {
        const total: Tensor = reduceSum(exp(z), { axis: 1, keepDims: true });
        return neg(reduceSum(mul<Tensor, Tensor>(labels, sub<Tensor, Tensor>(z, log(total)))));
      },
    }),
};

/** Layers of relu on 784 inputs, ten classes. */
export function perceptron(
  hidden: readonly number[],
  optimizer = gradientDescent(0.1),
  activation: (x: Tensor) => Tensor = relu,
): Classifier {
  let h: Tensor = placeholder('x', [null, 784]);
  [...hidden, 10].forEach((units, i) => {
    const W: Tensor = variable(`W${i}`, heNormal([h.shape[1] ?? 1, units]));
    h = add<Tensor, Tensor>(matmul(i === 0 ? h : activation(h), W), variable(`b${i}`, zeros([units])));
  });
  const labels: Tensor = placeholder('y_', [null, 10]);
  const loss: Tensor = reduceMean(softmaxCrossEntropy(h, labels));
  return { loss, step: optimizer.minimize(loss), size: 784, classes: 10 };
}

/** Two convolutions with bias, pooling and relu, and two dense layers, on square images of one channel. */
export function convolutional(side = 28, filters: readonly [number, number] = [24, 32], units = 256): Classifier {
  const x: Tensor = placeholder('x', [null, side, side, 1]);
  let h: Tensor = x;
  filters.forEach((count, i) => {
    const size = i === 0 ? 5 : 3;
    const F: Tensor = variable(`F${i}`, heNormal([size, size, h.shape[3] ?? 1, count]));
    const z: Tensor = add<Tensor, Tensor>(conv2d(h, F), variable(`c${i}`, fill([count], 0.1)));
    h = relu(maxPool2d(z, { size: 2 }));
  });
  h = flatten(h);
  [units, 10].forEach((count, i) => {
    const W: Tensor = variable(`W${i}`, heNormal([h.shape[1] ?? 1, count]));
    h = add<Tensor, Tensor>(matmul(i === 0 ? h : relu(h), W), variable(`b${i}`, zeros([count])));
  });
  const loss: Tensor = reduceMean(softmaxCrossEntropy(h, placeholder('y_', [null, 10])));
  return { loss, step: gradientDescent(0.1).minimize(loss), size: side * side, image: [side, side, 1], classes: 10 };
}

/** MNIST's training set, as a plan sees it. */
const ROWS = 55_000;

export interface StepOptions {
  readonly batch?: number;
  /** Whether the loss is fetched beside the step. */
  readonly fetchLoss?: boolean;
  /** `columns`: sampled from the data set; `arrays`: fed by the caller, labels of any kind. */
  readonly from?: 'columns' | 'arrays';
}

/** A training step as `session.train` or `session.run` asks for it. */
export function trainingStep(
  { loss, step, size, image = [size], classes }: Classifier,
  { batch = 100, fetchLoss = false, from = 'columns' }: StepOptions = {},
): Asked {
  const column = (
    format: 'uint8' | 'labels',
    rowSize: number,
    wordOffset: number,
    shape: readonly number[],
  ): FeedType =>
    from === 'arrays'
      ? { kind: 'array', shape }
      : {
          kind: 'column',
          shape,
          column: { format, rows: ROWS, rowSize, classes },
          wordOffset,
          binding: 0,
          sampling: 'shuffled',
        };
  const imageWords = Math.ceil((ROWS * size) / 4);
  return {
    fetches: fetchLoss ? [loss] : [],
    updates: step.updates,
    checks: step.checks,
    training: true,
    countsStep: true,
    feeds: new Map([
      ['x', column('uint8', size, 0, [batch, ...image])],
      ['y_', column('labels', 1, imageWords, [batch, classes])],
    ]),
  };
}
