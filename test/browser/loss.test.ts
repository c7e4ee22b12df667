/**
 * The GPU's process is killed under the engine, in a real browser: every promise settles, if not with its value then with
 * DeviceError, and the next session works.
 */
import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { openPage, runInPage } from '../tools/page.ts';
import type { Report } from './engine.page.ts';
import type { LossReport, Scenario } from './loss.page.ts';

/** Chromium gives up on a GPU that crashes time and again, and blocks the page that used it. */
const flags = ['--disable-gpu-process-crash-limit', '--disable-domain-blocking-for-3d-apis'];
let page: Page;
let undisturbed: Report;

beforeAll(async () => {
  page = await openPage(undefined, { flags });
  const control = await page.context().browser()?.newBrowserCDPSession();
  await page.exposeFunction('crashGpu', () => control?.send('Browser.crashGpuProcess'));
  undisturbed = (await runInPage(page, '/test/browser/engine.page.ts', { steps: 60 })) as Report;
});

async function lose(scenario: Scenario): Promise<string[]> {
  const { ends, after } = (await runInPage(page, '/test/browser/loss.page.ts', scenario)) as LossReport;
  expect(after).toMatchObject({ backend: 'webgpu', weights: undisturbed.weights });
  expect(ends.length).toBeGreaterThan(6);
  return ends.map((end) => end.join(': '));
}

it.each(['training', 'paused', 'idle'] as const)(
  '%s: all that was begun and all that is asked rejects',
  async (scenario) => {
    for (const end of await lose(scenario)) expect(end).toMatch(/: DeviceError: The GPU device was lost/);
  },
);

it.each(['asked', 'opening'] as const)('%s: what was not done in time rejects', async (scenario) => {
  const ends = await lose(scenario);
  for (const end of ends) expect(end).toMatch(/: (ok|DeviceError: .*)$/);
  expect(ends).toContainEqual(expect.stringMatching(/: DeviceError: The GPU device was lost/));
});
