/** Helpers of the elements' tests: loading elements into a page, and running axe. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Defines the elements in a page that does not by itself. */
export async function addElements(page: Page): Promise<void> {
  await page.addScriptTag({ type: 'module', url: '/src/elements/index.ts' });
  await page.waitForFunction(() => customElements.get('inkling-classifier') !== undefined);
}

/** What axe finds, one line a fault. */
export async function axeViolations(page: Page): Promise<string[]> {
  await page.evaluate(axe); // Also where the page's policy allows no script but its own.
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run(),
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.target.join(' ')}: ${node.failureSummary ?? ''}`),
  );
}
