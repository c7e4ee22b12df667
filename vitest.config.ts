/**
 * Two projects: what needs an adapter or a browser runs one file after another, everything else beside each other.
 * Where there is no adapter or no browser, CI fails and a laptop goes on without those tests, saying so.
 */
import { defineConfig, type ViteUserConfig } from 'vitest/config';
import { findBrowser } from './test/tools/find-browser.js';
import { shared } from './vite.config.ts';

const gpuTests = 'test/**/*.gpu.test.ts';
const browserTests = 'test/browser/**/*.test.ts';

export default defineConfig(async (): Promise<ViteUserConfig> => {
  const adapter = process.env.INKLING_ADAPTER;
  const missing = [
    adapter ? undefined : 'GPU TESTS IN NODE: no adapter. Start through `node test/tools/launch.js`, as npm test does.',
    await findBrowser().then(
      () => undefined,
      (error: unknown) => `TESTS IN THE BROWSER: ${String(error)}`,
    ),
  ];
  const [noAdapter, noBrowser] = missing;
  for (const line of missing.filter((line) => line !== undefined)) {
    if (process.env.CI) throw new Error(line);
    console.warn(`\n!!! SKIPPED ${line}\n`);
  }
  return {
    test: {
      projects: [
        {
          ...shared,
          test: {
            name: 'unit',
            include: ['test/**/*.test.ts'],
            exclude: [gpuTests, browserTests],
            testTimeout: 30_000,
          },
        },
        {
          ...shared,
          test: {
            name: 'gpu',
            include: [...(noAdapter ? [] : [gpuTests]), ...(noBrowser ? [] : [browserTests])],
            maxWorkers: 1,
            sequence: { groupOrder: 1 },
            testTimeout: 60_000,
            hookTimeout: 60_000,
          },
        },
      ],
    },
  };
});
