/** Checks of the numbers that optimizers, schedules and clipping are given. */
import { show } from '../checks.ts';
import { UsageError } from '../errors.ts';

/** What a number may be: from `least` on, 0 by default, or only above `above`; less than `below`. */
interface Range {
  readonly least?: number;
  readonly above?: number;
  readonly below?: number;
}

/**
 * A number an optimizer is given.
 * @throws UsageError where it is not finite or out of range.
 */
export function checkOption(
  optimizer: string,
  option: string,
  given: number,
  { least = 0, above, below = Infinity }: Range = {},
): number {
  if (Number.isFinite(given) && (above === undefined ? given >= least : given > above) && given < below) return given;
  const from = above === undefined ? `from ${least}` : `above ${above}`;
  const range = below < Infinity ? `${from} to below ${below}` : above === undefined ? `${from} on` : from;
  throw new UsageError(`${optimizer}: the ${option} is ${show(given)}; give a finite number ${range}.`);
}
