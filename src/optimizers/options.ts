/** Checks of the numbers that optimizers, schedules and clipping are given. */
import { UsageError } from '../errors.ts';

/**
 * A number an optimizer is given.
 * @throws UsageError where it is not finite, less than `least`, or not less than `below`.
 */
export function checkOption(
  optimizer: string,
  option: string,
  given: number,
  { least = 0, below = Infinity }: { readonly least?: number; readonly below?: number } = {},
): number {
  if (Number.isFinite(given) && given >= least && given < below) return given;
  const range = below === Infinity ? `from ${least} on` : `from ${least} to below ${below}`;
  throw new UsageError(`${optimizer}: the ${option} is ${given}; give a finite number ${range}.`);
}
