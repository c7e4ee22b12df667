/**
 * Pictures with clear parts: the same answers for a file of the data set and for every form of it in a page.
 */
import { expect, test } from 'vitest';
import { openPage, runInPage } from '../tools/page.ts';

test('a picture is answered alike as file, image, bitmap, canvas, video frame and ImageData, to 1e-6', async () => {
  const found = (await runInPage(await openPage(), '/test/browser/predict.page.ts')) as {
    right: Record<string, number>;
    furthest: Record<string, number>;
    single: number;
    digits: Record<string, boolean>;
    refused: Record<string, string>;
  };
  console.info('furthest from the data set’s own probabilities:', found.furthest);
  const forms = ['imageData', 'canvas', 'offscreen', 'image', 'loading', 'bitmap', 'bitmapCanvas', 'blob', 'frame'];
  expect(found.right).toEqual(Object.fromEntries(forms.map((form) => [form, 30])));
  // Chromium's video frames keep clear parts only nearly as they were.
  for (const form of forms) expect(found.furthest[form], form).toBeLessThan(form === 'frame' ? 0.2 : 1e-6);
  expect(found.single).toBeLessThan(1e-6);
  expect(found.digits).toEqual({ drawn: true, image: true, bitmap: true, blob: true, frame: true, data: true });
  expect(found.refused).toEqual({
    unloaded: expect.stringMatching(/^UsageError: digitFrom: the picture has no pixels yet; give one/) as string,
    broken: expect.stringMatching(/^UsageError: predict: the picture has no pixels yet; give one/) as string,
    video: expect.stringMatching(/^UsageError: predict: the picture has no pixels yet; give one/) as string,
    empty: expect.stringMatching(/^UsageError: predict: the picture has no pixels; give one/) as string,
    text: expect.stringMatching(
      /^DataError: predict: the file cannot be decoded: it is not an image .* Give a PNG/,
    ) as string,
    element: expect.stringMatching(
      /^FeedError: predict: found an? HTMLParagraphElement where a number was expected/,
    ) as string,
  });
});
