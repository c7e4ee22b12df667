/**
 * Finds a Chromium for the tests: the requested one, an installed one, Playwright's, or the one of an npm package.
 */
import { existsSync } from 'node:fs';
import { Launcher } from 'chrome-launcher';
import { chromium } from 'playwright-core';
import { isCarried, unpackChromium } from './chromium-package.js';

/** @typedef {{ executable: string, env: Record<string, string> }} Browser */

/** @returns {Promise<Browser>} the browser and what its environment needs; rejects where there is none. */
export async function findBrowser() {
  const asked = process.env.CHROME_PATH;
  if (asked) {
    if (!existsSync(asked)) throw new Error(`CHROME_PATH names ${asked}, which does not exist: correct or unset it`);
    return { executable: asked, env: {} };
  }
  const installed = firstInstallation() ?? chromium.executablePath();
  if (existsSync(installed)) return { executable: installed, env: {} };
  if (isCarried) return unpackChromium();
  throw new Error(
    'no browser for the tests: install Chrome or Chromium, or set CHROME_PATH to one, or run ' +
      '`npx playwright-core install chromium`, or (Linux x64) keep optional and development dependencies when installing',
  );
}

function firstInstallation() {
  try {
    return Launcher.getFirstInstallation();
  } catch {
    return undefined; // chrome-launcher throws where it finds none, on some systems.
  }
}

/** Flags under which WebGPU computes without a GPU; INKLING_BROWSER_GPU=1 leaves the choice of adapter to the browser. */
export const browserFlags = [
  '--enable-unsafe-webgpu',
  ...(process.platform === 'linux' && !process.env.INKLING_BROWSER_GPU ? ['--use-webgpu-adapter=swiftshader'] : []),
  ...(process.getuid?.() === 0 || process.env.CI ? ['--no-sandbox'] : []),
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
