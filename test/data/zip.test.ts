/**
 * Zip archives of Python's and Info-ZIP's making, whole and damaged in every way. fixtures/make_zips.py made them.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32 } from '../../src/data/crc32.ts';
import { zipEntries } from '../../src/data/zip.ts';
import { DataError } from '../../src/errors.ts';
import { fixture, joined, rejection } from './files.ts';

const text = 'Inkling reads what it is given, byte for byte. '.repeat(40);
const python = await fixture('python.zip');

const entries = (bytes: Uint8Array, maxBytes = 1 << 20) =>
  zipEntries({ name: 'my.zip', bytes: bytes.slice() }, { maxBytes });
const contents = (bytes: Uint8Array, maxBytes?: number) =>
  Promise.all(
    entries(bytes, maxBytes).map(async ({ path, read }) => [path, new TextDecoder().decode(await read())] as const),
  );
/** Where `find` stands in a file. */
const placeOf = (bytes: Uint8Array, ...find: number[]): number =>
  bytes.findIndex((_, at) => find.every((byte, i) => bytes[at + i] === byte));
/** The archive with other bytes in its directory's first entry, or in its end. */
const changed = (bytes: Uint8Array, record: 'directory' | 'end' | 'local', offset: number, ...values: number[]) => {
  const out = bytes.slice();
  const marks = { local: [3, 4], directory: [1, 2], end: [5, 6] };
  out.set(values, placeOf(bytes, 0x50, 0x4b, ...marks[record]) + offset);
  return out;
};
const refusal = (bytes: Uint8Array, maxBytes?: number) => rejection((async () => contents(bytes, maxBytes))());

describe('zipEntries', () => {
  it('lists files with their sizes and reads them, deflated and stored', async () => {
    expect(entries(python).map(({ path, size }) => [path, size])).toEqual([
      ['cats/a.txt', text.length],
      ['dogs/größe.txt', 3],
      ['empty.txt', 0],
    ]);
    expect(await contents(python)).toEqual([
      ['cats/a.txt', text],
      ['dogs/größe.txt', 'wau'],
      ['empty.txt', ''],
    ]);
  });

  it.each(['info-zip.zip', 'streamed.zip'])('reads what Info-ZIP made: %s', async (name) => {
    expect(await contents(await fixture(name))).toEqual([['cats/a.txt', text]]);
  });

  it('reads archives that stand after something else, and empty ones', async () => {
    expect(await contents(joined([1, 2, 3, 4, 5], python))).toHaveLength(3);
    expect(entries(Uint8Array.from([0x50, 0x4b, 5, 6, ...new Uint8Array(18)]))).toEqual([]);
  });

  it('takes names of old code pages, and backslashes between folders', () => {
    const at = placeOf(python, 0x50, 0x4b, 1, 2) + 46;
    const other = python.slice();
    other.set([0xe9, 0x5c], 30);
    other.set([0xe9, 0x5c], at);
    expect(entries(other)[0]?.path).toBe('é/ts/a.txt');
  });

  it.each([
    ['encrypted.zip', 'cats/a.txt in my.zip is encrypted. Make the archive anew, without a password.'],
    ['bzip2.zip', 'a.txt in my.zip is compressed by bzip2. Make the archive anew, by Deflate or without compression.'],
  ])('refuses %s', async (name, message) => {
    const error = await refusal(await fixture(name));
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toBe(message);
  });

  it.each([
    ['another method', changed(python, 'directory', 10, 77), 'cats/a.txt in my.zip is compressed by method 77'],
    ['a CRC that does not fit', changed(python, 'directory', 16, 1), 'cats/a.txt in my.zip is incomplete or damaged: its content does not have the CRC-32'],
    ['a size too small', changed(python, 'directory', 24, 9, 0, 0, 0), 'it has more than the 9 bytes that it states'],
    ['a size too large', changed(python, 'directory', 24, 0x59, 7, 0, 0), 'it has 1880 bytes, not the 1881 that it states'],
    ['a size beyond what deflate can make', changed(python, 'directory', 24, 0, 0, 8, 0), 'cannot become the 524288 that it states'],
    ['a size above the limit', changed(python, 'directory', 24, 0, 0, 0, 0x7f), 'cats/a.txt in my.zip expands to 2130706432 bytes, above the limit of 1048576.'],
    ['data that go beyond the directory', changed(python, 'directory', 20, 0, 8, 0, 0), 'bytes do not fit there'],
    ['a place where nothing is', changed(python, 'directory', 42, 7), "my.zip is incomplete or damaged: its directory has 'cats/a.txt' at byte 7, where no file begins"],
    ['another name than in its directory', changed(python, 'local', 30, 0x43), "the file there is not named 'cats/a.txt', as in its directory (at byte 0)"],
    ['a place beyond the end', changed(python, 'directory', 42, 0, 0, 0, 0x70), 'at byte 1879048192, where no file begins'],
    ['zip64 for a size', changed(python, 'directory', 24, 255, 255, 255, 255), 'my.zip needs zip64'],
    ['zip64 for the directory', changed(python, 'end', 16, 255, 255, 255, 255), 'my.zip needs zip64'],
    ['one part of several', changed(python, 'end', 4, 1), 'my.zip is one part of an archive of several'],
    ['more entries than there are', changed(python, 'end', 8, 5, 0, 5), 'entry 5 of 5 is not there'],
    ['fewer entries than there are', changed(python, 'end', 8, 3, 0, 3), 'its directory has more in it than entries'],
    ['a directory larger than the file', changed(python, 'end', 12, 0, 0, 1), 'its directory is not where it should be'],
    ['a name beyond the directory', changed(python, 'directory', 29, 1), 'entry 1 of 4 is cut off'],
    ['deflated data that are none', changed(python, 'local', 40, 7), 'it cannot be decompressed'],
    ['no archive at all', new Uint8Array(100), 'my.zip is not a zip archive'],
    ['nothing', new Uint8Array(), 'my.zip is not a zip archive'],
  ])('refuses %s', async (_, bytes, message) => {
    const error = await refusal(bytes);
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toContain(message);
    expect(error.message).toMatch(/(Download|Make|Check)[^.]+\.$|let in\.$/);
  }); // prettier-ignore

  it('refuses two files of one name', async () => {
    const twice = await fixture('twice.zip');
    expect((await refusal(twice)).message).toMatch(/^my\.zip has two files named 'a\.txt'\. Make/);
  });

  it('refuses an archive cut at any byte', async () => {
    for (let length = 0; length < python.length; length++) {
      expect(await refusal(python.slice(0, length)), `${length} bytes`).toBeInstanceOf(DataError);
    }
  });

  it('holds to the limit on each file', async () => {
    await expect(contents(python, text.length)).resolves.toHaveLength(3);
    expect((await refusal(python, text.length - 1)).message).toContain('above the limit of 1879');
  });

  it('gives the right bytes or an error of its own, whichever byte is damaged', async () => {
    const whole = await contents(python);
    const property = fc.asyncProperty(fc.nat(python.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
      const bytes = python.slice();
      bytes[at] = (bytes[at] ?? 0) ^ flip;
      const result: unknown = await (async () => contents(bytes))().catch((error: unknown) => error);
      if (result instanceof DataError) return;
      // What nobody checks: dates, attributes, comments.
      expect(result).toEqual(whole);
    });
    await fc.assert(property, { numRuns: 2000 });
  });

  it("ends with the signal's reason", async () => {
    const reason = new Error('enough');
    await expect(entries(python)[0]?.read(AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});

it('CRC-32 has the check value of its standard, whole and in parts', () => {
  const digits = new TextEncoder().encode('123456789');
  expect(crc32(digits)).toBe(0xcbf43926);
  expect(crc32(digits.subarray(4), crc32(digits.subarray(0, 4)))).toBe(0xcbf43926);
});
