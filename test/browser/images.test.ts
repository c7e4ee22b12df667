/**
 * `loadImages` in a real browser, in a page and in a worker: pixels, classes, and what is refused.
 */
import { describe, expect, test } from 'vitest';
import { openPage, runInPage } from '../tools/page.ts';

const repeated = (n: number, pixel: readonly number[]): number[] => Array.from({ length: n }, () => pixel).flat();
/** A row of four pixels, of two colours. */
const halves = (left: readonly number[], right: readonly number[]): number[] => [
  ...repeated(2, left),
  ...repeated(2, right),
];
const [red, green, blue, black, white] = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
  [0, 0, 0],
  [255, 255, 255],
];
const rows = [halves(red, blue), halves(black, white), halves(green, white)];

const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);

describe.each(['images.page.ts', 'images-in-worker.page.ts'])('%s', (module) => {
  test('loads PNG and JPEG files, scaled, and refuses what it cannot use', async () => {
    const found = await runInPage(await openPage(), `/test/browser/${module}`);
    const damaged = (name: string): unknown =>
      matching(new RegExp(`^DataError: a/${name} is incomplete or damaged: it cannot be decoded\\. Leave`));
    expect(found).toEqual({
      colour: {
        name: 'images',
        classes: ['cat', 'dog'],
        imageShape: [2, 4, 3],
        labels: [1, 0, 0],
        bytes: rows.flatMap((row) => [...row, ...row]),
      },
      grey: {
        name: 'pets',
        classes: ['zoo/cat/1.jpg', 'zoo/cat/clear.png', 'zoo/dog/1.png'],
        imageShape: [2, 2, 1],
        labels: [2, 0, 1],
        // 0.299, 0.114 and 0.587 of 255.
        bytes: [76, 29, 76, 29, 0, 255, 0, 255, 150, 255, 150, 255],
      },
      upright: {
        name: 'images',
        classes: ['up'],
        imageShape: [2, 2, 3],
        labels: [0],
        bytes: [...black, ...black, ...white, ...white],
      },
      blobUrl: { name: 'images', classes: ['image 0'], imageShape: [1, 1, 3], labels: [0], bytes: red },
      progress: ['1/3', '2/3', '3/3'],
      refused: {
        cut: damaged('cut.png'),
        cutJpeg: matching(/^DataError: a\/cut\.jpg is (no PNG or JPEG image|incomplete or damaged)/),
        damaged: damaged('damaged.png'),
        bomb: matching(/^DataError: a\/bomb\.png has 16777216 × 16 pixels, above the limit of 67108864\./),
        gif: 'DataError: a/moving.gif is no PNG or JPEG image (it seems to be a GIF image). Leave it out, or convert it.',
        empty: 'DataError: a/empty.png is no PNG or JPEG image. Leave it out, or convert it.',
        noFolder: matching(/^DataError: alone\.jpg lies in no folder to name its class\. Let the user choose a folder/),
        blob: matching(/^DataError: image 1 lies in no folder/),
        missing: matching(/^DataError: 1\.png (was not found|came as an HTML page).* Check the address /),
        noUrl: matching(/^UsageError: 'http:\/\/' is not a URL\./),
        noLabel: matching(/^UsageError: labelFrom\('zoo\/dog\/1\.png'\) gave ''\. Return a class's name\./),
        none: 'UsageError: loadImages() was given no files. Give at least one.',
        size: 'UsageError: The height of size is 0. Give an integer from 1 to 4096.',
        noSize: 'UsageError: The height of size is NaN. Give an integer from 1 to 4096.',
        width: 'UsageError: The width of size is 0.5. Give an integer from 1 to 4096.',
        channels: 'UsageError: channels is 4. Give 1 (grey) or 3 (RGB).',
        aborted: 'Error: enough',
        abortedLater: 'Error: enough',
      },
    });
  });
});
