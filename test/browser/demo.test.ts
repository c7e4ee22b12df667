/**
 * The demo page under a strict policy: one click trains it to the codelab's accuracy; by keyboard alone; on a phone; in
 * light and dark.
 */
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { InklingClassifier, InklingFilters } from 'inkling/elements';
import { openPage } from '../tools/page.ts';
import { axeViolations } from './elements.ts';

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "require-trusted-types-for 'script'",
  'trusted-types lit-html',
].join('; ');

let page: Page;
let foreign: string[];

/** The demo, its policy sent as a server would; what the policy stops is in `violations`. */
async function openDemo(): Promise<void> {
  page = await openPage();
  const origin = new URL(page.url()).origin;
  foreign = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(origin)) foreign.push(request.url());
  });
  await page.addInitScript(() => {
    const violations: string[] = [];
    Object.assign(globalThis, { violations });
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sourceFile }) => {
      violations.push(`${violatedDirective} ${blockedURI} ${sourceFile}`);
    });
  });
  await page.route('**/demo/', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, headers: { ...response.headers(), 'content-security-policy': POLICY } });
  });
  // The dev server's own script, which a built page does not have.
  await page.route('**/@vite/client', (route) => route.fulfill({ contentType: 'text/javascript', body: '' }));
  await page.goto(`${origin}/demo/`);
}

/** How the classifier's events end. */
const outcome = () =>
  page.locator('inkling-classifier').evaluate(
    (element: InklingClassifier) =>
      new Promise<{ steps: number; accuracy: number }>((resolve, reject) => {
        element.addEventListener('inkling-trained', ({ detail }) => resolve(detail));
        element.addEventListener('inkling-error', ({ detail }) => reject(detail.error));
      }),
  );

const reading = (name: string): Promise<string> =>
  page
    .locator('dl > div')
    .filter({ has: page.getByText(name, { exact: true }) })
    .locator('dd')
    .innerText();

describe('a visitor with a mouse', () => {
  beforeAll(openDemo);

  it('trains 1,000 steps by a click, to between 0.91 and 0.93 on the test set', async () => {
    const trained = outcome();
    const text = page.locator('#accuracy');
    expect(await text.innerText()).not.toMatch(/\d/);
    await page.getByRole('button', { name: 'Train' }).click();
    await page.getByRole('button', { name: 'Pause' }).waitFor();
    const { steps, accuracy } = await trained;
    expect(steps).toBe(1000);
    expect(accuracy).toBeGreaterThanOrEqual(0.91);
    expect(accuracy).toBeLessThanOrEqual(0.93);
    const percent = `${(accuracy * 100).toFixed(1)}%`;
    expect(await reading('Test accuracy')).toBe(percent);
    expect(await text.innerText()).toBe(`Your last run reached ${percent} after 1,000 steps.`);
    expect(await reading('Step')).toBe('1,000 of 1,000');
    expect(Number((await reading('Steps a second')).replace(',', ''))).toBeGreaterThan(0);
    expect(await page.getByText('in software').innerText()).toContain('WebGPU');
  });

  it('sees curves, ten pictures, blue where a weight is positive and red where negative, and which images went wrong', async () => {
    expect(await page.getByRole('img', { name: /^Loss from step 10 to 1,000: / }).count()).toBe(1);
    expect(await page.getByRole('img', { name: /^Accuracy from step \d+ to 1,000: / }).count()).toBe(1);
    const colors = await page.locator('inkling-filters').evaluate((filters: InklingFilters) =>
      [...(filters.shadowRoot?.querySelectorAll('canvas') ?? [])].map((canvas, k) => {
        const data = canvas.getContext('2d')?.getImageData(0, 0, 28, 28).data ?? [];
        const pixels = Array.from({ length: 784 }, (_, i) => ({
          weight: filters.weights?.[i * 10 + k] ?? 0,
          blueness: (data[i * 4 + 2] ?? 0) - (data[i * 4] ?? 0),
        }));
        return {
          blue: pixels.filter(({ weight, blueness }) => weight > 0 && blueness > 60).length,
          red: pixels.filter(({ weight, blueness }) => weight < 0 && blueness < -60).length,
          confused: pixels.filter(({ weight, blueness }) => weight * blueness < 0 && Math.abs(blueness) > 60).length,
        };
      }),
    );
    expect(colors).toHaveLength(10);
    for (const { blue, red, confused } of colors) {
      expect(Math.min(blue, red)).toBeGreaterThan(10);
      expect(confused).toBe(0);
    }
    expect(await page.getByText('blue speaks for the digit, red against it').count()).toBe(1);
    const wrong = await page.getByRole('option', { name: /but it is/ }).count();
    expect(wrong).toBeGreaterThan(0);
    expect(wrong).toBeLessThan(15);
    expect(await page.getByText(`${50 - wrong} of 50 recognised`).count()).toBe(1);
  });

  it('classifies a digit while it is drawn; a click takes a test image instead', async () => {
    const pad = page.locator('inkling-pad .pad');
    await pad.scrollIntoViewIfNeeded();
    const box = await pad.boundingBox();
    if (box === null) throw new Error('no pad');
    const at = (x: number, y: number) => [box.x + x * box.width, box.y + y * box.height] as const;
    await page.mouse.move(...at(0.5, 0.2));
    await page.mouse.down();
    await page.mouse.move(...at(0.5, 0.8), { steps: 10 });
    await page.getByText('looks like 1, ').waitFor();
    await page.mouse.up();
    const one = page.getByRole('meter', { name: '1', exact: true });
    expect(Number(await one.getAttribute('aria-valuenow'))).toBeGreaterThan(0.5);
    await page.getByRole('option', { name: '0 recognised' }).first().click();
    await page.getByText('looks like 0, ').waitFor();
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.getByText('draw one, or pick').waitFor();
  });

  it('is sent nowhere else, and nothing breaks the policy', async () => {
    expect(foreign).toEqual([]);
    expect(await page.evaluate(() => (globalThis as unknown as { violations: string[] }).violations)).toEqual([]);
  });

  it('meets nothing that axe objects to, in light or in dark', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await axeViolations(page), colorScheme).toEqual([]);
    }
  });

  it('goes back to the beginning', async () => {
    await page.getByRole('button', { name: 'Reset' }).click();
    await page.getByRole('button', { name: 'Train', exact: true }).waitFor();
    expect(await reading('Step')).toBe('0 of 1,000');
    expect(await page.getByRole('img', { name: 'Loss: nothing has been trained yet.' }).count()).toBe(1);
  });
});

it('trains, draws and picks by keys alone', async () => {
  await openDemo();
  const tabTo = async (name: RegExp): Promise<void> => {
    for (let i = 0; i < 20; i++) {
      await page.keyboard.press('Tab');
      const focused = await page.evaluate(() => {
        let active = document.activeElement;
        while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
        return active?.getAttribute('aria-label') ?? active?.textContent ?? '';
      });
      if (name.test(focused)) return;
    }
    throw new Error(`no tab stop is called ${String(name)}`);
  };
  await page.locator('inkling-classifier').evaluate((element) => { element.setAttribute('steps', '100'); }); // prettier-ignore
  const trained = outcome();
  await tabTo(/^\s*Train/);
  await page.keyboard.press('Enter');
  expect((await trained).steps).toBe(100);
  await page.getByRole('status').getByText('Trained.').waitFor();
  await tabTo(/^Draw a digit/);
  await page.keyboard.press('Space');
  for (let i = 0; i < 10; i++) await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Space');
  await page.getByText(/looks like 1/).waitFor();
  await tabTo(/recognised|but it is/);
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  expect(await page.locator('inkling-digits').getByRole('option', { selected: true }).count()).toBe(1);
});

it('fits screens from 320 pixels on, in forced colours and without motion too', async () => {
  page = await openPage('/demo/', { context: { forcedColors: 'active', reducedMotion: 'reduce' } });
  await page.locator('inkling-classifier:state(ready)').waitFor();
  for (const width of [320, 390, 768, 1280]) {
    await page.setViewportSize({ width, height: 700 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
  }
  expect(await page.getByRole('img', { name: /^Loss/ }).evaluate((chart) => chart.clientWidth)).toBeGreaterThan(400);
});
