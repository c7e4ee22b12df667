/**
 * Checks of a `Preprocessing` from a program or a model's file.
 */
import { isRecord, refuse } from '../checks.ts';

/** @throws UsageError unless `given` is one of `allowed`, or left out */
export function checkOneOf(
  option: string,
  given: unknown,
  allowed: readonly string[],
  text = allowed.map((one) => `'${one}'`).join(' or '),
): void {
  if (given !== undefined && !allowed.includes(given as string)) refuse(option, given, text);
}

/**
 * Checks the fields of a `Preprocessing`, all of them optional.
 *
 * @param nameOf - The name of an option in messages.
 * @throws UsageError with the invalid option
 */
export function checkPreprocessing(
  given: Readonly<Partial<Record<'background' | 'ink' | 'resampling' | 'handwriting' | 'drawing', unknown>>>,
  nameOf: (option: string) => string,
): void {
  checkOneOf(nameOf('background'), given.background, ['white', 'black']);
  checkOneOf(nameOf('ink'), given.ink, ['light', 'dark'], "'light', 'dark', or leave it out");
  checkOneOf(nameOf('resampling'), given.resampling, ['bilinear', 'nearest']);
  checkHandwriting(nameOf('handwriting'), given.handwriting);
  checkHandwriting(nameOf('drawing'), given.drawing);
}

function checkHandwriting(option: string, given: unknown): void {
  if (given === undefined) return;
  const { box, centre }: Readonly<Record<string, unknown>> = isRecord(given) ? given : {};
  if (!(typeof box === 'number' && box >= 1) || (centre !== 'mass' && centre !== 'box'))
    refuse(option, given, "{ box: 20, centre: 'mass' }, or 'box' for the centre");
}
