/** Pages of the apps in a browser, and a plain file server for what the bundlers wrote. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { browserFlags, findBrowser } from '../tools/find-browser.js';

const types: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.gz': 'application/gzip' };

/** Starts the browser of the tests. */
export async function startBrowser(): Promise<Browser> {
  const { executable, env } = await findBrowser();
  return chromium.launch({ executablePath: executable, args: browserFlags, env: { ...process.env, ...env } });
}

/** Serves a folder until `use` ends. */
export async function withFiles<T>(folder: string, use: (url: string) => Promise<T>): Promise<T> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const path = pathname === '/' ? '/index.html' : pathname;
    readFile(join(folder, path)).then(
      (content) => response.writeHead(200, { 'content-type': types[extname(path)] ?? 'text/plain' }).end(content),
      () => response.writeHead(404).end(),
    );
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/**
 * Runs README's program in a page.
 *
 * @returns the accuracy that it prints, or the text of the error that it throws
 */
export async function accuracyIn(browser: Browser, url: string): Promise<number | string> {
  const page = await browser.newPage();
  try {
    return await new Promise<number | string>((resolve, reject) => {
      page.on('console', (message) => {
        const [result] = message.args();
        if (message.text().includes('accuracy')) {
          result?.jsonValue().then((value) => resolve((value as { accuracy: number }).accuracy), reject);
        }
      });
      page.on('pageerror', (error) => resolve(String(error)));
      setTimeout(() => resolve('The page printed no accuracy in two minutes.'), 120_000).unref();
      page.goto(url).catch(reject);
    });
  } finally {
    await page.close();
  }
}
