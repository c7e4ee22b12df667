/** Gradients kept within bounds: each element, or all of them together. */
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
import { checkOption } from './options.ts';

export interface Clipping {
  /** Each element of a gradient is clipped to [-clipValue, clipValue]: Keras' `clipvalue`. */
  readonly clipValue?: number | undefined;
  /** The gradients are scaled down so that their norm, taken over all of them, is at most this: Keras' `global_clipnorm`. */
  readonly globalClipNorm?: number | undefined;
}

/**
 * The gradients, clipped as asked: by value, then by norm. One that is not finite is found by the step's checks; so is a norm
 * that is not, though the gradients be: with it, all would become zero.
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
    checkOption(optimizer, 'clipValue', clipValue);
    clipped = clipped.map((gradient) => clip(gradient, -clipValue, clipValue));
  }
  if (globalClipNorm !== undefined) {
    checkOption(optimizer, 'globalClipNorm', globalClipNorm, { least: 1e-30 });
    const norm = sqrt(
      clipped.map((gradient): Tensor => reduceSum(square(gradient))).reduce((a, b) => add<Tensor, Tensor>(a, b)),
    );
    checks.push({ name: 'global norm', tensor: norm });
    const scale = div(globalClipNorm, maximum(norm, globalClipNorm));
    clipped = clipped.map((gradient) => mul<Tensor, Tensor>(gradient, scale));
  }
  return { clipped, checks };
}
