/** Sigmoid cross-entropy, the loss of classes that do not exclude each other. */
import softplusShader from '../../shaders/softplus.wgsl';
import { GraphError } from '../errors.ts';
import type { SameShape } from '../graph/shape-types.ts';
import { shapesMayEqual, type Shape } from '../graph/shape.ts';
import { wgsl } from '../graph/snippet.ts';
import { checkTensor, createTensor, describeTensor, type Tensor } from '../graph/tensor.ts';
import { binaryOp, FLOAT } from './elementwise.ts';
import { mul } from './mul.ts';
import { neg } from './neg.ts';
import { sigmoid } from './sigmoid.ts';
import { sub } from './sub.ts';

const sigmoidCrossEntropyOp = /* @__PURE__ */ binaryOp({
  name: 'sigmoidCrossEntropy',
  takes: FLOAT,
  functions: ['exponential'],
  library: softplusShader,
  // max(x, 0) - x·z without an overflow between.
  wgsl: (x, z) => wgsl`${x} * (select(0.0, 1.0, ${x} > 0.0) - ${z}) + logarithmOf1Plus(exponential(-abs(${x})))`,
  js: () => (x, z) => x * ((x > 0 ? 1 : 0) - z) + Math.log1p(Math.exp(-Math.abs(x))),
  gradient: (dy, x, z) => [mul(dy, sub(sigmoid(x), z)), neg(mul(dy, x))],
});

/**
 * `-labels · ln sigmoid(logits) - (1 - labels) · ln(1 - sigmoid(logits))`, elementwise: one loss per element, in the form
 * `max(x, 0) - x·z + ln(1 + e^-|x|)`, which neither overflows nor loses its tail. Labels are probabilities from 0 to 1.
 * Gradients flow to them too.
 *
 * @throws GraphError where the shapes differ, or one is not float32.
 */
export function sigmoidCrossEntropy<A extends Shape, B extends Shape>(
  logits: Tensor<A>,
  labels: Tensor<B> & SameShape<A, B>,
): Tensor<A> {
  checkTensor('sigmoidCrossEntropy', logits);
  checkTensor('sigmoidCrossEntropy', labels);
  if (!shapesMayEqual(logits.shape, labels.shape)) {
    throw new GraphError(
      `sigmoidCrossEntropy: logits ${describeTensor(logits)} and labels ${describeTensor(labels)} differ in shape; ` +
        `give one label for each logit.`,
    );
  }
  return createTensor(sigmoidCrossEntropyOp, [logits, labels]);
}
