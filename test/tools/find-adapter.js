/**
 * Finds a Vulkan driver under which the npm package `webgpu` (Dawn) has an adapter in Node. Each candidate is tried in
 * a process of its own, because the loader reads its environment when the process starts.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isCarried, unpackSwiftShader } from './chromium-package.js';

const debianChromium = '/usr/lib/chromium';

const probe = `
  import { create } from 'webgpu';
  const adapter = await create([]).requestAdapter();
  if (adapter) console.log([adapter.info.vendor, adapter.info.device, adapter.info.description].filter(Boolean).join(' '));
  process.exit(adapter ? 0 : 1);`;

/**
 * The environment that gives an adapter, and the adapter's name; undefined where there is none.
 * A driver the user names stands alone; else a GPU or an installed driver comes before SwiftShader.
 * @returns {Promise<{ env: Record<string, string>, name: string } | undefined>}
 */
export async function findAdapter() {
  for await (const env of candidates()) {
    const name = await adapterUnder(env);
    if (name !== undefined) return { env, name };
  }
  return undefined;
}

async function* candidates() {
  yield {};
  if (process.env.VK_ICD_FILENAMES || process.platform !== 'linux') return;
  if (existsSync(debianChromium)) yield driverIn(debianChromium);
  if (isCarried) yield driverIn(await unpackSwiftShader());
}

/**
 * SwiftShader's folder as Chromium ships it, with the Vulkan loader in it. Its compiler takes memory and gives it back all the time,
 * from the system by default, which takes a quarter of the time of a test: glibc is told to keep it.
 * @param {string} folder
 */
const driverIn = (folder) => ({
  MALLOC_MMAP_THRESHOLD_: '1000000000',
  MALLOC_TRIM_THRESHOLD_: '2000000000',
  MALLOC_TOP_PAD_: '67108864',
  VK_ICD_FILENAMES: join(folder, 'vk_swiftshader_icd.json'),
  LD_LIBRARY_PATH: [process.env.LD_LIBRARY_PATH, folder].filter(Boolean).join(':'),
});

/** @param {Record<string, string>} env */
async function adapterUnder(env) {
  try {
    const options = { cwd: import.meta.dirname, env: { ...process.env, ...env }, timeout: 30_000 };
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', probe], options);
    return stdout.trim() || 'unnamed adapter';
  } catch {
    return undefined; // no adapter, or no `webgpu` for this platform: the next candidate.
  }
}
