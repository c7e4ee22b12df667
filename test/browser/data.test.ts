/**
 * `inkling/data` in a real browser: loaded values, and the same errors as in Node.
 */
import { expect, test } from 'vitest';
import { openPage, runInPage } from '../tools/page.ts';

test('loads MNIST, refuses damaged files and reads a canvas in the page', async () => {
  const page = await openPage();
  const found = await runInPage(page, '/test/browser/data.page.ts');
  const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);
  const near = (value: number): unknown => expect.closeTo(value, 0);
  const damaged = (file: string): unknown =>
    matching(new RegExp(`^DataError: ${file} is incomplete or damaged: .* Download it again\\.$`));
  expect(found).toEqual({
    sizes: [55_000, 5_000, 10_000],
    ones: 1135,
    progress: { loaded: 54_950_048, total: 54_950_048 },
    image: true,
    missing: matching(/^DataError: .*-ubyte\.gz (was not found|came as an HTML page).* Check the address /),
    aborted: 'Error: enough',
    damaged: {
      whole: 'none',
      cut: damaged('cut'),
      checksum: damaged('checksum'),
      junk: damaged('junk'),
      member: damaged('member'),
      bomb: matching(/^DataError: images expands beyond 16 bytes, the limit\./),
    },
    digit: { x: near(14), y: near(14), rows: 20, peak: 1 },
    rows: 2,
  });
});
