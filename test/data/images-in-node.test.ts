/**
 * Real image files, decoded in Node by the package `sharp` through `inkling/node`. The files are made by Pillow:
 * test/data/fixtures/images.py.
 */
import { readFileSync } from 'node:fs';
import { expect, it, test, vi } from 'vitest';
import type { Dataset } from '../../src/data/index.ts';
import { ImageDataset } from '../../src/data/images/dataset.ts';
import { loadImages } from '../../src/data/load-images.ts';
import { DataError, InklingError, UsageError } from '../../src/errors.ts';
import 'inkling/node';
import { rejection } from './files.ts';

const folder = 'test/data/fixtures/images';
const options = { size: [16, 32], channels: 3 } as const;

/** The pixels in the corners of an image: upper left and right, lower left and right. */
function corners(set: Dataset, row = 0): number[] {
  const [height = 0, width = 0] = set.imageShape;
  const values = Array.from(set.images.values).slice(row * height * width * 3);
  return [0, width - 1, (height - 1) * width, height * width - 1].flatMap((at) => values.slice(3 * at, 3 * at + 3));
}

async function pixels(name: string, background: 'white' | 'black' = 'white'): Promise<number[]> {
  const size = name === 'turned.jpg' ? ([32, 16] as const) : options.size;
  return corners(await loadImages([`${folder}/${name}`], { ...options, size, background }));
}

/** Red at the left and blue at the right, as near as the format keeps it. */
const near = (values: readonly number[], expected: readonly number[]): boolean =>
  values.length === expected.length && values.every((value, i) => Math.abs(value - (expected[i] ?? NaN)) <= 3);

const [red, blue, white, black] = [[255, 0, 0], [0, 0, 255], [255, 255, 255], [0, 0, 0]] as const; // prettier-ignore
const halves = [red, blue, red, blue].flat();

it.each(['plain.png', 'palette.png', 'lossless.webp', 'moving.webp', 'plain.gif', 'moving.gif', 'plain.tiff'])('decodes %s exactly', async (name) => {
  expect(await pixels(name)).toEqual(halves);
}); // prettier-ignore

it.each(['plain.jpg', 'progressive.jpg', 'lossy.webp', 'plain.avif', 'bad/jpeg.png'])('decodes %s', async (name) => {
  expect(await pixels(name)).toSatisfy((values: number[]) => near(values, halves));
});

test('images are upright, of 8 bits, and show the background behind them', async () => {
  expect(await pixels('turned.jpg')).toSatisfy((values: number[]) => near(values, [red, red, blue, blue].flat()));
  expect(await pixels('clear.png')).toEqual([red, white, red, white].flat());
  expect(await pixels('clear.png', 'black')).toEqual([red, black, red, black].flat());
  expect(await pixels('clear.webp', 'black')).toSatisfy((values: number[]) =>
    near(values, [red, black, red, black].flat()),
  );
  const grey = await loadImages([`${folder}/grey16.png`], { size: [1, 2], channels: 1 });
  expect(Array.from(grey.images.values)).toEqual([64, 255]);
});

test('bytes and files are taken as addresses are', async () => {
  const bytes = new Uint8Array(readFileSync(`${folder}/plain.png`));
  const sources = [{ file: bytes, label: 'a' }, { file: new File([bytes], '1.png'), label: 'b' }, { file: new Blob([bytes]), label: 'a' }]; // prettier-ignore
  const set = await loadImages(sources, options);
  expect([set.classes, Array.from(set.labels.values)]).toEqual([
    ['a', 'b'],
    [0, 1, 0],
  ]);
  expect([0, 1, 2].map((row) => corners(set, row))).toEqual([halves, halves, halves]);
});

const damaged = 'is incomplete or damaged: it cannot be decoded. Leave it out, or save it again.';
const large = (size: string): string =>
  `has ${size} pixels, above the limit of 67108864. Leave it out, or make it smaller.`;
const unknown = 'Leave it out, or convert it to PNG or JPEG.';

it.each([
  ['bad/cut-plain.png', damaged],
  ['bad/cut-plain.jpg', damaged],
  ['bad/cut-progressive.jpg', damaged],
  ['bad/cut-plain.gif', damaged],
  ['bad/cut-lossless.webp', damaged],
  ['bad/cut-lossy.webp', damaged],
  ['bad/flipped.png', damaged],
  ['bad/flipped-checksum.png', damaged],
  ['bad/cut-plain.avif', `cannot be decoded: it is an AVIF or HEIC image, a format not known here, or it is damaged. ${unknown}`],
  ['plain.bmp', `cannot be decoded: it is a BMP image, a format not known here, or it is damaged. ${unknown}`],
  ['plain.ico', `cannot be decoded: it is an icon, a format not known here, or it is damaged. ${unknown}`],
  ['bad/empty.png', 'is empty: it has no bytes. Leave it out, or save it again.'],
  ['bad/text.jpg', `is not an image that can be decoded. ${unknown}`],
  ['bad/page.png', `is not an image that can be decoded (it seems to be a page of HTML, often one that says "not found"). ${unknown}`],
  ['bad/huge.png', large('16777216 × 16777216')],
  ['bad/huge.jpg', large('65535 × 65535')],
  ['bad/huge.gif', large('65535 × 65535')],
  ['bad/huge.bmp', large('1073741824 × 1073741824')],
  ['bad/huge.webp', large('16777216 × 16777216')],
  ['bad/huge.avif', large('1048576 × 1048576')],
])('refuses %s', async (name, message) => {
  const file = new File([readFileSync(`${folder}/${name}`)], name);
  const error = await rejection(loadImages([{ file, label: 'x' }], options));
  expect(error).toBeInstanceOf(DataError);
  expect(error.message).toBe(`${name} ${message}`);
}); // prettier-ignore

test('a folder of good and bad files is loaded but for the bad', async () => {
  const set = await loadImages(folder, { ...options, onError: 'skip' });
  expect(set.classes).toEqual(['bad', 'images']);
  // Of those in images/, sharp knows no BMP and ICO.
  const skipped = set.skipped.map(({ path }) => path.split('/').at(-1));
  expect(skipped).toContain('cut-plain.jpg');
  expect(skipped.filter((name) => !/^(cut|flipped|huge|empty|text|page)/.test(name ?? ''))).toEqual([
    'plain.bmp',
    'plain.ico',
    'png.ico',
  ]);
  expect(set.skipped.every(({ reason }) => reason.endsWith('.'))).toBe(true);
  // Drawings without pixels of their own are decoded by sharp, by browsers not.
  expect(set.size + set.skipped.length).toBe(41);
});

test('every error is one of Inkling', async () => {
  const noise = new Uint8Array(5000).map((_, i) => (i * 7919) % 251);
  const heads = ['plain.png', 'plain.jpg', 'lossy.webp', 'plain.gif', 'plain.avif', 'plain.svg'].map((name) => readFileSync(`${folder}/${name}`).subarray(0, 80)); // prettier-ignore
  for (const head of heads) {
    const file = new Blob([head, noise]);
    // Some decoders make do with it.
    const error: unknown = await loadImages([{ file, label: 'x' }], options).catch((cause: unknown) => cause);
    expect(error instanceof InklingError || error instanceof ImageDataset).toBe(true);
  }
});

test('without the package, it says which to install, and skips nothing', async () => {
  vi.doMock('sharp', () => {
    throw new Error('not installed');
  });
  const error = await rejection(loadImages([`${folder}/plain.png`], { ...options, onError: 'skip' }));
  vi.doUnmock('sharp');
  expect(error).toBeInstanceOf(UsageError);
  expect(error.message).toBe(
    "loadImages() needs the package 'sharp' to decode images in Node. Install it (npm install sharp), or give 'decode' a function.",
  );
  expect(await pixels('plain.png')).toEqual(halves);
});
