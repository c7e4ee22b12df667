/** Checks of the numbers that optimizers, schedules and clipping take. */
import { show } from '../checks.ts';
import { UsageError } from '../errors.ts';

/** A range of numbers: from `least` on (0 by default) or above `above`, and below `below`. */
interface Range {
  readonly least?: number;
  readonly above?: number;
  readonly below?: number;
}

/** @throws UsageError where the number is not finite or out of range. */
export function checkNumber(
  optimizer: string,
  option: string,
  given: number,
  { least = 0, above, below = Infinity }: Range = {},
): void {
  if (Number.isFinite(given) && (above === undefined ? given >= least : given > above) && given < below) return;
  const from = above === undefined ? `from ${least}` : `above ${above}`;
  const range = below < Infinity ? `${from} to below ${below}` : above === undefined ? `${from} on` : from;
  throw new UsageError(`${optimizer}: the ${option} is ${show(given)}; give a finite number ${range}.`);
}
