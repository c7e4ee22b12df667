/** The end of an axis from zero, and its ticks. Expected values are those of d3-array's `nice` and `ticks`. */
import { expect, it } from 'vitest';
import { niceEnd, ticks } from '../../src/elements/ticks.ts';

it.each([
  [1, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]],
  [0.3, 0.3, [0, 0.1, 0.2, 0.3]],
  [0.71, 0.8, [0, 0.2, 0.4, 0.6, 0.8]],
  [2.302585, 2.5, [0, 0.5, 1, 1.5, 2, 2.5]],
  [2.9, 3, [0, 1, 2, 3]],
  [14.2, 15, [0, 5, 10, 15]],
  [87.3, 100, [0, 20, 40, 60, 80, 100]],
  [1234, 1500, [0, 500, 1000, 1500]],
  [1e-5, 1e-5, [0, 2e-6, 4e-6, 6e-6, 8e-6, 1e-5]],
  [3.4e38, 4e38, [0, 1e38, 2e38, 3e38, 4e38]],
])('an axis of values up to %d ends at %d', (highest, end, marks) => {
  expect(niceEnd(highest, 4)).toBe(end);
  expect(ticks(end, 4)).toEqual(marks);
});

it.each([
  [1, 5, [0, 0.2, 0.4, 0.6, 0.8, 1]],
  [2, 5, [0, 0.5, 1, 1.5, 2]],
  [7, 3, [0, 2, 4, 6]],
  [100, 5, [0, 20, 40, 60, 80, 100]],
  [1000, 3, [0, 500, 1000]],
  [1000, 5, [0, 200, 400, 600, 800, 1000]],
  [1234, 5, [0, 200, 400, 600, 800, 1000, 1200]],
  [20_000, 3, [0, 5000, 10_000, 15_000, 20_000]],
  [117_187, 5, [0, 20_000, 40_000, 60_000, 80_000, 100_000]],
])('an axis of %d steps, with about %d marks', (end, count, marks) => {
  expect(ticks(end, count)).toEqual(marks);
});

it('the ends of the range of numbers have finite axes', () => {
  expect(niceEnd(5e-324, 4)).toBe(1e-300);
  expect(niceEnd(1.7e308, 4)).toBe(1.7e308);
  expect(ticks(1e-300, 4)).toEqual([0, 1e-300]);
  expect(ticks(5e-324, 5)).toEqual([0]);
});
