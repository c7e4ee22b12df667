/** A network with dropout for each optimizer, built anew for each restore by snapshot.gpu.test.ts and its script. */
import { Dataset } from '../../src/data/index.ts';
import {
  adagrad,
  adam,
  adamW,
  add,
  cosineDecay,
  dropout,
  gradientDescent,
  matmul,
  momentum,
  placeholder,
  reduceMean,
  relu,
  rmsProp,
  softmaxCrossEntropy,
  truncatedNormal,
  variable,
  zeros,
} from '../../src/index.ts';

export const optimizers = {
  gradientDescent: () => gradientDescent(0.05),
  momentum: () => momentum(0.02, 0.9, { nesterov: true }),
  rmsProp: () => rmsProp(0.002),
  adagrad: () => adagrad(0.02),
  adam: () => adam(cosineDecay(0.01, 800)),
  adamW: () => adamW(0.003),
};

const FEATURES = 12;
const CLASSES = 3;
/** Sixty rows: batches of seven straddle two epochs. */
const set = Dataset.from({
  features: Float32Array.from({ length: 60 * FEATURES }, (_, i) => ((i * 31) % 97) / 97),
  labels: Array.from({ length: 60 }, (_, i) => (i * 7) % CLASSES),
  classes: CLASSES,
});
export const data = { x: set.images, y_: set.labels };

/** `kept`: the variables and what the optimizer keeps beside them. */
export function dropoutProgram(optimizer: keyof typeof optimizers) {
  const hidden = 8;
  const x = placeholder('x', [null, FEATURES]);
  const y_ = placeholder('y_', [null, CLASSES]);
  const W1 = variable('W1', truncatedNormal([FEATURES, hidden], { stddev: 0.3 }));
  const b1 = variable('b1', zeros([hidden]));
  const W2 = variable('W2', truncatedNormal([hidden, CLASSES], { stddev: 0.3 }));
  const b2 = variable('b2', zeros([CLASSES]));
  const h = dropout(relu(add(matmul(x, W1), b1)), 0.3);
  const loss = reduceMean(softmaxCrossEntropy(add(matmul(h, W2), b2), y_));
  const step = optimizers[optimizer]().minimize(loss);
  return { step, loss, kept: step.updates.map(({ variable }) => variable) };
}
