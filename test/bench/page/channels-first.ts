/** Weights for libraries that store channels before height and width: the same values in another layout. */
import type { Layer } from 'inkling/layers';
import type { Values } from './peer.ts';

/**
 * @param weights - A kernel and a bias for each layer that has them; filters `[height, width, in, out]`.
 * @returns filters `[out, in, height, width]`, their biases `[channels, 1, 1]`, and the rows of the first dense kernel in the
 * order in which flattening such images puts their values.
 */
export function toChannelsFirst(weights: readonly Values[], layers: readonly Layer[]): Values[] {
  const weighted = layers.filter(({ kind }) => kind === 'conv2d' || kind === 'dense');
  let channels = 1;
  return weighted.flatMap(({ kind }, i) => {
    const [kernel, bias] = weights.slice(2 * i, 2 * i + 2);
    if (kernel === undefined || bias === undefined) throw new Error('there are fewer weights than layers need');
    if (kind === 'conv2d') {
      channels = kernel.shape[3] ?? 1;
      return [transpose(kernel, [3, 2, 0, 1]), { data: bias.data, shape: [channels, 1, 1] }];
    }
    const [rows = 0, units = 0] = kernel.shape;
    const places = transpose({ data: kernel.data, shape: [rows / channels, channels, units] }, [1, 0, 2]);
    channels = 1;
    return [{ data: places.data, shape: kernel.shape }, bias];
  });
}

/** As NumPy's: axis `i` of the result is axis `order[i]` of what is given. */
function transpose({ data, shape }: Values, order: readonly number[]): Values {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
  const newShape = order.map((axis) => shape[axis] ?? 0);
  const newStrides = order.map((axis) => strides[axis] ?? 0);
  const result = Float32Array.from(data, (_, index) => {
    let [rest, from] = [index, 0];
    for (let axis = newShape.length - 1; axis >= 0; axis--) {
      const size = newShape[axis] ?? 1;
      from += (rest % size) * (newStrides[axis] ?? 0);
      rest = Math.floor(rest / size);
    }
    return data[from] ?? NaN;
  });
  return { data: result, shape: newShape };
}
