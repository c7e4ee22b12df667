/**
 * What `loadImages` reads of an image file itself; test/browser/images.test.ts has what a browser decodes.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatOf } from '../../src/data/image-format.ts';
import { loadImages } from '../../src/data/load-images.ts';
import { UsageError } from '../../src/errors.ts';
import { joined } from './files.ts';

const png = joined([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], [0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52], [0, 1, 2, 3], [0, 0, 0, 5]); // prettier-ignore
/** A progressive one, with an APP0 segment, a Huffman table and fill bytes before the frame header. */
const jpeg = joined([0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2], [0xff, 0xc4, 0, 3, 9], [0xff, 0xff, 0xff, 0xc2, 0, 11, 8, 1, 2, 3, 4]); // prettier-ignore

describe('formatOf', () => {
  it('reads the size from the header', () => {
    expect(formatOf(png)).toEqual({ type: 'image/png', width: 0x10203, height: 5 });
    expect(formatOf(jpeg)).toEqual({ type: 'image/jpeg', width: 0x304, height: 0x102 });
    expect(formatOf(joined([0], jpeg).subarray(1))).toEqual(formatOf(jpeg));
  });

  it('gives nothing for a header cut short, at any byte', () => {
    for (const whole of [png, jpeg]) {
      for (let length = 0; length < whole.length; length++) expect(formatOf(whole.subarray(0, length))).toBeUndefined();
    }
  });

  it('gives something or nothing for any bytes', () => {
    const bytes = fc.tuple(fc.constantFrom([], png.subarray(0, 8), [0xff, 0xd8]), fc.uint8Array({ maxLength: 64 }));
    fc.assert(fc.property(bytes, ([head, tail]) => void formatOf(joined(head, tail))));
    expect(formatOf(joined([0xff, 0xd8], new Uint8Array(64)))).toBeUndefined();
  });
});

it('says that it needs a browser', async () => {
  const loading = loadImages(['a/b.png'], { size: 8, channels: 3 });
  await expect(loading).rejects.toThrow(UsageError);
  await expect(loading).rejects.toThrow('needs a browser to decode images. Elsewhere, use loadIdx() or Dataset.from()');
});
