/**
 * Three projects: `gpu` needs an adapter, `browser` a Chromium, `unit` neither. Where there is no adapter or no browser, the tests
 * that need it fail in CI; a laptop goes on without them, saying so.
 */
import { defineConfig, type ViteUserConfig } from 'vitest/config';
import { findBrowser } from './test/tools/find-browser.js';
import { SlowestFiles } from './test/tools/slowest-files.ts';
import { shared } from './vite.config.ts';

const gpuTests = 'test/**/*.gpu.test.ts';
const browserTests = 'test/browser/**/*.test.ts';

/** Files of the project `unit` that `npm run test:quick` leaves out. */
const slowTests =
  'test/**/{bundle,digit,docs,editor,examples,golden,ink,load-csv,mnist,photographs,races,text,train,types}.test.ts';

const noAdapter = 'GPU TESTS IN NODE: no adapter. Start through `node test/tools/launch.js`, as npm test does.';

/** Files to run where nothing is missing; else none and a warning, or in CI all of them. */
function unlessMissing(files: string, missing: string | undefined): string[] {
  if (missing === undefined) return [files];
  console.warn(`\n!!! ${process.env.CI ? 'FAILING' : 'SKIPPED'} ${missing}\n`);
  return process.env.CI ? [files] : [];
}

/**
 * Files of a worker share their modules, and the GPU's device, and so start sooner. Projects share no worker: they run one after the
 * other.
 */
const group = (groupOrder: number) => ({ isolate: false, sequence: { groupOrder } });

export default defineConfig(async ({ mode }): Promise<ViteUserConfig> => {
  const noBrowser = await findBrowser().then(
    () => undefined,
    (error: unknown) => `TESTS IN THE BROWSER: ${String(error)}`,
  );
  return {
    test: {
      reporters: ['default', new SlowestFiles()],
      // By default one core is left idle, which of two is half.
      maxWorkers: '100%',
      projects: [
        {
          ...shared,
          test: {
            name: 'unit',
            ...group(2),
            include: ['test/**/*.test.ts'],
            exclude: [gpuTests, browserTests, ...(mode === 'quick' ? [slowTests] : [])],
            testTimeout: 60_000,
            hookTimeout: 60_000,
          },
        },
        {
          ...shared,
          test: {
            name: 'gpu',
            ...group(1),
            include: unlessMissing(gpuTests, process.env.INKLING_ADAPTER ? undefined : noAdapter),
            setupFiles: 'test/tools/poll-rarely.ts',
            testTimeout: 120_000,
            hookTimeout: 120_000,
          },
        },
        {
          ...shared,
          test: {
            name: 'browser',
            ...group(0),
            isolate: true, // Each file closes its browser.
            globalSetup: 'test/tools/serve-sources.ts',
            include: unlessMissing(browserTests, noBrowser),
            testTimeout: 120_000,
            hookTimeout: 120_000,
          },
        },
      ],
    },
  };
});
