/** Processing of curves before they are drawn. */
import { describe, expect, it } from 'vitest';
import { decimate, panelsOf, smooth, summary, thin } from '../../src/elements/curves.ts';

const noisy = Array.from({ length: 100_000 }, (_, i) => ({ x: i, y: Math.sin(i * 12.9898) * 43758.5453 }));

describe('decimate', () => {
  it('keeps at most four points a column, in order, with both ends and both extremes', () => {
    const kept = decimate(noisy, 300);
    expect(kept.length).toBeLessThanOrEqual(4 * 301);
    expect(kept[0]).toBe(noisy[0]);
    expect(kept.at(-1)).toBe(noisy.at(-1));
    expect(kept.every((point, i) => i === 0 || point.x > (kept[i - 1]?.x ?? 0))).toBe(true);
    const ys = (points: typeof kept): number[] => points.map(({ y }) => y);
    expect(Math.max(...ys(kept))).toBe(Math.max(...ys(noisy)));
    expect(Math.min(...ys(kept))).toBe(Math.min(...ys(noisy)));
  });

  it.each([0, 1, 2, 1200])('leaves %i points as they are', (count) => {
    const few = noisy.slice(0, count);
    expect(decimate(few, 300)).toBe(few);
  });
});

it('smooths without dragging the first value along', () => {
  expect(smooth([])).toEqual([]);
  const flat = Array.from({ length: 200 }, (_, x) => ({ x, y: 7 }));
  smooth(flat).forEach(({ y }) => expect(y).toBeCloseTo(7, 10));
  const rough = smooth(noisy.slice(0, 500));
  const spread = (points: readonly { y: number }[]) => Math.max(...points.map(({ y }) => Math.abs(y)));
  expect(spread(rough.slice(100))).toBeLessThan(spread(noisy.slice(100, 500)) / 2);
});

it('thins evenly, the last one included', () => {
  const items = Array.from({ length: 100 }, (_, i) => i);
  expect(thin(items, 4)).toEqual([24, 49, 74, 99]);
  expect(thin(items, 200)).toBe(items);
});

it('describes a chart in a sentence, without values that are not finite', () => {
  const [loss, accuracy] = panelsOf([
    { step: 10, loss: 230.26, accuracy: 0.1 },
    { step: 20, loss: NaN, accuracy: 0.5, testAccuracy: 0.625 },
    { step: 1000, loss: 30, accuracy: 0.9 },
  ]);
  expect(loss?.faint).toHaveLength(2);
  expect(loss?.reading).toBe(30);
  expect(accuracy && summary(accuracy)).toBe(
    'Accuracy from step 20 to 20: from 62.5% to 62.5%, lowest 62.5%, highest 62.5%.',
  );
  const [empty] = panelsOf([]);
  expect(empty && summary(empty)).toBe('Loss: nothing has been trained yet.');
});
