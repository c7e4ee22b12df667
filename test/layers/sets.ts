/** Small data sets and models, so that a step takes milliseconds. */
import { Dataset } from '../../src/data/index.ts';
import {
  activation,
  averagePooling2d,
  batchNormalization,
  conv2d,
  dense,
  dropout,
  flatten,
  maxPooling2d,
  sequential,
} from '../../src/layers/index.ts';

export const labels = ['left', 'right', 'both'];

/** Noisy images of 7×6 in two channels, brighter at the left, at the right or at both sides. */
export function smallSet(size = 45, name = 'sides'): Dataset {
  const [height, width, channels] = [7, 6, 2];
  const ids = Array.from({ length: size }, (_, i) => (i * 7 + (i >> 2)) % labels.length);
  const features = ids.flatMap((id, i) =>
    Array.from({ length: height * width * channels }, (_, j) => {
      const column = (j >> 1) % width;
      const bright = (id !== 1 && column < 2) || (id !== 0 && column > 3);
      return (((i * 31 + j * 17) % 23) / 23) * 0.6 + (bright ? 0.4 : 0);
    }),
  );
  return Dataset.from({
    features: Float32Array.from(features),
    labels: ids,
    classes: labels,
    shape: [height, width, channels],
    name,
  });
}

/** A model with every kind of layer. */
export const everyLayer = sequential({
  input: [7, 6, 2],
  classes: labels,
  layers: [
    conv2d({ filters: 4, kernelSize: 3, padding: 'same', useBias: false }),
    batchNormalization(),
    activation('relu'),
    maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' }),
    conv2d({ filters: 5, kernelSize: [2, 1], strides: [2, 1], activation: 'gelu', kernelInitializer: 'heNormal' }),
    averagePooling2d({ poolSize: 2, strides: 1 }),
    flatten(),
    dense({ units: 8, activation: 'leakyRelu', biasInitializer: 'truncatedNormal' }),
    dropout({ rate: 0.2 }),
    dense({ units: 7, activation: 'tanh' }),
    dense({ units: 6, activation: 'softplus' }),
    dense({ units: 5, activation: 'sigmoid' }),
    dense({ units: 3, activation: 'softmax' }),
  ],
});
