/** The examples for pages, each opened as `npm run examples` serves it. */
import { expect, it } from 'vitest';
import { openPage } from '../tools/page.ts';

const timeout = 60_000;

it('own-device: Inkling works on the device of the page, which goes on with it', async () => {
  const page = await openPage('/examples/own-device/index.html');
  await page.getByText('The device works on.').waitFor({ timeout });
  const [, slope, intercept] = /slope (\S+), intercept (\S+)\n/.exec(await page.locator('pre').innerText()) ?? [];
  expect(Number(slope)).toBeCloseTo(3, 2);
  expect(Number(intercept)).toBeCloseTo(-1, 2);
});

it('worker: the page shows the progress of training in a worker', async () => {
  const page = await openPage('/examples/worker/index.html');
  await page.getByText(/1000 steps on webgpu: 9\d\.\d %/).waitFor({ timeout });
  expect((await page.locator('pre').innerText()).match(/^step \d+: loss \d\.\d{3}$/gm)?.length).toBeGreaterThan(2);
});

it('worker: the button ends the training', async () => {
  const page = await openPage('/examples/worker/index.html');
  await page.getByRole('button', { name: 'Stop' }).click({ timeout });
  const text = page.getByText(/\d+ steps on webgpu: .* %/);
  await text.waitFor({ timeout });
  expect(Number(/(\d+) steps/.exec(await text.innerText())?.[1])).toBeLessThan(1000);
});
