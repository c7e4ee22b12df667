/** Pooling layers: the maximum or the mean of each window. */
import { checkOptions } from '../checks.ts';
import { avgPool2d, maxPool2d, type Padding, type Pair } from '../index.ts';
import { checkPadding } from './conv2d.ts';
import { pairOf, type Kind } from './layer.ts';

export interface PoolingOptions {
  /** The window: one number, or [height, width]; default 2. */
  readonly poolSize?: Pair | undefined;
  /** The step between two windows; default: their size. */
  readonly strides?: Pair | undefined;
  /** Default: `valid`, windows inside the image only. */
  readonly padding?: Padding | undefined;
}

export interface PoolingLayer<K extends string = 'maxPooling2d' | 'averagePooling2d'> {
  readonly kind: K;
  readonly poolSize: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly padding: Padding;
}

/**
 * The maximum of each window, by channel, as Keras' `MaxPooling2D`: `[batch, height, width, channels]`, smaller.
 * @throws UsageError on an invalid option.
 */
export function maxPooling2d(options: PoolingOptions = {}): PoolingLayer<'maxPooling2d'> {
  return pooling('maxPooling2d', options);
}

/**
 * The mean of each window, by channel, as Keras' `AveragePooling2D`: `[batch, height, width, channels]`, smaller.
 * @throws UsageError on an invalid option.
 */
export function averagePooling2d(options: PoolingOptions = {}): PoolingLayer<'averagePooling2d'> {
  return pooling('averagePooling2d', options);
}

export const maxPooling2dKind: Kind<PoolingLayer<'maxPooling2d'>> = {
  make: maxPooling2d,
  build: (x, { poolSize, strides, padding }) => maxPool2d(x, { size: poolSize, strides, padding }),
};

export const averagePooling2dKind: Kind<PoolingLayer<'averagePooling2d'>> = {
  make: averagePooling2d,
  build: (x, { poolSize, strides, padding }) => avgPool2d(x, { size: poolSize, strides, padding }),
};

function pooling<K extends string>(kind: K, options: PoolingOptions): PoolingLayer<K> {
  checkOptions(kind, options);
  const { poolSize = 2, strides = poolSize, padding = 'valid' } = options;
  return {
    kind,
    poolSize: pairOf(kind, 'poolSize', poolSize),
    strides: pairOf(kind, 'strides', strides),
    padding: checkPadding(kind, padding),
  };
}
