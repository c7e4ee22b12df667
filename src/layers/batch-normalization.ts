/** Batch normalisation as a layer. */
import { checkOptions } from '../checks.ts';
import { batchNormalization as normalize, GraphError, ones, zeros } from '../index.ts';
import { checkOption, type Kind } from './layer.ts';

export interface BatchNormalizationLayer {
  readonly kind: 'batchNormalization';
  readonly momentum: number;
  readonly epsilon: number;
}

export interface BatchNormalizationLayerOptions {
  /** How much of the running statistics a training step keeps, from 0 to 1; default 0.99. */
  readonly momentum?: number | undefined;
  /** Added to variances, so that nothing is divided by zero; default 0.001. */
  readonly epsilon?: number | undefined;
}

/**
 * Brings each channel to mean 0 and variance 1, then scales and shifts it by what it learns, as Keras' `BatchNormalization`:
 * by the batch's statistics in training, by the running ones otherwise.
 * @throws UsageError on an option that cannot be used.
 */
export function batchNormalization(options: BatchNormalizationLayerOptions = {}): BatchNormalizationLayer {
  const kind = 'batchNormalization';
  checkOptions(kind, options);
  const { momentum = 0.99, epsilon = 0.001 } = options;
  const isNumber = (value: unknown): boolean => typeof value === 'number';
  checkOption(kind, 'momentum', momentum, isNumber(momentum) && momentum >= 0 && momentum <= 1, 'a number from 0 to 1');
  checkOption(kind, 'epsilon', epsilon, isNumber(epsilon) && epsilon > 0 && epsilon < Infinity, 'a number above 0');
  return { kind, momentum, epsilon };
}

export const batchNormalizationKind: Kind<BatchNormalizationLayer> = {
  make: batchNormalization,
  build(x, options, place) {
    const channels = x.shape.at(-1);
    if (!channels) throw new GraphError('batchNormalization takes rows or images of known size.');
    const still = { trainable: false };
    return normalize(x, {
      gamma: place.weight('gamma', ones([channels])),
      beta: place.weight('beta', zeros([channels])),
      movingMean: place.weight('movingMean', zeros([channels]), still),
      movingVariance: place.weight('movingVariance', ones([channels]), still),
      ...options,
    });
  },
};
