/**
 * The IDX parser, against files that are broken at each place.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseIdx } from '../../src/data/idx.ts';
import { DataError } from '../../src/errors.ts';
import { idx, joined } from './files.ts';

const parse = (bytes: Uint8Array<ArrayBuffer>) => parseIdx({ name: 'digits', bytes }, 'images', [3, 4]);

describe('parseIdx', () => {
  it('reads shape and data', () => {
    expect(parse(idx([2, 3, 4]))).toEqual({ shape: [2, 3, 4], data: Uint8Array.from({ length: 24 }, (_, i) => i) });
    expect(parse(idx([1, 1, 1, 3], [7, 8, 9]))).toEqual({ shape: [1, 1, 1, 3], data: Uint8Array.of(7, 8, 9) });
  });

  it('reads at any offset of a buffer', () => {
    const bytes = joined([9, 9, 9], idx([2, 1, 2])).subarray(3);
    expect(parse(bytes)).toEqual({ shape: [2, 1, 2], data: Uint8Array.of(0, 1, 2, 3) });
  });

  const header = (...words: number[]): Uint8Array<ArrayBuffer> => {
    const bytes = new Uint8Array(4 + 4 * words.length);
    bytes.set([0, 0, 8, words.length]);
    words.forEach((word, i) => {
      new DataView(bytes.buffer).setUint32(4 + 4 * i, word);
    });
    return bytes;
  };
  const faults: [string, Uint8Array<ArrayBuffer>, string][] = [
    ['nothing', Uint8Array.of(), "expected a header of 4 bytes, found the file's end (at byte 0)"],
    ['half a magic number', Uint8Array.of(0, 0, 8), "expected a header of 4 bytes, found the file's end (at byte 3)"],
    ['a PNG', joined([0x89, 0x50], idx([1, 1, 1])), 'expected the magic bytes 00 00, found 89 50 (at byte 0)'],
    ['what is none', Uint8Array.of(3, 4, 8, 3), 'expected the magic bytes 00 00, found 03 04 (at byte 0)'],
    ['floats', idx([1, 1, 1], [0], 0x0d), 'expected type code 08 (unsigned bytes), found 0d (float32) (at byte 2)'],
    ['no type', idx([1, 1, 1], [0], 0x42), 'expected type code 08 (unsigned bytes), found 42 (at byte 2)'],
    ['labels', idx([5]), 'expected 3 or 4 dimensions, found 1 (at byte 3)'],
    ['half a header', idx([1, 1, 1]).slice(0, 10), "expected 3 sizes up to byte 16, found the file's end (at byte 10)"],
    ['no images', idx([0, 28, 28]), 'expected sizes of 1 or more, found [0, 28, 28] (at byte 4)'],
    ['no width', idx([3, 28, 0]), 'expected sizes of 1 or more, found [3, 28, 0] (at byte 12)'],
    ['too little', idx([2, 2, 2]).slice(0, -1), 'its sizes [2, 2, 2] need 8 bytes of data, found 7 (at byte 23)'],
    ['too much', joined(idx([2, 2, 2]), [1, 2]), 'its sizes [2, 2, 2] need 8 bytes of data, found 10 (at byte 24)'],
    ['an overflow of 32 bits', header(65536, 65536, 1), 'need 4294967296 bytes of data, found 0 (at byte 16)'],
    ['an overflow of 53 bits', header(2 ** 32 - 1, 2 ** 32 - 1, 2 ** 32 - 1, 2 ** 32 - 1), 'bytes of data, found 0'],
    ['an overflow of 64 bits to 0', header(2 ** 31, 2 ** 31, 4), 'need 18446744073709552000 bytes of data, found 0'],
  ];

  it.each(faults)('refuses %s', (_, bytes, message) => {
    expect(() => parse(bytes)).toThrow(DataError);
    expect(() => parse(bytes)).toThrow(message);
    expect(() => parse(bytes)).toThrow(/^digits is not an IDX file of images: .* Check that the right file is given/);
  });

  it('either reads the file or throws a DataError, for each flipped byte', () => {
    const whole = idx([2, 3, 2]);
    const flip = fc.record({ at: fc.nat(whole.length - 1), by: fc.integer({ min: 1, max: 255 }) });
    fc.assert(
      fc.property(flip, ({ at, by }) => {
        const flipped = whole.map((byte, i) => (i === at ? byte ^ by : byte));
        if (at < 16) expect(() => parse(flipped)).toThrow(DataError);
        else expect(parse(flipped)).toEqual({ shape: [2, 3, 2], data: flipped.subarray(16) });
      }),
    );
  });

  it('throws nothing but a DataError at random bytes', () => {
    const anything = fc.uint8Array({ maxLength: 40 });
    fc.assert(
      fc.property(anything, fc.nat(4), (bytes, headed) => {
        const file = joined([0, 0, 8, 3].slice(0, headed), bytes);
        try {
          const { shape, data } = parse(file);
          expect(data.length).toBe(shape.reduce((product, size) => product * size, 1));
        } catch (error) {
          expect(error).toBeInstanceOf(DataError);
        }
      }),
    );
  });
});
