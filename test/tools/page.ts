/**
 * Pages of this repository in a real browser, for tests under test/browser/: the sources, through Vite's development server. The
 * first page of a test file starts the browser, the file's end closes it.
 */
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { afterAll, inject } from 'vitest';
import { browserFlags, findBrowser } from './find-browser.js';

export interface PageOptions {
  /** Playwright's options: `colorScheme`, `viewport`, `reducedMotion`… */
  readonly context?: BrowserContextOptions;
  /** Flags of the browser beside those that every test has. Other flags start another browser. */
  readonly flags?: readonly string[];
}

/** Opens a page, e.g. `/demo/`; errors the page does not catch go to the test's output. */
export async function openPage(route = '/test/browser/blank.html', options: PageOptions = {}): Promise<Page> {
  const browser = await browserWith(options.flags ?? []);
  const context = await browser.newContext({ baseURL: inject('sources'), ...options.context });
  context.setDefaultTimeout(0); // The test's own limit is enough, and Playwright's is too short for a loaded machine.
  const page = await context.newPage();
  page.on('pageerror', (error) => console.error(`uncaught in the page: ${error.stack ?? error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') console.error(`console.error in the page: ${message.text()}`);
  });
  await page.goto(route);
  return page;
}

/**
 * Calls the default export of a module of this repository, e.g. `/test/browser/double.page.ts`, in the page. Argument
 * and result travel as JSON. (Vitest rewrites the `import()` of a function handed to `page.evaluate`.)
 */
export async function runInPage(page: Page, module: string, argument: unknown = null): Promise<unknown> {
  const call = `import(${JSON.stringify(module)}).then((module) => module.default(${JSON.stringify(argument)}))`;
  return page.evaluate<unknown>(call);
}

const memo = <T>(make: (key: string) => Promise<T>) => {
  const made = new Map<string, Promise<T>>();
  return {
    get: (key: string): Promise<T> => {
      const value = made.get(key) ?? make(key);
      made.set(key, value);
      return value;
    },
    all: (): Promise<T[]> => Promise.all(made.values()),
  };
};

const browsers = memo(async (flags): Promise<Browser> => {
  const { executable, env } = await findBrowser();
  const args = [...browserFlags, ...flags.split(' ').filter(Boolean)];
  return chromium.launch({ executablePath: executable, args, env: { ...process.env, ...env } });
});

const browserWith = (flags: readonly string[]): Promise<Browser> => browsers.get(flags.join(' '));

afterAll(async () => {
  for (const browser of await browsers.all()) await browser.close();
});
