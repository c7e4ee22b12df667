/** Flattening of images to rows of numbers. */
import { flatten as flattenRows } from '../index.ts';
import type { Kind } from './layer.ts';

export interface FlattenLayer {
  readonly kind: 'flatten';
}

/** Puts all numbers of an image in one row, as Keras' `Flatten`: `[batch, height, width, channels]` → `[batch, n]`. */
export function flatten(): FlattenLayer {
  return { kind: 'flatten' };
}

export const flattenKind: Kind<FlattenLayer> = { make: flatten, build: (x) => flattenRows(x) };
