/** Round numbers along an axis from zero (Heckbert, "Nice Numbers for Graph Labels", Graphics Gems, 1990). */

/** The `i`-th multiple of a step that is 1, 2 or 5 times a power of ten: about `count` of them reach `end`. */
function multiplesFor(end: number, count: number): (i: number) => number {
  const rough = end / count;
  // Powers of ten below this one have no reciprocal.
  const power = Math.max(-300, Math.floor(Math.log10(rough)));
  const mantissa = rough / 10 ** power;
  // Each bound is the geometric mean of the factors beside it.
  const factor = mantissa < Math.SQRT2 ? 1 : mantissa < Math.sqrt(10) ? 2 : mantissa < Math.sqrt(50) ? 5 : 10;
  // Division by a whole number rounds once: 3 / 10 is 0.3, and 3 * 0.1 is not.
  const divisor = 10 ** -power / factor;
  const step = 10 ** power * factor;
  return power < 0 ? (i) => i / divisor : (i) => i * step;
}

/** The lowest multiple of the step that is not below `highest`; the step is that of the axis that ends there. */
export function niceEnd(highest: number, count: number): number {
  const multiple = multiplesFor(highest, count);
  const below = Math.floor(highest / multiple(1));
  const end = [below, below + 1].map(multiple).find((value) => value >= highest);
  return end === undefined || end === highest || end === Infinity ? highest : niceEnd(end, count);
}

/** Zero and the multiples of the step up to `end`. */
export function ticks(end: number, count: number): number[] {
  const multiple = multiplesFor(end, count);
  const last = Math.round(end / multiple(1));
  return Array.from({ length: last + 1 }, (_, i) => multiple(i)).filter((tick) => tick <= end);
}
