/**
 * A test of the tools: a compute shader doubles four numbers in a real browser, and a page gets the data set's bytes.
 */
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { openPage, runInPage } from '../tools/page.ts';

test('the browser has an adapter that computes', async () => {
  const page = await openPage();
  expect(await runInPage(page, '/test/tools/double.ts', [1, 2.5, -3, 0])).toEqual([2, 5, -6, 0]);
});

test('MNIST is served as gzip files, not decoded on the way', async () => {
  const page = await openPage();
  const response = await page.request.get('/mnist/t10k-labels-idx1-ubyte.gz');
  expect(response.headers()).not.toHaveProperty('content-encoding');
  expect(gunzipSync(await response.body())).toHaveLength(10_008);
});
