/** Numbers and names as text. English, as all of the elements' text is. */

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const decimal = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });
const percentage = new Intl.NumberFormat('en', {
  style: 'percent',
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
});

/** The names of MNIST's classes. */
export const DIGITS: readonly string[] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];

/** `12,345`. */
export function formatCount(value: number): string {
  return whole.format(value);
}

/** Three digits that count: `0.0123`, `28.1`; whole from a thousand on. */
export function formatNumber(value: number): string {
  return Math.abs(value) >= 1000 ? whole.format(value) : decimal.format(value);
}

/** `92.0%`. */
export function formatPercent(share: number): string {
  return percentage.format(share);
}
