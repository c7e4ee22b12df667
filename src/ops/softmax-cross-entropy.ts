/** Softmax cross-entropy, the loss of classifiers. */
import { GraphError } from '../errors.ts';
import type { Reduced, SameShape } from '../graph/shape-types.ts';
import { shapesMayEqual, type Shape } from '../graph/shape.ts';
import { wgsl } from '../graph/snippet.ts';
import { checkTensor, compose, describeTensor, type Tensor } from '../graph/tensor.ts';
import { binary, binaryOp, checkDType, FLOAT } from './elementwise.ts';
import { mul } from './mul.ts';
import { neg } from './neg.ts';
import { reduceSum } from './reduce-sum.ts';
import { logSoftmax } from './softmax.ts';

/**
 * ln p, but 0 in place of -∞ where the label is 0, since 0 · ln 0 counts as 0. The adjoint of ln p is unchanged, so gradients of
 * logits stay finite. The label has adjoint 0 there, not -∞, so labels may be a softmax with the same mask.
 */
const onSupportOp = /* @__PURE__ */ binaryOp({
  name: 'onSupport',
  takes: FLOAT,
  // Compares bits, since implementations may assume that there is no infinity.
  wgsl: (logP, label) => wgsl`select(${logP}, 0.0, (${label} == 0.0) & (bitcast<u32>(${logP}) == 0xff800000u))`,
  js: () => (logP, label) => (label === 0 && logP === -Infinity ? 0 : logP),
  gradient: (dy) => [dy, null],
  role: 'logProbabilities',
});

/**
 * `-Σ labels · ln softmax(logits)` along the last axis: one loss per row. Labels may be any numbers: one-hot, soft, of any sum.
 * Gradients flow to them too.
 *
 * A logit of `-Infinity` masks a class: with label 0 it adds nothing to the loss or to any gradient
 * (`mul(labels, log(softmax(logits)))` by hand is NaN there, since 0 · ∞ is). With another label the loss is infinite. A row of
 * masked classes only is NaN.
 *
 * @throws GraphError where the shapes differ, or one is a scalar or not float32.
 */
export function softmaxCrossEntropy<A extends Shape, B extends Shape>(
  logits: Tensor<A>,
  labels: Tensor<B> & SameShape<A, B>,
): Tensor<Reduced<A, -1, false>> {
  const losses = compose({ op: 'softmaxCrossEntropy' }, () => lossOf(logits, labels));
  return losses as Tensor<Reduced<A, -1, false>>;
}

function lossOf(logits: Tensor, labels: Tensor): Tensor {
  checkTensor('softmaxCrossEntropy', logits);
  checkTensor('softmaxCrossEntropy', labels);
  if (!shapesMayEqual(logits.shape, labels.shape)) {
    throw new GraphError(
      `softmaxCrossEntropy: logits ${describeTensor(logits)} and labels ${describeTensor(labels)} differ in shape; ` +
        `give one row of labels for each row of logits (class ids: oneHot(ids, classes)).`,
    );
  }
  const logProbabilities = logSoftmax(logits);
  checkDType('softmaxCrossEntropy', labels, FLOAT);
  const logP: Tensor = binary(onSupportOp, logProbabilities, labels);
  return neg(reduceSum(mul<Tensor, Tensor>(labels, logP), { axis: -1 }));
}
