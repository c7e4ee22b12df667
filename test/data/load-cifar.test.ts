/**
 * CIFAR's binary files, alone and in their archives, and tar archives. fixtures/make.py made them, by Python's tarfile.
 */
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { loadCifar } from '../../src/data/load-cifar.ts';
import { tarEntries } from '../../src/data/read/tar.ts';
import { DataError, UsageError } from '../../src/errors.ts';
import { file, fixture, idx, joined, rejection } from './files.ts';

const untar = async (name: string) => tarEntries({ name, bytes: new Uint8Array(gunzipSync(await fixture(name))) });
/** The .bin files of CIFAR-10, in the order of its archive. */
const [second, first, test] = (await untar('cifar-10-binary.tar.gz'))
  .filter(({ name }) => name.endsWith('.bin'))
  .map(({ name, bytes }) => new File([bytes], name.split('/')[1] ?? ''));
if (!first || !second || !test) throw new Error('no files');
/** Pixel (y, x) of row `i`, whose image was made of `seed`. */
const pixel = (set: { images: { values: ArrayLike<number> } }, i: number, y: number, x: number) =>
  [0, 1, 2].map((c) => set.images.values[3072 * i + 96 * y + 3 * x + c]);

const bytes = new Uint8Array(await first.arrayBuffer());

describe('loadCifar', () => {
  it('reads CIFAR-10 from its archive, channels last, batch after batch', async () => {
    const sets = await loadCifar(await file('cifar-10-binary.tar.gz'));
    const { train } = sets;
    expect(train).toMatchObject({ name: 'cifar-10/train', size: 3, imageShape: [32, 32, 3] });
    expect(train.classes).toEqual([
      'airplane',
      'automobile',
      'bird',
      'cat',
      'deer',
      'dog',
      'frog',
      'horse',
      'ship',
      'truck',
    ]);
    expect([0, 1, 2].map((row) => train.label(row))).toEqual([6, 0, 9]);
    expect(pixel(train, 0, 5, 9)).toEqual([72, 40, 1]);
    expect(pixel(train, 1, 31, 0)).toEqual([0, 248, 2]);
    expect(pixel(train, 2, 0, 31)).toEqual([248, 0, 3]);
    expect(sets.test).toMatchObject({ name: 'cifar-10/test', size: 1 });
    expect([sets.test?.label(0), sets.validation]).toEqual([3, undefined]);
    expect(train.preprocessing).toEqual({ background: 'white' });
  });

  it('reads its files one by one, in the order of their names', async () => {
    const { train, ...others } = await loadCifar([second, test, first]);
    expect([0, 1, 2].map((row) => train.label(row))).toEqual([6, 0, 9]);
    expect(others.test?.size).toBe(1);
    expect(await loadCifar(new Uint8Array(await first.arrayBuffer()))).toMatchObject({ train: { size: 2 } });
    expect((await rejection(loadCifar(test))).message).toContain('test_batch.bin: none of them is for training');
  });

  it('reads CIFAR-100, with fine labels or coarse ones and the names in its archive', async () => {
    const fine = await loadCifar(await file('cifar-100-binary.tar.gz'));
    expect(fine.train).toMatchObject({ name: 'cifar-100/train', size: 2, imageShape: [32, 32, 3] });
    expect([fine.train, fine.test].map((set) => set?.classes[set.label(0)])).toEqual(['fine 99', 'fine 30']);
    expect(pixel(fine.train, 1, 1, 2)).toEqual([16, 8, 6]);
    const coarse = await loadCifar(await file('cifar-100-binary.tar.gz'), { label: 'coarse' });
    expect([coarse.train.classes[coarse.train.label(0)], coarse.train.classes.length]).toEqual(['coarse 11', 20]);
    const [train] = await untar('cifar-100-binary.tar.gz');
    expect((await loadCifar(train?.bytes ?? '')).train.classes).toHaveLength(100);
  });

  it.each([
    ['cut', bytes.slice(0, -1), 'file 0 has 6145 bytes, which are not whole records of 3,073 bytes (CIFAR-10) or 3,074 (CIFAR-100). Check'],
    ['of no such class', joined(bytes.subarray(0, 3073), [10], bytes.subarray(1, 3073)), 'file 0 is not a file of CIFAR-10: record 1 has label 10 of 10 classes (at byte 3073). Check'],
    ['of IDX', idx([2, 2]), 'file 0 seems to be an IDX file, not a binary file of CIFAR. Load it with loadIdx().'],
    ['CSV', new TextEncoder().encode('1,2\n'), 'Load it with loadCsv().'],
    ['of both sets', [bytes, joined([19, 99], bytes.subarray(0, 3072))], 'are files of CIFAR-10 and of CIFAR-100. Load one set at a time.'],
  ])('refuses files %s', async (_, given, message) => {
    const error = await rejection(loadCifar(given));
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toContain(message);
  }); // prettier-ignore

  it('refuses what the format says, and no files', async () => {
    await expect(loadCifar(first, { shape: [1] } as never)).rejects.toThrow(UsageError);
    await expect(loadCifar([])).rejects.toThrow('loadCifar() was given no files.');
    await expect(loadCifar(first, { maxBytes: 6145 })).rejects.toThrow('data_batch_1.bin is larger than');
    const reason = new Error('enough');
    await expect(loadCifar(first, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

describe('tarEntries', () => {
  const long = `folder/${'long '.repeat(30)}name.txt`;
  it.each([
    ['gnu.tar.gz', [[long, 'one'], ['folder/b.txt', 'two'.repeat(300)]]],
    ['pax.tar.gz', [[long, 'one'], ['folder/b.txt', 'two'.repeat(300)]]],
    ['ustar.tar.gz', [[`${Array(4).fill('deep'.repeat(10)).join('/')}/c.txt`, 'three']]],
  ])('reads %s', async (name, expected) => {
    const found = (await untar(name)).map((entry) => [entry.name, new TextDecoder().decode(entry.bytes)]);
    expect(found).toEqual(expected);
  }); // prettier-ignore

  it('refuses an archive cut at any block, or with a byte of a header changed', async () => {
    const whole = new Uint8Array(gunzipSync(await fixture('gnu.tar.gz')));
    const entries = (bytes: Uint8Array<ArrayBuffer>) => tarEntries({ name: 'my.tar', bytes });
    // GNU tar fills up with blocks of zeros, the first of which ends the archive.
    const end = 512 * (1 + 3 + 1 + 1 + 2);
    expect(entries(whole.slice(0, end + 512))).toHaveLength(2);
    for (let length = 0; length < end; length += 128) {
      expect(() => entries(whole.slice(0, length)), `${length} bytes`).toThrow(DataError);
    }
    expect(() => entries(whole.slice(0, end - 512))).toThrow(
      /my\.tar is incomplete or damaged: .* the archive ends at \d+\)\. Download/,
    );
    for (let at = 0; at < 512; at++) {
      const bytes = whole.slice();
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      if (at < 148 || at >= 156)
        expect(() => entries(bytes), `byte ${at}`).toThrow('there is no header of a file (at byte 0)');
    }
  });
});
