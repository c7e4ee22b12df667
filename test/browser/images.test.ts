/**
 * `loadImages` in a real browser, in a page and in a worker: pixels, classes, and refusals.
 */
import { describe, expect, test } from 'vitest';
import { openPage, runInPage } from '../tools/page.ts';

type Pixel = readonly number[];
/** A row of four pixels, made of eight each of two colours: those in the middle reach over the border. */
const halves = (left: Pixel, right: Pixel): number[] =>
  [0, 1 / 8, 7 / 8, 1].flatMap((share) =>
    left.map((value, i) => Math.round(value + share * ((right[i] ?? 0) - value))),
  );
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
  test('loads PNG and JPEG files, scaled, and refuses all other files', async () => {
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
        // 0.299, 0.114 and 0.587 of 255; six sevenths of one half, and one of the other.
        bytes: [70, 36, 70, 36, 36, 219, 36, 219, 165, 240, 165, 240],
      },
      upright: {
        name: 'images',
        classes: ['up'],
        imageShape: [2, 2, 3],
        labels: [0],
        bytes: [...Array<number>(6).fill(36), ...Array<number>(6).fill(219)],
      },
      blobUrl: { name: 'images', classes: ['image 0'], imageShape: [1, 1, 3], labels: [0], bytes: red },
      progress: ['1/3', '2/3', '3/3'],
      refused: {
        cut: damaged('cut.png'),
        cutJpeg: damaged('cut.jpg'),
        damaged: damaged('damaged.png'),
        bomb: matching(/^DataError: a\/bomb\.png has 16777216 × 16 pixels, above the limit of 67108864\./),
        gif: damaged('moving.gif'),
        text: 'DataError: a/text.gif is not an image that can be decoded. Leave it out, or convert it to PNG or JPEG.',
        empty: 'DataError: a/empty.png is empty: it has no bytes. Leave it out, or save it again.',
        noFolder: matching(/^DataError: alone\.jpg lies in no folder to name its class\. Let the user choose a folder/),
        blob: matching(/^DataError: image 1 lies in no folder/),
        missing: matching(/^DataError: 1\.png (was not found|came as an HTML page).* Check the address /),
        noUrl: matching(/^UsageError: 'http:\/\/' is not a URL\./),
        noLabel: matching(/^UsageError: labelFrom\('zoo\/dog\/1\.png'\) returned ''\. Return a class's name\./),
        none: 'UsageError: loadImages() was given no files. Give at least one.',
        size: 'UsageError: The height of size is 0. Give an integer from 1 to 4096.',
        noSize: 'UsageError: loadImages: `size` is undefined; give [height, width], or a number for both.',
        width: 'UsageError: The width of size is 0.5. Give an integer from 1 to 4096.',
        channels: 'UsageError: channels is 4. Give 1 (grey) or 3 (RGB).',
        aborted: 'Error: enough',
        abortedLater: 'Error: enough',
      },
    });
  });
});
