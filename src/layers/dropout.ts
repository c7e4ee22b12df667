/** Dropout as a layer. */
import { checkOptions } from '../checks.ts';
import { dropout as drop } from '../index.ts';
import { checkOption, type Kind } from './layer.ts';

export interface DropoutLayer {
  readonly kind: 'dropout';
  readonly rate: number;
}

/**
 * Sets each value to zero with probability `rate` and scales up the others, as Keras' `Dropout`; the identity outside of
 * training. The session's seed, the step and the layer's name decide which values.
 * @throws UsageError unless 0 ≤ rate < 1.
 */
export function dropout(options: { readonly rate: number }): DropoutLayer {
  checkOptions('dropout', options, '{ rate: 0.5 }');
  const { rate } = options;
  const holds = typeof rate === 'number' && rate >= 0 && rate < 1;
  checkOption('dropout', 'rate', rate, holds, 'the share to drop, from 0 to less than 1');
  return { kind: 'dropout', rate };
}

export const dropoutKind: Kind<DropoutLayer> = {
  make: dropout,
  build: (x, { rate }, { name }) => drop(x, rate, { name }),
};
