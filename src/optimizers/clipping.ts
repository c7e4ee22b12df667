/** Gradient clipping: by element, or by the norm of all gradients together. */
import type { Check } from '../graph/operation.ts';
import type { Tensor } from '../graph/tensor.ts';
import { add } from '../ops/add.ts';
import { clip } from '../ops/clip.ts';
import { div } from '../ops/div.ts';
import { maximum } from '../ops/maximum.ts';
import { mul } from '../ops/mul.ts';
import { reduceSum } from '../ops/reduce-sum.ts';
import { sqrt } from '../ops/sqrt.ts';
import { square } from '../ops/square.ts';
import { checkNumber } from './options.ts';

export interface Clipping {
  /** Bound of each element of a gradient, which is clipped to [-clipValue, clipValue]: Keras' `clipvalue`. */
  readonly clipValue?: number | undefined;
  /** Bound of the norm of all gradients together, which are scaled down to it: Keras' `global_clipnorm`. */
  readonly globalClipNorm?: number | undefined;
}

/**
 * Clips gradients by value, then by norm. The norm is one of the returned checks: it may be infinite though all gradients are
 * finite, and would make all of them zero.
 *
 * @throws UsageError where a bound is out of range.
 */
export function clipGradients(
  optimizer: string,
  gradients: readonly Tensor[],
  { clipValue, globalClipNorm }: Clipping,
): { readonly clipped: readonly Tensor[]; readonly checks: readonly Check[] } {
  let clipped = gradients;
  const checks: Check[] = [];
  if (clipValue !== undefined) {
    checkNumber(optimizer, 'clipValue', clipValue);
    clipped = clipped.map((gradient) => clip(gradient, -clipValue, clipValue));
  }
  if (globalClipNorm !== undefined) {
    checkNumber(optimizer, 'globalClipNorm', globalClipNorm, { least: 1e-30 });
    const norm = sqrt(
      clipped.map((gradient): Tensor => reduceSum(square(gradient))).reduce((a, b) => add<Tensor, Tensor>(a, b)),
    );
    checks.push({ name: 'global norm', tensor: norm });
    const scale = div(globalClipNorm, maximum(norm, globalClipNorm));
    clipped = clipped.map((gradient) => mul<Tensor, Tensor>(gradient, scale));
  }
  return { clipped, checks };
}
