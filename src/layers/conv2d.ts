/** A convolutional layer. */
import { checkOptions } from '../checks.ts';
import { conv2d as convolve, GraphError, type Padding, type Pair } from '../index.ts';
import { addBiasAndActivate, fillKernelOptions, type FilledKernelOptions, type KernelOptions } from './dense.ts';
import { initializer } from './initializers.ts';
import { checkCount, checkOption, pairOf, type Kind } from './layer.ts';

export interface Conv2dLayerOptions extends KernelOptions {
  /** The number of channels of the result. */
  readonly filters: number;
  /** The filters' size: one number, or [height, width]. */
  readonly kernelSize: Pair;
  /** The step between two positions of a filter; default 1. */
  readonly strides?: Pair | undefined;
  /** Default: `valid`, no margins. */
  readonly padding?: Padding | undefined;
}

export interface Conv2dLayer extends FilledKernelOptions {
  readonly kind: 'conv2d';
  readonly filters: number;
  readonly kernelSize: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly padding: Padding;
}

/**
 * Convolution of images, as Keras' `Conv2D`: `[batch, height, width, channels]` → `[batch, rows, columns, filters]`.
 * @throws UsageError on an invalid option.
 */
export function conv2d(given: Conv2dLayerOptions): Conv2dLayer {
  checkOptions('conv2d', given, '{ filters: 32, kernelSize: 3 }');
  const { filters, kernelSize, strides = 1, padding = 'valid', ...options } = given;
  checkCount('conv2d', 'filters', filters);
  return {
    kind: 'conv2d',
    filters,
    kernelSize: pairOf('conv2d', 'kernelSize', kernelSize),
    strides: pairOf('conv2d', 'strides', strides),
    padding: checkPadding('conv2d', padding),
    ...fillKernelOptions('conv2d', options),
  };
}

export const conv2dKind: Kind<Conv2dLayer> = {
  make: conv2d,
  build(x, layer, scope) {
    const { filters, kernelSize, kernelInitializer, strides, padding } = layer;
    const channels = x.shape[3];
    if (!channels) throw new GraphError('conv2d takes images [height, width, channels]; put it before flatten().');
    const kernel = scope.weight('kernel', initializer(kernelInitializer, [...kernelSize, channels, filters]));
    return addBiasAndActivate(convolve(x, kernel, { strides, padding }), filters, layer, scope);
  },
};

export function checkPadding(kind: string, padding: Padding): Padding {
  // A file may hold any value.
  checkOption(kind, 'padding', padding, ['same', 'valid'].includes(padding), `'same' or 'valid'`);
  return padding;
}
