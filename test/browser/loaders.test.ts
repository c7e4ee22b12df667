/**
 * Data files of every format in a real browser, by address and as files: the same data sets as in Node, whose values the tests
 * under test/data hold.
 */
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { openPage, runInPage } from '../tools/page.ts';
import { sets, summaryOf } from './loaders.page.ts';

test('files of every format give in a page the data sets that they give in Node', async () => {
  const found = (await runInPage(await openPage(), '/test/browser/loaders.page.ts')) as unknown[];
  for (const [i, names] of sets.entries()) {
    const paths = names.map((name) => fileURLToPath(new URL(`../data/fixtures/${name}`, import.meta.url)));
    const expected = JSON.parse(JSON.stringify(await summaryOf(paths))) as unknown;
    expect(found[i], names.join(', ')).toEqual([expected, expected]);
  }
});
