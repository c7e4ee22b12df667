/** The codelab's model: softmax regression, y = softmax(xW + b), and what is asked of it. */
import {
  add,
  argMax,
  cast,
  equal,
  gradientDescent,
  log,
  matmul,
  mul,
  neg,
  type Operation,
  placeholder,
  reduceMean,
  reduceSum,
  softmax,
  type Tensor,
  variable,
  type Variable,
  zeros,
} from '../index.ts';

export interface SoftmaxModel {
  /** `[features, classes]`. */
  readonly weights: Variable;
  /** `[batch, classes]`, of the placeholder `x`. */
  readonly probabilities: Tensor;
  /** The likeliest class of each row. */
  readonly predicted: Tensor;
  /** Cross-entropy, summed over the batch; of the placeholders `x` and `y_`. */
  readonly loss: Tensor;
  /** The share of rows whose likeliest class is the right one. */
  readonly accuracy: Tensor;
  /** One step of gradient descent on `loss`. */
  trainStep(learningRate: number): Operation;
}

export function softmaxModel(features: number, classes: number): SoftmaxModel {
  const x = placeholder('x', [null, features]);
  const y_ = placeholder('y_', [null, classes]);
  const weights = variable('W', zeros([features, classes]));
  const b = variable('b', zeros([classes]));
  const probabilities = softmax(add(matmul(x, weights), b));
  const predicted = argMax(probabilities, 1);
  const loss = neg(reduceSum(mul(y_, log(probabilities))));
  const accuracy = reduceMean(cast(equal(predicted, argMax(y_, 1)), 'float32'));
  const trainStep = (learningRate: number): Operation => gradientDescent(learningRate).minimize(loss);
  return { weights, probabilities, predicted, loss, accuracy, trainStep };
}
