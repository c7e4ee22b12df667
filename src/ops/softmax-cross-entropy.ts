/** The loss of classifiers. */
import { GraphError } from '../errors.ts';
import type { Reduced, SameShape } from '../graph/shape-types.ts';
import type { Shape } from '../graph/shape.ts';
import { describeTensor, type Tensor } from '../graph/tensor.ts';
import { mul } from './mul.ts';
import { neg } from './neg.ts';
import { reduceSum } from './reduce-sum.ts';
import { logSoftmax } from './softmax.ts';

/**
 * `-Σ labels · ln softmax(logits)` along the last axis: one loss a row. Labels may be any numbers: one-hot, soft, of any sum;
 * gradients flow to them too.
 *
 * @throws GraphError where the shapes differ, or one is a scalar or not float32.
 */
export function softmaxCrossEntropy<A extends Shape, B extends Shape>(
  logits: Tensor<A>,
  labels: Tensor<B> & SameShape<A, B>,
): Tensor<Reduced<A, -1, false>> {
  const a: Shape = logits.shape;
  const b: Shape = labels.shape;
  const fits = a.length === b.length && a.every((dim, i) => dim === null || b[i] === null || dim === b[i]);
  if (!fits) {
    throw new GraphError(
      `softmaxCrossEntropy: logits ${describeTensor(logits)} and labels ${describeTensor(labels)} differ in shape; ` +
        `give one row of labels for each row of logits (class ids: oneHot(ids, classes)).`,
    );
  }
  return neg(reduceSum(mul<Tensor, Tensor>(labels, logSoftmax(logits)), { axis: -1 })) as Tensor<Reduced<A, -1, false>>;
}
