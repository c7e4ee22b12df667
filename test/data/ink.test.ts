/**
 * digitFrom on pictures other than those of photographs.test.ts, and at its edges: blank ones, dots, thin and broken
 * strokes.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { digitFrom } from '../../src/data/digit.ts';
import { rightOf, table } from './digits/judge.ts';
import { others } from './digits/kinds.ts';
import { normal, random } from './digits/random.ts';

afterAll(() => console.log(`digits in other pictures, and how many a network tells:\n${table.join('\n')}`));

/** Those that are harder, with what is right of 60. */
const bars: Readonly<Record<string, number>> = { 'a shadow with an edge': 48, 'small squares, pencil': 54 };

describe('of 60 digits in other pictures, 57 are recognised, or the number given here', () => {
  it.each(Object.entries(others))('%s', { timeout: 120_000 }, (name, kind) => {
    expect(rightOf(name, kind, 60)).toBeGreaterThanOrEqual(bars[name] ?? 57);
  });
});

/** A grey picture; a number below 0 is a clear pixel. */
function picture(width: number, height: number, grey: (x: number, y: number) => number): ImageData {
  const data = new Uint8ClampedArray(4 * width * height);
  for (let i = 0; i < width * height; i++) {
    const value = grey(i % width, Math.floor(i / width));
    if (value >= 0) data.set([value, value, value, 255], 4 * i);
  }
  return { data, width, height, colorSpace: 'srgb' };
}

/** Width and height of the ink of a digit. */
function boxOf(digit: Float32Array): [number, number] {
  const at = Array.from(digit.keys()).filter((i) => (digit[i] ?? 0) > 0.02);
  const columns = at.map((i) => i % 28);
  const rows = at.map((i) => Math.floor(i / 28));
  if (at.length === 0) return [0, 0];
  return [Math.max(...columns) - Math.min(...columns) + 1, Math.max(...rows) - Math.min(...rows) + 1];
}

describe('the ink of pictures at their edges', () => {
  const next = random(3);
  const blank: Readonly<Record<string, (x: number, y: number, size: number) => number>> = {
    white: () => 255,
    'with noise': () => 210 + 10 * normal(next),
    lit: (x, y, size) => 220 - (70 * x + 20 * y) / size,
    'lit, with noise': (x, _, size) => 220 - (70 * x) / size + 4 * normal(next),
    'with clear corners': (x, y, size) => (x + y < size / 10 ? -1 : 230 + 3 * normal(next)),
    'letterboxed on a clear canvas': (_, y, size) => (y < size / 5 || y > 0.8 * size ? -1 : 210 + 5 * normal(next)),
    'in a frame': (x, y, size) => (Math.min(x, y, size - 1 - x, size - 1 - y) < 3 ? 0 : 250),
    clear: () => -1,
  };
  it.each(Object.entries(blank))('an empty picture is empty: paper %s', (_, grey) => {
    for (const size of [28, 100, 280, 640]) {
      const digit = digitFrom(picture(size, size, (x, y) => grey(x, y, size)));
      expect(boxOf(digit), `${size} pixels`).toEqual([0, 0]);
    }
  });

  it('a dot is a dot, on noise too, and a single pixel', () => {
    for (const [noise, radius] of [0, 5].flatMap((noise) => [0.5, 4, 20].map((radius) => [noise, radius] as const))) {
      const dot = (x: number, y: number): number => (Math.hypot(x - 60, y - 90) <= radius ? 30 : 230);
      const digit = digitFrom(picture(200, 160, (x, y) => dot(x, y) + noise * normal(next)));
      if (noise > 0 && radius < 1) continue;
      expect(boxOf(digit), `${radius} pixels, noise ${noise}`).toEqual([20, 20]);
    }
  });

  it('thin, broken and separate strokes are kept', () => {
    const line = digitFrom(picture(280, 280, (x, y) => (x === 140 && y >= 60 && y < 220 ? 40 : 240)));
    expect(boxOf(line)).toEqual([1, 20]);
    const broken = digitFrom(
      picture(280, 280, (x, y) => (x > 130 && x < 145 && y >= 60 && y < 220 && y % 40 < 30 ? 40 : 240)),
    );
    expect(boxOf(broken)).toEqual([2, 20]);
    const bar = (x: number, y: number): boolean => x > 150 && x < 190 && y > 40 && y < 52;
    const stem = (x: number, y: number): boolean => x > 100 && x < 115 && y > 70 && y < 220;
    const parts = digitFrom(picture(280, 280, (x, y) => (bar(x, y) || stem(x, y) ? 40 : 240) + 4 * normal(next)));
    expect(boxOf(parts)[0]).toBeGreaterThan(8);
  });

  it('takes pictures of one pixel, one row and one column', () => {
    expect(boxOf(digitFrom(picture(1, 1, () => 0)))).toEqual([0, 0]);
    expect(boxOf(digitFrom(picture(50, 1, (x) => (x > 20 && x < 30 ? 0 : 255))))[0]).toBe(20);
    expect(boxOf(digitFrom(picture(1, 50, (_, y) => (y > 20 && y < 30 ? 0 : 255))))[1]).toBe(20);
  });
});
