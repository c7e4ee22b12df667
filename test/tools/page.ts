/**
 * Pages of this repository in a real browser, for tests under test/browser/. The first page of a test file starts the
 * browser and a server, the file's end closes them.
 */
import { once } from 'node:events';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { createServer, preview, type InlineConfig } from 'vite';
import { afterAll } from 'vitest';
import { root, shared } from '../../vite.config.ts';
import { browserFlags, findBrowser } from './find-browser.js';

export interface PageOptions {
  /** What is served: the sources through Vite's dev server, or a built folder such as `dist/demo` as it stands. */
  readonly folder?: string;
  /** Playwright's options: `colorScheme`, `viewport`, `reducedMotion`… */
  readonly context?: BrowserContextOptions;
  /** Flags of the browser beside those that every test has. Other flags start another browser. */
  readonly flags?: readonly string[];
}

/** Opens a page, e.g. `/demo/`; errors the page does not catch go to the test's output. */
export async function openPage(route = '/test/browser/blank.html', options: PageOptions = {}): Promise<Page> {
  const [browser, origin] = await Promise.all([browserWith(options.flags ?? []), serve(options.folder ?? '')]);
  const context = await browser.newContext({ baseURL: origin, ...options.context });
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

const servers = memo(async (folder) => {
  // 127.0.0.1 counts as a secure context. The port is chosen here because Vite's client does not follow port 0.
  const address = { host: '127.0.0.1', port: await freePort() };
  const config: InlineConfig = { ...shared, configFile: false, root, logLevel: 'warn' };
  if (folder) return preview({ ...config, build: { outDir: folder }, preview: address });
  const server = await createServer({ ...config, appType: 'mpa', server: { ...address, watch: null } });
  return server.listen();
});

async function freePort(): Promise<number> {
  const probe = createTcpServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  return port;
}

async function serve(folder: string): Promise<string> {
  const origin = (await servers.get(folder)).resolvedUrls?.local[0];
  if (origin === undefined) throw new Error(`nothing is served from ${folder || 'the sources'}`);
  return origin;
}

afterAll(async () => {
  for (const browser of await browsers.all()) await browser.close();
  for (const server of await servers.all()) await server.close();
});
