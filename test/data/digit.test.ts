/**
 * Drawings converted to MNIST's form.
 */
import { describe, expect, it } from 'vitest';
import { digitFrom } from '../../src/data/digit.ts';
import { loadMnist } from '../../src/data/mnist.ts';
import { UsageError } from '../../src/errors.ts';

type Pixel = readonly [number, number, number, number];

function drawing(width: number, height: number, pixel: (x: number, y: number) => Pixel): ImageData {
  const data = new Uint8ClampedArray(4 * width * height);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) data.set(pixel(x, y), 4 * (y * width + x));
  return { data, width, height, colorSpace: 'srgb' };
}

const clear: Pixel = [0, 0, 0, 0];
const black: Pixel = [0, 0, 0, 255];
const white: Pixel = [255, 255, 255, 255];

/** Whether (x, y) is on a thick stroke of a 7 with its corner at (left, top), 90 wide and 140 high. */
const seven =
  (left: number, top: number) =>
  (x: number, y: number): boolean => {
    const [u, v] = [x - left, y - top];
    if (u < 0 || u >= 90 || v < 0 || v >= 140) return false;
    return v < 18 || Math.abs(u - (81 - (v / 140) * 60)) < 9;
  };

/** Bounds (inclusive) and centre of mass of a digit. */
function measured(digit: Float32Array) {
  let [left, right, top, bottom, mass, x, y] = [28, -1, 28, -1, 0, 0, 0];
  digit.forEach((ink, i) => {
    if (ink === 0) return;
    [left, right] = [Math.min(left, i % 28), Math.max(right, i % 28)];
    [top, bottom] = [Math.min(top, Math.floor(i / 28)), Math.max(bottom, Math.floor(i / 28))];
    mass += ink;
    x += ink * (i % 28);
    y += ink * Math.floor(i / 28);
  });
  return { left, top, width: right - left + 1, height: bottom - top + 1, mass, x: x / mass, y: y / mass };
}

describe('digitFrom', () => {
  const onClear = drawing(280, 280, (x, y) => (seven(30, 100)(x, y) ? black : clear));
  const digit = digitFrom(onClear);

  it('fits the ink into 20 pixels and keeps its proportions', () => {
    const { width, height } = measured(digit);
    expect(height).toBe(20);
    expect(width).toBe(Math.ceil((20 * 90) / 140));
  });

  it('puts the centre of mass on (14, 14) to half a pixel, as MNIST does', () => {
    const { x, y } = measured(digit);
    expect(Math.abs(x - 14)).toBeLessThanOrEqual(0.5);
    expect(Math.abs(y - 14)).toBeLessThanOrEqual(0.5);
  });

  it('gives values of 0…1, up to 1', () => {
    expect(digit.length).toBe(784);
    expect(Math.max(...digit)).toBe(1);
    expect(Math.min(...digit)).toBe(0);
  });

  it('does not care where or how large it was drawn', () => {
    expect(digitFrom(drawing(280, 280, (x, y) => (seven(150, 20)(x, y) ? black : clear)))).toEqual(digit);
    const large = digitFrom(drawing(560, 560, (x, y) => (seven(30, 100)(x >> 1, y >> 1) ? black : clear)));
    large.forEach((ink, i) => expect(ink).toBeCloseTo(digit[i] ?? NaN, 5));
  });

  it('takes any colour on a transparent background', () => {
    for (const pen of [white, [200, 10, 30, 255], [0, 0, 0, 128]] as const) {
      const other = digitFrom(drawing(280, 280, (x, y) => (seven(30, 100)(x, y) ? pen : clear)));
      other.forEach((ink, i) => expect(ink).toBeCloseTo(digit[i] ?? NaN, 5));
    }
  });

  it('takes dark on light, light on dark, and pen on coloured paper with a little noise', () => {
    const noise = (x: number, y: number): number => ((x * 31 + y * 17) % 7) - 3;
    const papers: [Pixel, Pixel][] = [
      [black, white],
      [white, black],
      [
        [20, 40, 120, 255],
        [250, 240, 200, 255],
      ],
    ];
    for (const [pen, paper] of papers) {
      const other = digitFrom(
        drawing(280, 280, (x, y) => {
          const [r, g, b] = seven(30, 100)(x, y) ? pen : paper;
          const n = noise(x, y);
          return [r + n, g + n, b + n, 255];
        }),
      );
      other.forEach((ink, i) => expect(Math.abs(ink - (digit[i] ?? NaN))).toBeLessThan(0.03));
    }
  });

  it('averages areas: a checkerboard becomes grey, a scaled pattern keeps its exact means', () => {
    const checks = digitFrom(drawing(80, 80, (x, y) => (((x >> 1) + (y >> 1)) % 2 === 0 ? black : clear)));
    // 4 × 4 pixels fall on one: half of them are ink, and the strongest pixel is made 1.
    expect(checks.filter((ink) => ink === 1)).toHaveLength(400);
    // Columns of full, half and no ink, each 3 wide, 60 in all.
    const columns = digitFrom(drawing(60, 60, (x) => [0, 0, 0, x % 6 < 3 ? 255 : 51]));
    const row = Array.from(columns.subarray(14 * 28, 15 * 28)).filter((ink) => ink > 0);
    expect(row).toHaveLength(20);
    row.forEach((ink, i) => expect(ink).toBeCloseTo(i % 2 === 0 ? 1 : 0.2, 5));
  });

  it('enlarges small and thin drawings and single dots, and cuts nothing off', () => {
    const dot = measured(digitFrom(drawing(50, 50, (x, y) => (x === 49 && y === 0 ? black : clear))));
    expect(dot).toMatchObject({ width: 20, height: 20, left: 5, top: 5, mass: 400 });
    const line = measured(
      digitFrom(drawing(300, 300, (x, y) => (x > 100 && x < 111 && y > 40 && y < 241 ? black : clear))),
    );
    expect(line).toMatchObject({ width: 1, height: 20, left: 14 });
    // All of the weight at one end: the box stays inside.
    const club = digitFrom(drawing(100, 100, (x, y) => (y < 100 && (y > 90 || x === 0) ? black : clear)));
    expect(measured(club)).toMatchObject({ width: 20, height: 20 });
    const long = digitFrom(drawing(1000, 40, (_, y) => (y > 10 && y < 30 ? black : clear)));
    expect(measured(long)).toMatchObject({ width: 20, height: 1 });
  });

  it("gives back MNIST's own digits, enlarged tenfold", async () => {
    const { test } = await loadMnist();
    const errors = Array.from({ length: 100 }, (_, i) => {
      const { data } = test.image(i);
      const at = (x: number, y: number): number => 4 * (Math.floor(y / 10) * 28 + Math.floor(x / 10));
      const grey = (x: number, y: number): number => data[at(x, y)] ?? 0;
      const again = digitFrom(drawing(280, 280, (x, y) => [grey(x, y), grey(x, y), grey(x, y), 255]));
      const mass = again.reduce((sum, ink) => sum + ink, 0);
      return again.reduce((sum, ink, pixel) => sum + Math.abs(ink - (data[4 * pixel] ?? 0) / 255), 0) / mass;
    });
    // Almost all to 2 % of their ink; where the centre of mass lies between two pixels, one pixel off.
    expect(errors.filter((error) => error < 0.02).length).toBeGreaterThanOrEqual(95);
  });

  it('gives zeros where nothing is drawn', () => {
    const blank = new Float32Array(784);
    for (const paper of [clear, white, black, [90, 120, 200, 255]] as const) {
      expect(digitFrom(drawing(28, 28, () => paper))).toEqual(blank);
    }
    expect(digitFrom(drawing(28, 28, (x, y) => [250 + ((x + y) % 5), 250, 250, 255]))).toEqual(blank);
    expect(digitFrom(drawing(0, 0, () => clear))).toEqual(blank);
  });

  it('reads a canvas through its 2D context', () => {
    const context = { getImageData: (_x: number, _y: number, width: number) => (width === 280 ? onClear : undefined) };
    const canvas = { width: 280, height: 280, getContext: (kind: string) => (kind === '2d' ? context : null) };
    expect(digitFrom(canvas as unknown as HTMLCanvasElement)).toEqual(digit);
    const other = { ...canvas, getContext: () => null } as unknown as HTMLCanvasElement;
    expect(() => digitFrom(other)).toThrow(UsageError);
  });
});
