/**
 * Batch normalisation, composed of ordinary ops and one that selects the statistics: the batch's in training, else the running
 * ones.
 */
import { checkOptions, show } from '../checks.ts';
import { GraphError, UsageError } from '../errors.ts';
import { sumToShapeOf, zerosLike } from '../graph/broadcast.ts';
import type { Op } from '../graph/op.ts';
import { shapesEqual, type Shape } from '../graph/shape.ts';
import { checkVariable, type Variable } from '../graph/sources.ts';
import { checkTensor, compose, createTensor, describeTensor, input, type Tensor } from '../graph/tensor.ts';
import { add } from './add.ts';
import { div } from './div.ts';
import { checkDType, FLOAT } from './elementwise.ts';
import { mul } from './mul.ts';
import { neg } from './neg.ts';
import { reduceMean } from './reduce-mean.ts';
import { sqrt } from './sqrt.ts';
import { square } from './square.ts';
import { sub } from './sub.ts';

/** Parameters of the normalisation; all tensors are float32 of shape [channels], the size of the last axis. */
export interface BatchNormalizationOptions {
  /** Scale of the normalised values; usually a variable that starts as ones. */
  readonly gamma: Tensor;
  /** Offset of the normalised values; usually a variable that starts as zeros. */
  readonly beta: Tensor;
  /** The running mean: `variable(name, zeros([channels]), { trainable: false })`. */
  readonly movingMean: Variable;
  /** The running variance: `variable(name, ones([channels]), { trainable: false })`. */
  readonly movingVariance: Variable;
  /** Weight of the running statistics against the batch's in a training step, from 0 to 1; default 0.99. */
  readonly momentum?: number | undefined;
  /** Added to variances to avoid division by zero; default 0.001. */
  readonly epsilon?: number | undefined;
}

/**
 * (x - mean) · scale + beta. Its gradient rule computes the adjoints of mean, scale and beta from two sums, of dy and of
 * dy · (x - mean).
 */
const normalizeOp: Op = {
  name: 'normalize',
  infer: (inputs) => input(inputs, 0),
  gradient({ inputs }, dy) {
    const [scale, beta] = [input(inputs, 2), input(inputs, 3)];
    const sum = sumToShapeOf(dy, beta);
    return [mul(dy, scale), neg(mul(sum, scale)), sumToShapeOf(mul(dy, deviation(inputs)), scale), sum];
  },
  kernel: {
    kind: 'expand',
    expand: (inputs) => add(mul(deviation(inputs), input(inputs, 2)), input(inputs, 3)),
  },
};

/**
 * (x - mean)², where the mean is the mean of x. The sum of these is minimal at the mean, so the mean's adjoint is 0 and is left
 * out. The adjoint of x still depends on the mean.
 */
const squaredDeviationOp: Op = {
  name: 'squaredDeviation',
  infer: (inputs) => input(inputs, 0),
  gradient: ({ inputs }, dy) => [mul(dy, mul(deviation(inputs), 2)), null],
  kernel: { kind: 'expand', expand: (inputs) => square(deviation(inputs)) },
};

function deviation(inputs: readonly Tensor[]): Tensor {
  return sub(input(inputs, 0), input(inputs, 1));
}

/** Inputs: running statistic (a variable), batch statistic, the running statistic's next value. */
const statisticOp: Op = {
  name: 'statistic',
  infer: (inputs) => input(inputs, 0),
  gradient: (node, dy) => [null, createTensor(statisticOp, [zerosLike(input(node.inputs, 0)), dy]), null],
  resolve: (inputs, _, training) => input(inputs, training ? 1 : 0),
  update: ({ inputs }) => inputs[2],
  kernel: { kind: 'source' },
};

/** @param ofBatch - The statistic over the batch, in the shape of `moving`. */
function statistic(moving: Variable, ofBatch: Tensor, momentum: number): Tensor {
  const next = add(mul(moving, momentum), mul(ofBatch, 1 - momentum));
  return createTensor(statisticOp, [moving, ofBatch, next]);
}

/**
 * `gamma · (x - mean) / √(variance + epsilon) + beta`, with mean and variance over all axes but the last: the batch's in
 * training, else the running ones. A training step of an optimizer sets both running statistics to
 * `momentum · moving + (1 - momentum) · batch`. Variances are biased, Σ (x - mean)² / n, as in Keras.
 *
 * Sources: Ioffe and Szegedy, "Batch normalization" (2015); Keras' `BatchNormalization` with `axis=-1`.
 *
 * @param x - Float32 of at least two axes.
 * @throws GraphError where shapes do not fit or a running statistic is trainable; UsageError on a momentum or an epsilon out
 * of range.
 */
export function batchNormalization<S extends Shape>(x: Tensor<S>, options: BatchNormalizationOptions): Tensor<S> {
  checkInput(x);
  checkOptions('batchNormalization', options, '{ gamma, beta, movingMean, movingVariance }');
  const { gamma, beta, movingMean, movingVariance, momentum = 0.99, epsilon = 0.001 } = options;
  const statistics = { movingMean, movingVariance };
  checkChannels(x, { gamma, beta, ...statistics });
  for (const [option, moving] of Object.entries(statistics)) {
    checkVariable(`batchNormalization: ${option}`, moving);
    if (moving.trainable)
      throw new GraphError(
        `batchNormalization: ${option} ${describeTensor(moving)} is trainable; make it with { trainable: false }, since batches update it.`,
      );
  }
  if (typeof momentum !== 'number' || !(momentum >= 0 && momentum <= 1))
    throw new UsageError(
      `batchNormalization: \`momentum\` is ${show(momentum)}; give a number from 0 to 1, e.g. 0.99.`,
    );
  if (typeof epsilon !== 'number' || !(epsilon > 0 && epsilon < Infinity))
    throw new UsageError(
      `batchNormalization: \`epsilon\` is ${show(epsilon)}; give a small number above 0, e.g. 0.001.`,
    );

  return compose({ op: 'batchNormalization' }, () => {
    const input: Tensor = x;
    const axis = x.shape.slice(1).map((_, i) => i);
    const batchMean: Tensor = reduceMean(input, { axis });
    const batchVariance: Tensor = reduceMean(createTensor(squaredDeviationOp, [input, batchMean]), { axis });
    const mean = statistic(movingMean, batchMean, momentum);
    const variance = statistic(movingVariance, batchVariance, momentum);
    const scale: Tensor = div(gamma, sqrt(add(variance, epsilon)));
    return createTensor<S>(normalizeOp, [input, mean, scale, beta]);
  });
}

function checkInput(x: Tensor): void {
  checkDType('batchNormalization', x, FLOAT);
  if (x.shape.length < 2 || x.shape.at(-1) === null)
    throw new GraphError(
      `batchNormalization: ${describeTensor(x)} is not a batch of known channels; give [batch, …, channels].`,
    );
}

function checkChannels(x: Tensor, tensors: Readonly<Record<string, Tensor>>): void {
  for (const [option, tensor] of Object.entries(tensors)) {
    checkTensor(`batchNormalization: ${option}`, tensor);
    if (tensor.dtype === 'float32' && shapesEqual(tensor.shape, x.shape.slice(-1))) continue;
    throw new GraphError(
      `batchNormalization: ${option} ${describeTensor(tensor)} does not fit ${describeTensor(x)}; give float32 [${x.shape.at(-1)}].`,
    );
  }
}
