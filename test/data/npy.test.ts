/**
 * NumPy's arrays, of every dtype and order, whole and damaged. fixtures/make.py made them.
 */
import { describe, expect, it } from 'vitest';
import type { RawArray } from '../../src/data/read/layout.ts';
import { parseNpy } from '../../src/data/read/npy.ts';
import { zipEntries } from '../../src/data/zip.ts';
import { DataError } from '../../src/errors.ts';
import { fixture, joined } from './files.ts';

/** The bytes of the arrays in an archive, by name. */
async function arraysIn(archive: string): Promise<ReadonlyMap<string, Uint8Array<ArrayBuffer>>> {
  const entries = zipEntries({ name: archive, bytes: await fixture(archive) }, { maxBytes: 1 << 20 });
  return new Map(
    await Promise.all(entries.map(async ({ path, read }) => [path.replace(/\.npy$/, ''), await read()] as const)),
  );
}
const numbers = await arraysIn('dtypes.npz');
const others = await arraysIn('not-numbers.npz');
const parse = (bytes = new Uint8Array()): RawArray => parseNpy({ name: 'a.npy', bytes });

describe('parseNpy', () => {
  it.each([
    ['|u1', [0, 0, 1, 255], 'byte'],
    ['|b1', [1, 0], 'flag'],
    ['|i1', [-128, 0, 1, 127], 'number'],
    ['<i2', [-32768, 0, 1, 32767], 'number'],
    ['<u2', [0, 0, 1, 65535], 'number'],
    ['>u2', [0, 0, 1, 65535], 'number'],
    ['<i4', [-(2 ** 31), 0, 1, 2 ** 31], 'number'],
    ['>i4', [-(2 ** 31), 0, 1, 2 ** 31], 'number'],
    ['<u4', [0, 0, 1, 2 ** 32], 'number'],
    ['<i8', [-(2 ** 63), 0, 1, 2 ** 63], 'number'],
    ['>i8', [-(2 ** 63), 0, 1, 2 ** 63], 'number'],
    ['<u8', [0, 0, 1, 2 ** 64], 'number'],
    ['<f2', [-1.5, 0.0999755859375, 65504, 2 ** -24, Infinity, NaN], 'number'],
    ['>f2', [-1.5, 0.0999755859375, 65504, 2 ** -24, Infinity, NaN], 'number'],
    ...['<f4', '>f4', '<f8', '>f8'].map(
      (dtype) => [dtype, [-1.5, 0.1, 65504, 6e-8, Infinity, NaN].map(Math.fround), 'number'] as const,
    ),
  ] as const)('reads %s', (dtype, values, unit) => {
    const { data, shape, unit: found } = parse(numbers.get(dtype));
    expect([Array.from(data), shape, found]).toEqual([values, [values.length], unit]);
  });

  it("puts arrays of Fortran's order in row-major order", () => {
    const { data, shape } = parse(numbers.get('fortran'));
    expect([shape, ...data]).toEqual([[2, 3, 4], ...Array.from({ length: 24 }, (_, i) => i)]);
    expect(parse(numbers.get('fortran-bytes'))).toMatchObject({ shape: [3, 2], data: Uint8Array.of(0, 1, 2, 3, 4, 5) });
  });

  it.each([
    ['objects', "a.npy holds Python objects (dtype '|O'), which are not read."],
    ['records', "a.npy holds records of named fields (dtype 'several fields'), which are not read."],
    ['texts', "a.npy holds texts (dtype '<U3'), which are not read."],
    ['bytes', "a.npy holds texts (dtype '|S3'), which are not read."],
    ['complex', "a.npy holds complex numbers (dtype '<c16'), which are not read."],
    ['dates', "a.npy holds dates (dtype '<M8[D]'), which are not read."],
    ['scalar', 'its shape is [], but rows are needed, and sizes of 1 or more (at byte 10)'],
    ['empty', 'its shape is [0, 4], but rows are needed, and sizes of 1 or more (at byte 10)'],
  ])('refuses %s', (name, message) => {
    expect(() => parse(others.get(name))).toThrow(DataError);
    expect(() => parse(others.get(name))).toThrow(message);
    expect(() => parse(others.get(name))).toThrow(/(Save|Check)[^.]/);
  });

  it('refuses a file cut at any byte, or longer than it should be', () => {
    const whole = numbers.get('<f4') ?? new Uint8Array();
    for (let length = 0; length < whole.length; length++) {
      expect(() => parse(whole.slice(0, length)), `${length} bytes`).toThrow(DataError);
    }
    expect(() => parse(whole.slice(0, -1))).toThrow(
      `its shape [6] of <f4 needs 24 bytes of data, found 23 (at byte ${whole.length - 1})`,
    );
    expect(() => parse(joined(whole, [0]))).toThrow('needs 24 bytes of data, found 25');
  });

  it('takes no memory for a shape that the file does not fill', () => {
    const forged = new TextDecoder('latin1').decode(numbers.get('<f4')).replace('(6,)', '(4000000000,)');
    const bytes = Uint8Array.from(Buffer.from(forged.replace(' '.repeat(9), ''), 'latin1'));
    expect(() => parse(bytes)).toThrow('needs 16000000000 bytes of data, found 24');
  });

  it('refuses other versions and headers', () => {
    const other = (at: number, ...values: number[]) => {
      const bytes = numbers.get('<f4')?.slice() ?? new Uint8Array();
      bytes.set(values, at);
      return bytes;
    };
    expect(() => parse(other(6, 4))).toThrow('its version is 4, but 1 to 3 are known (at byte 6)');
    expect(() => parse(other(9, 255))).toThrow('its header goes up to byte');
    expect(() => parse(other(11, 65))).toThrow("its header is not that of one array: '{A");
    expect(() => parse(other(0, 65))).toThrow("does not begin with NumPy's mark (at byte 0)");
  });
});
