/** Weights of a model's first layer as images, one for each class, unit or filter. Pure. */
import type { Variable } from '../index.ts';

/** Images of a first layer's weights. */
export interface WeightImages {
  /** The subject of an image: the evidence for a class, a unit's weights on the whole input, a filter moved over it. */
  readonly of: 'classes' | 'units' | 'filters';
  /** The variable that holds the weights. */
  readonly kernel: Variable;
  /** Pixels in a row of an image. */
  readonly width: number;
  /** A label for each image: the classes' names, or numbers from 1. */
  readonly labels: readonly string[];
  /** The kernel's values as `[pixels, images]`, row-major: the mean over the input's channels. */
  read(values: ArrayLike<number>): Float32Array;
}

/** The largest number of units or filters shown, the first ones. */
const MAX_IMAGES = 25;

/**
 * Images of a model's first kernel; `undefined` if its input is not an image.
 *
 * @param variables - The model's variables, layer by layer. The first kernel is `[pixels, units]` of a fully connected layer on
 * the unchanged image, or `[height, width, channels, filters]` of a convolution.
 * @param image - `[height, width, channels]`.
 */
export function weightImagesOf(
  variables: readonly Variable[],
  image: readonly number[],
  classes: readonly string[],
): WeightImages | undefined {
  const kernels = variables.filter(({ name }) => name.endsWith('kernel'));
  const [kernel] = kernels;
  const shape = kernel?.shape ?? [];
  const count = shape.at(-1) ?? 0;
  const [, width, channels = 1] = shape.length === 4 ? shape : image;
  const pixels = shape.length === 4 ? shape.slice(0, 3) : image;
  const size = pixels.reduce<number>((product, dim) => product * (dim ?? NaN), 1);
  if (!kernel || !width || !channels || image.length !== 3 || (shape.length === 2 && shape[0] !== size))
    return undefined;
  const single = kernels.length === 1 && shape.length === 2;
  const shown = single ? count : Math.min(count, MAX_IMAGES);
  return {
    of: single ? 'classes' : shape.length === 2 ? 'units' : 'filters',
    kernel,
    width,
    labels: Array.from({ length: shown }, (_, i) => (single ? classes[i] : undefined) ?? `${i + 1}`),
    read(values) {
      const means = new Float32Array((size / channels) * shown);
      for (let i = 0; i < size; i++) {
        const at = Math.floor(i / channels) * shown;
        for (let k = 0; k < shown; k++) means[at + k] = (means[at + k] ?? 0) + (values[i * count + k] ?? 0) / channels;
      }
      return means;
    },
  };
}
