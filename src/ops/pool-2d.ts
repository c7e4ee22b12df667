/** Pooling of images: the greatest element, or the mean, of each window. */
import { checkOptions } from '../checks.ts';
import { broadcastTo } from '../graph/broadcast.ts';
import { constant } from '../graph/sources.ts';
import { compose, input, type Tensor } from '../graph/tensor.ts';
import { argMax } from './arg-max.ts';
import { cast } from './cast.ts';
import { equal } from './compare.ts';
import { div } from './div.ts';
import { mul } from './mul.ts';

import { reduceMean } from './reduce-mean.ts';
import { reduceSum } from './reduce-sum.ts';
import { reduce, reduceOp } from './reduce.ts';
import { expandDims, reshape } from './reshape.ts';
import { slidingWindow, unfold, type Padding, type Pair } from './unfold.ts';

export interface PoolOptions {
  /** Size of the window. */
  readonly size: Pair;
  /** Step of the window; its size by default. */
  readonly strides?: Pair | undefined;
  /** `valid` (windows inside the image) by default. */
  readonly padding?: Padding | undefined;
}

/** @inline */
type Images = Tensor<[number | null, number, number, number]>;

/** The least finite float32, the value of margins: no finite element is less. */
const LEAST = -3.4028234663852886e38;

/** The greatest element of each window of [batch, rows, columns, window, channels]. The first of equal ones has the gradient. */
const windowMaxOp = /* @__PURE__ */ reduceOp('windowMax', 'max', {
  gradient(node, dy) {
    const windows = input(node.inputs, 0);
    const count = windows.shape[3] ?? 1;
    const indices = constant(
      Int32Array.from({ length: count }, (_, i) => i),
      [count, 1],
    );
    const greatest = equal(expandDims(argMax(windows, 3), 3), indices);
    return [mul(cast(greatest, 'float32'), expandDims(dy, 3))];
  },
});

/**
 * The greatest element of each window of images, by channel; margins are ignored. Of equal elements the first has the
 * gradient, as in `tf.nn.max_pool2d`.
 *
 * @param x - Float32 [batch, height, width, channels]; all but the batch known.
 * @throws GraphError where a window does not fit into an image, or a size is not known.
 */
export function maxPool2d(x: Tensor, options: PoolOptions): Images {
  return compose({ op: 'maxPool2d' }, () =>
    reduce(windowMaxOp, windowsOf('maxPool2d', x, options, LEAST), { axis: 3 }),
  );
}

/**
 * The mean of each window of images, by channel. Elements of the margin do not count, as in `tf.nn.avg_pool2d`.
 *
 * @param x - Float32 [batch, height, width, channels]; all but the batch known.
 * @throws GraphError where a window does not fit into an image, or a size is not known.
 */
export function avgPool2d(x: Tensor, options: PoolOptions): Images {
  return compose({ op: 'avgPool2d' }, () => meanOfWindows(x, options));
}

function meanOfWindows(x: Tensor, options: PoolOptions): Images {
  const windows = windowsOf('avgPool2d', x, options, 0);
  if (options.padding !== 'same') return reduceMean(windows, { axis: 3 }) as Images;
  const inside = windowsOf(
    'avgPool2d',
    broadcastTo(constant(1), [1, ...x.shape.slice(1, 3).map(Number), 1]),
    options,
    0,
  );
  return div(reduceSum(windows, { axis: 3 }), reduceSum(inside, { axis: 3 })) as Images;
}

/** [batch, rows, columns, window, channels] */
function windowsOf(op: string, x: Tensor, options: PoolOptions, margin: number): Tensor {
  checkOptions(op, options, '{ size: 2 }');
  const { size, strides = size, padding = 'valid' } = options;
  const { padded, window } = slidingWindow(op, x, { size, strides, padding, margin });
  const patches = unfold(padded, window);
  const [batch = null, rows = null, columns = null, height, width, channels = null] = patches.shape;
  return reshape(patches, [batch, rows, columns, (height ?? 1) * (width ?? 1), channels]);
}
