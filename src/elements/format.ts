/** Numbers and names as text, in English like all text of the elements. */

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const decimal = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });
const percentage = new Intl.NumberFormat('en', {
  style: 'percent',
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
});

/** The names of MNIST's classes. */
export const DIGITS: readonly string[] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];

/** A count, as `12,345`. */
export function formatCount(value: number): string {
  return whole.format(value);
}

/** A number with three significant digits, as `0.0123` or `28.1`; rounded to an integer from a thousand on. */
export function formatNumber(value: number): string {
  return Math.abs(value) >= 1000 ? whole.format(value) : decimal.format(value);
}

/** A share as a percentage, `92.0%`. */
export function formatPercent(share: number): string {
  return percentage.format(share);
}
