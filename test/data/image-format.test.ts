/**
 * Checks of an image file before it is decoded: its format and size, and whether its name is that of a picture.
 */
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { formatOf } from '../../src/data/images/image-format.ts';
import { foreignReason, isNamedAsPicture } from '../../src/data/images/foreign.ts';
import { joined } from './files.ts';

const fixture = (name: string): Uint8Array => new Uint8Array(readFileSync(`test/data/fixtures/images/${name}`));

const png = joined([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], [0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52], [0, 1, 2, 3], [0, 0, 0, 5]); // prettier-ignore
/** A progressive one, with an APP0 segment, a Huffman table and fill bytes before the frame header. */
const jpeg = joined([0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2], [0xff, 0xc4, 0, 3, 9], [0xff, 0xff, 0xff, 0xc2, 0, 11, 8, 1, 2, 3, 4]); // prettier-ignore
/** A screen of 1 × 1 with two colours, an extension, and a first frame of 7 × 5 at 3, 4. */
const gif = joined([71, 73, 70, 56, 57, 97, 1, 0, 1, 0, 0x80, 0, 0], [0, 0, 0, 9, 9, 9], [0x21, 0xf9, 4, 0, 0, 0, 0, 0], [0x2c, 3, 0, 4, 0, 7, 0, 5, 0]); // prettier-ignore
const topDown = joined([66, 77], new Uint8Array(12), [40, 0, 0, 0], [3, 1, 0, 0], [0xfe, 0xff, 0xff, 0xff]);
const core = joined([66, 77], new Uint8Array(12), [12, 0, 0, 0], [3, 1], [4, 0]);

const formats = {
  png: ['plain.png', 'palette.png', 'clear.png'],
  jpeg: ['plain.jpg', 'progressive.jpg', 'turned.jpg'],
  webp: ['lossless.webp', 'lossy.webp', 'clear.webp', 'moving.webp'],
  gif: ['plain.gif', 'moving.gif'],
  bmp: ['plain.bmp'],
  'x-icon': ['plain.ico', 'png.ico'],
  avif: ['plain.avif'],
};
const files = Object.entries(formats).flatMap(([type, names]) => names.map((name) => [name, `image/${type}`] as const));

describe('formatOf', () => {
  it.each(files)('reads the size of %s', (name, type) => {
    expect(formatOf(fixture(name))).toEqual({ type, width: 32, height: 16 });
  });

  it('reads sizes of several bytes, after other fields', () => {
    expect(formatOf(png)).toEqual({ type: 'image/png', width: 0x10203, height: 5 });
    expect(formatOf(jpeg)).toEqual({ type: 'image/jpeg', width: 0x304, height: 0x102 });
    expect(formatOf(joined([0], jpeg).subarray(1))).toEqual(formatOf(jpeg));
    expect(formatOf(gif)).toEqual({ type: 'image/gif', width: 10, height: 9 });
    expect(formatOf(topDown)).toEqual({ type: 'image/bmp', width: 0x103, height: 2 });
    expect(formatOf(core)).toEqual({ type: 'image/bmp', width: 0x103, height: 4 });
    expect(formatOf(fixture('grey16.png'))).toEqual({ type: 'image/png', width: 2, height: 1 });
  });

  it('reads the sizes of a header, however large', () => {
    const claimed = Object.keys({ ...formats, jpg: 0 }).flatMap((type) => {
      try {
        const { width = 0, height = 0 } = formatOf(fixture(`bad/huge.${type}`)) ?? {};
        return [[type, Math.log2(width * height)]];
      } catch {
        return [];
      }
    });
    const sides16 = 2 * Math.log2(65535);
    // A GIF's frame does not reach beyond its screen here.
    expect(Object.fromEntries(claimed)).toEqual({ png: 48, jpg: sides16, webp: 48, gif: sides16, bmp: 60, avif: 40 });
  });

  it('gives nothing for a header cut short, at any byte', () => {
    for (const whole of [png, jpeg, gif, topDown, core]) {
      for (let length = 0; length < whole.length; length++) expect(formatOf(whole.subarray(0, length))).toBeUndefined();
    }
    // All that is read of an AVIF file stands before its data.
    const avif = fixture('plain.avif');
    const ispe = Buffer.from(avif).indexOf('ispe');
    for (let length = 0; length < ispe + 16; length++) expect(formatOf(avif.subarray(0, length))).toBeUndefined();
  });

  it('gives something or nothing for any bytes', () => {
    const heads = [[], png.subarray(0, 8), [0xff, 0xd8], gif.subarray(0, 6), [66, 77], [0, 0, 1, 0], fixture('plain.avif').subarray(0, 60), fixture('lossy.webp').subarray(0, 16)]; // prettier-ignore
    const bytes = fc.tuple(fc.constantFrom(...heads), fc.uint8Array({ maxLength: 200 }));
    fc.assert(fc.property(bytes, ([head, tail]) => void formatOf(joined(head, tail))));
    expect(formatOf(joined([0xff, 0xd8], new Uint8Array(64)))).toBeUndefined();
    expect(formatOf(new TextEncoder().encode('BMW and other makes of cars, with all their sizes'))).toBeUndefined();
  });
});

test.each([
  'pets/.DS_Store', 'pets/cat/._1.png', '.git/x.png', 'a/.thumbs/1.png', 'Thumbs.db', 'a/ehthumbs.db', 'a/Desktop.ini',
  '__MACOSX/a/1.png', 'a/@eaDir/1.png', 'a/Icon\r', 'labels.txt', 'a/annotations.JSON', 'a/list.csv', 'README.md', 'LICENSE', 'a/clip.mp4',
])('%j is passed over', (path) => {
  expect(foreignReason(path)).toMatch(/ (is hidden|is made by the system|is not an image, by its name).*\.$/);
}); // prettier-ignore

test.each(['a/1.png', 'a/1', 'icon', 'Icons/1.PNG', './a/../b/1.png', 'a..b/1.jpg', 'notes.txt/1.png', 'a/pets.zip', 'a/scan.tiff', 'json/1.heic'])(
  '%s is not', (path) => {
  expect(foreignReason(path)).toBeUndefined();
}); // prettier-ignore

test('names of pictures', () => {
  const names = ['a.png', 'a.JPG', 'b.jpeg', 'c.webp', 'd.gif', 'e.avif', 'f.bmp', 'g.ico', 'h.svg', 'i.heic', 'j.tif'];
  expect(names.filter((name) => !isNamedAsPicture(name))).toEqual([]);
  expect(['png', 'a.zip', 'a.png.zip', 'image 0', 'a.png/b'].filter(isNamedAsPicture)).toEqual([]);
});
