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
  /** The share of the running statistics that a training step keeps, from 0 to 1; default 0.99. */
  readonly momentum?: number | undefined;
  /** A small number added to variances against division by zero; default 0.001. */
  readonly epsilon?: number | undefined;
}

/**
 * Brings each channel to mean 0 and variance 1, then scales and shifts it by trained weights, as Keras' `BatchNormalization`.
 * Training uses the batch's statistics, inference the running ones.
 * @throws UsageError on an invalid option.
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
  build(x, options, scope) {
    const channels = x.shape.at(-1);
    if (!channels) throw new GraphError('batchNormalization takes rows or images of known size.');
    const untrained = { trainable: false };
    return normalize(x, {
      gamma: scope.weight('gamma', ones([channels])),
      beta: scope.weight('beta', zeros([channels])),
      movingMean: scope.weight('movingMean', zeros([channels]), untrained),
      movingVariance: scope.weight('movingVariance', ones([channels]), untrained),
      ...options,
    });
  },
};
