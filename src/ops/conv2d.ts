/** Convolution of images: a matrix product of their patches, read in place, and the filters. */
import { checkOptions } from '../checks.ts';
import { GraphError } from '../errors.ts';
import { compose, describeTensor, type Tensor } from '../graph/tensor.ts';
import { checkDType, FLOAT } from './elementwise.ts';
import { matmul } from './matmul.ts';
import { slidingWindow, unfold, type Padding, type Pair } from './unfold.ts';
import { reshape } from './reshape.ts';

export interface Conv2dOptions {
  /** Step of the filter, 1 by default. */
  readonly strides?: Pair | undefined;
  /** `valid` (no margins) by default. */
  readonly padding?: Padding | undefined;
}

/**
 * Convolution of neural networks (cross-correlation), as `tf.nn.conv2d`:
 * y[b, i, j, n] = Σ x[b, i·s + u, j·s + v, c] · filters[u, v, c, n].
 *
 * @param x - Images, float32 [batch, height, width, channels]; all but the batch known.
 * @param filters - float32 [height, width, channels, filters].
 * @returns [batch, rows, columns, filters].
 * @throws GraphError where the channels differ, a filter does not fit into an image, or a size is not known.
 */
export function conv2d(
  x: Tensor,
  filters: Tensor,
  options: Conv2dOptions = {},
): Tensor<[number | null, number, number, number]> {
  checkOptions('conv2d', options);
  checkDType('conv2d', filters, FLOAT);
  return compose({ op: 'conv2d' }, () => convolve(x, filters, options));
}

function convolve(
  x: Tensor,
  filters: Tensor,
  { strides = 1, padding = 'valid' }: Conv2dOptions,
): Tensor<[number | null, number, number, number]> {
  const [height, width, channels, count] = filters.shape;
  if (filters.shape.length !== 4 || !height || !width || !channels || !count) {
    throw new GraphError(
      `conv2d: the filters ${describeTensor(filters)} have the wrong shape; give [height, width, channels, filters], all known.`,
    );
  }
  const { padded, window } = slidingWindow('conv2d', x, { size: [height, width], strides, padding });
  if (x.shape[3] !== channels) {
    throw new GraphError(
      `conv2d: ${describeTensor(x)} has ${String(x.shape[3])} channels, the filters ${describeTensor(filters)} take ${channels}; make them equal.`,
    );
  }
  const patches = unfold(padded, window);
  const [batch = null, rows = null, columns = null] = patches.shape;
  const size = height * width * channels;
  const product = matmul(reshape(patches, [-1, size]), reshape(filters, [size, count]));
  return reshape(product, [batch ?? -1, rows, columns, count]) as Tensor<[number | null, number, number, number]>;
}
