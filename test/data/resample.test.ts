/**
 * Conversion of pixels to rows: backgrounds, channels and sizes.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rowOf } from '../../src/data/resample.ts';

const pixels = (width: number, height: number, ...values: number[]) => ({
  data: Uint8ClampedArray.from({ length: 4 * width * height }, (_, i) => values[i % values.length] ?? 0),
  width,
  height,
});

describe('rowOf', () => {
  it('keeps the pixels of a picture of the same size, in every number of channels', () => {
    const two = pixels(2, 1, 10, 20, 30, 255, 200, 100, 50, 255);
    expect([...rowOf(two, [1, 2, 3], 'black')]).toEqual([10, 20, 30, 200, 100, 50]);
    expect([...rowOf(two, [1, 2, 4], 'black')]).toEqual([10, 20, 30, 255, 200, 100, 50, 255]);
    expect([...rowOf(two, [1, 2, 1], 'white')]).toEqual([18, 124]); // 0.299 R + 0.587 G + 0.114 B
    expect([...rowOf(two, [1, 2, 2], 'white')]).toEqual([18, 255, 124, 255]);
  });

  it('shows the background through transparent pixels, unless opacity is a channel', () => {
    const half = pixels(1, 1, 200, 100, 0, 51);
    expect([...rowOf(half, [1, 1, 3], 'white')]).toEqual([244, 224, 204]);
    expect([...rowOf(half, [1, 1, 3], 'black')]).toEqual([40, 20, 0]);
    expect([...rowOf(half, [1, 1, 4], 'white')]).toEqual([200, 100, 0, 51]);
    expect([...rowOf(pixels(1, 1, 9, 9, 9, 0), [1, 1, 1], 'white')]).toEqual([255]);
    expect([...rowOf(pixels(1, 1, 9, 9, 9, 0), [1, 1, 4], 'white')]).toEqual([0, 0, 0, 0]);
  });

  // The numbers are those of Pillow 12: Image.resize(size, Image.BILINEAR).
  it('resamples with a triangle filter', () => {
    const ramp = pixels(8, 1, ...[0, 10, 30, 60, 100, 150, 210, 250].flatMap((v) => [v, v, v, 255]));
    expect([...rowOf(ramp, [1, 4, 1], 'white')]).toEqual([9, 48, 128, 219]);
    expect([...rowOf(ramp, [1, 3, 1], 'white')]).toEqual([16, 85, 199]);
    expect([...rowOf(ramp, [1, 5, 1], 'white')]).toEqual([4, 30, 81, 156, 234]);
    const step = pixels(2, 1, 0, 0, 0, 255, 100, 100, 100, 255);
    expect([...rowOf(step, [1, 4, 1], 'white')]).toEqual([0, 25, 75, 100]);
  });

  it('takes the nearest pixel where it is asked to', () => {
    const ramp = pixels(4, 1, ...[0, 10, 30, 60].flatMap((v) => [v, v, v, 255]));
    expect([...rowOf(ramp, [1, 2, 1], 'white', 'nearest')]).toEqual([10, 60]);
    expect([...rowOf(ramp, [1, 8, 1], 'white', 'nearest')]).toEqual([0, 0, 10, 10, 30, 30, 60, 60]);
    expect([...rowOf(ramp, [2, 4, 1], 'white', 'nearest')]).toEqual([0, 10, 30, 60, 0, 10, 30, 60]);
  });

  it('does not let clear pixels colour their neighbours', () => {
    const beside = pixels(2, 1, 255, 0, 0, 255, 0, 255, 0, 0);
    expect([...rowOf(beside, [1, 1, 4], 'white')]).toEqual([255, 0, 0, 128]);
  });

  it('keeps one colour, at any size', () => {
    const sizes = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }));
    fc.assert(
      fc.property(sizes, sizes, fc.nat(255), ([w, h], [width, height], value) => {
        const row = rowOf(pixels(w, h, value, value, value, 255), [height, width, 1], 'white');
        expect([...row]).toEqual(Array.from({ length: width * height }, () => value));
      }),
    );
  });

  it('works along both axes alike', () => {
    const values = Array.from({ length: 15 }, (_, i) => (i * i * 7) % 256);
    const picture = (at: (x: number, y: number) => number, width: number, height: number) =>
      pixels(
        width,
        height,
        ...Array.from({ length: 15 }, (_, i) => at(i % width, Math.floor(i / width))).flatMap((v) => [v, v, v, 255]),
      );
    const row = rowOf(
      picture((x, y) => values[y * 5 + x] ?? 0, 5, 3),
      [2, 3, 1],
      'white',
    );
    const turned = rowOf(
      picture((x, y) => values[x * 5 + y] ?? 0, 3, 5),
      [3, 2, 1],
      'white',
    );
    expect([...turned]).toEqual([0, 1, 2].flatMap((x) => [0, 1].map((y) => row[y * 3 + x])));
  });
});
