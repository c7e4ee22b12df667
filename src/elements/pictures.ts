/** The weights of a model's first layer as pictures, where they are such: one a class, a unit or a filter. Pure. */
import type { Variable } from '../index.ts';

/** What is to be seen of a first layer. */
export interface Pictures {
  /** What a picture is of: the evidence for a class, the weights of a unit on the whole image, a filter moved over it. */
  readonly of: 'classes' | 'units' | 'filters';
  /** The variable that holds them. */
  readonly kernel: Variable;
  /** Pixels in a row of a picture. */
  readonly width: number;
  /** One a picture: the classes' names, or numbers from 1. */
  readonly labels: readonly string[];
  /** The kernel's values as `[pixels, pictures]`, row-major: the mean over the image's channels. */
  read(values: ArrayLike<number>): Float32Array;
}

/** Of units and filters no more than this are shown, the first ones. */
const MOST = 25;

/**
 * The pictures that a model's first variables hold; nothing where they act on no image.
 *
 * @param variables - The model's, layer by layer: `[pixels, units]` of a fully connected layer that the image reaches as it
 * is, or `[height, width, channels, filters]` of a convolution.
 * @param image - `[height, width, channels]`.
 */
export function picturesOf(
  variables: readonly Variable[],
  image: readonly number[],
  classes: readonly string[],
): Pictures | undefined {
  const kernels = variables.filter(({ name }) => name.endsWith('kernel'));
  const [kernel] = kernels;
  const shape = kernel?.shape ?? [];
  const count = shape.at(-1) ?? 0;
  const [, width, channels = 1] = shape.length === 4 ? shape : image;
  const pixels = shape.length === 4 ? shape.slice(0, 3) : image;
  const size = pixels.reduce<number>((product, dim) => product * (dim ?? NaN), 1);
  if (!kernel || !width || !channels || image.length !== 3 || (shape.length === 2 && shape[0] !== size))
    return undefined;
  const alone = kernels.length === 1 && shape.length === 2;
  const shown = alone ? count : Math.min(count, MOST);
  return {
    of: alone ? 'classes' : shape.length === 2 ? 'units' : 'filters',
    kernel,
    width,
    labels: Array.from({ length: shown }, (_, i) => (alone ? classes[i] : undefined) ?? `${i + 1}`),
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
