/**
 * `loadImages` in a real browser: files of every format, and every container of files. Expected values are those of Pillow.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openPage, runInPage } from '../tools/page.ts';

const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);
const [red, blue, black] = [[255, 0, 0], [0, 0, 255], [0, 0, 0]] as const; // prettier-ignore
const plain = [red, blue, red, blue].flat();

test('decodes every format of a browser, and refuses damaged, foreign or too large files', async () => {
  const exact = ['plain.png', 'palette.png', 'lossless.webp', 'moving.webp', 'plain.gif', 'moving.gif', 'plain.bmp', 'plain.ico', 'png.ico']; // prettier-ignore
  const lossy = ['plain.jpg', 'progressive.jpg', 'lossy.webp', 'plain.avif', 'bad/jpeg.png'];
  const damaged = ['cut-plain.png', 'cut-plain.jpg', 'cut-progressive.jpg', 'cut-plain.gif', 'cut-lossless.webp', 'cut-lossy.webp', 'cut-plain.bmp', 'cut-plain.ico', 'flipped.png', 'flipped-checksum.png'].map((name) => `bad/${name}`); // prettier-ignore
  const huge = ['png', 'jpg', 'gif', 'bmp', 'webp', 'avif'].map((type) => `bad/huge.${type}`);
  const others = ['turned.jpg', 'clear.png', 'clear.webp', 'plain.svg', 'bad/svg.png', 'plain.tiff', 'bad/cut-plain.avif', 'bad/empty.png', 'bad/text.jpg', 'bad/page.png']; // prettier-ignore
  const names = [...exact, ...lossy, ...damaged, ...huge, ...others];
  const found = (await runInPage(await openPage(), '/test/browser/image-formats.page.ts', names)) as Record<
    string,
    unknown
  >;
  /** Within 3 of 255, as compression leaves it. */
  const near = (name: string, expected: readonly number[]): void => {
    const values = found[name];
    expect(values, name).toHaveLength(12);
    const off = (values as number[]).map((value, i) => Math.abs(value - (expected[i] ?? NaN)));
    expect(Math.max(...off), name).toBeLessThanOrEqual(3);
  };
  for (const name of exact) expect(found[name], name).toEqual(plain);
  for (const name of lossy) near(name, plain);
  for (const name of damaged)
    expect(found[name]).toBe(
      `DataError: ${name} is incomplete or damaged: it cannot be decoded. Leave it out, or save it again.`,
    );
  for (const name of huge)
    expect(found[name], name).toMatch(/^DataError: .* pixels, above the limit of 67108864\. Leave it out/);
  near('turned.jpg', [red, red, blue, blue].flat());
  near('clear.png', [red, black, red, black].flat());
  near('clear.webp', [red, black, red, black].flat());
  const convert = 'Leave it out, or convert it to PNG or JPEG.';
  expect(found).toMatchObject({
    'plain.svg': `DataError: plain.svg cannot be decoded: it is an XML or SVG file, a format not known here, or it is damaged. ${convert}`,
    'bad/svg.png': matching(/^DataError: bad\/svg\.png cannot be decoded: it is an XML or SVG file/),
    'plain.tiff': `DataError: plain.tiff cannot be decoded: it is a TIFF image, a format not known here, or it is damaged. ${convert}`,
    'bad/cut-plain.avif': matching(/^DataError: bad\/cut-plain\.avif cannot be decoded: it is an AVIF or HEIC image/),
    'bad/empty.png': matching(/^DataError: bad\/empty\.png is empty/),
    'bad/text.jpg': `DataError: bad/text.jpg is not an image that can be decoded. ${convert}`,
    'bad/page.png': matching(
      /^DataError: bad\/page\.png is not an image that can be decoded \(it seems to be a page of HTML/,
    ),
  });
});

test('takes files that are dropped, opened by a handle, or in an archive', async () => {
  const page = await openPage();
  const pets = {
    size: 132,
    classes: ['cat', 'dog'],
    first: ['cat', 'cat', 'dog'],
    skipped: [
      'pets/.DS_Store',
      'pets/.git',
      'pets/__MACOSX',
      'pets/cat/._a.png',
      'pets/cat/Thumbs.db',
      'pets/notes.txt',
    ],
  };
  const handle = {
    size: 3,
    classes: ['cat', 'dog'],
    first: ['cat', 'dog', 'dog'],
    skipped: ['pets/.git', 'pets/cat/.x'],
  };
  const zip = { size: 2, classes: ['cat', 'dog'], first: ['dog', 'cat'], skipped: ['__MACOSX/x.png'] };
  expect(await runInPage(page, '/test/browser/image-sources.page.ts')).toEqual({
    dropped: pets,
    items: pets,
    entry: pets,
    withTexts: { ...pets, skipped: [...pets.skipped, 'alone.png'] },
    plainFile: { size: 1, classes: ['1.png'], first: ['1.png'], skipped: [] },
    nothing: matching(
      /^UsageError: loadImages\(\) was given a drop without files\. Call it in the 'drop' event itself/,
    ),
    over: matching(/^UsageError: loadImages\(\) was given a drop without files\./),
    broken: matching(
      /^DataError: pets\/(cat|dog\/2\.png) could not be read\. Check that it is still there and may be read, and choose it again\.$/,
    ),
    brokenSkipped: { size: 1, classes: ['dog'], first: ['dog'], skipped: ['pets/cat', 'pets/dog/2.png'] },
    aborted: 'Error: enough',
    handle,
    labelled: { ...handle, classes: ['pet'], first: ['pet', 'pet', 'pet'] },
    zip,
    zipUrl: zip,
    zipBytes: zip,
    warned: [
      matching(/^loadImages: 1 of 3 images is all one colour: image 1\. Check/),
      matching(/^loadImages: 2 of 3 images are all one colour: image 1, image 2\. Check/),
    ],
  });
});

test('takes a folder that is really dropped on the page', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'inkling-drop-'));
  try {
    const pets = join(folder, 'pets');
    for (const name of ['dog', 'cat']) {
      mkdirSync(join(pets, name), { recursive: true });
      for (let i = 0; i < 120; i++) cpSync('test/data/fixtures/images/plain.png', join(pets, name, `${i + 100}.png`));
    }
    writeFileSync(join(pets, '.DS_Store'), 'Bud1');
    writeFileSync(join(pets, 'cat/bad.txt'), 'no picture');
    const page = await openPage();
    const found = page.evaluate(`import('/test/browser/image-sources.page.ts').then((module) => module.catchDrop())`);
    await page.waitForFunction(() => document.body.style.height !== '');
    const client = await page.context().newCDPSession(page);
    const data = { items: [], files: [pets], dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
      await client.send('Input.dispatchDragEvent', { type, x: 50, y: 50, data });
    expect(await found).toEqual({
      size: 240,
      classes: ['cat', 'dog'],
      first: ['cat', 'cat', 'cat'],
      skipped: ['pets/.DS_Store', 'pets/cat/bad.txt'],
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
