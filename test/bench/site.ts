/** The pages of the benchmark and the demo, bundled and served. */
import { copyFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { build, preview, type InlineConfig } from 'vite';
import { builds, root, shared } from '../../vite.config.ts';

const folder = join(root, '.cache/bench/site');
const pages = join(root, 'test/bench/page');
const wasm = join(root, 'test/bench/node_modules/@tensorflow/tfjs-backend-wasm/dist');

/** Peers go by names of ours in the pages: the compiler need not find what only `npm run bench` installs. */
const peers = {
  'peer:jax': '@jax-js/jax',
  'peer:tfjs': '@tensorflow/tfjs',
  'peer:tfjs-wasm': '@tensorflow/tfjs-backend-wasm',
  'peer:tfjs-webgpu': '@tensorflow/tfjs-backend-webgpu',
};

export interface Site {
  /** Ends in a slash. */
  readonly origin: string;
  close(): Promise<void>;
}

/** Builds and serves `bench.html`, `load.html` and `demo/`. */
export async function serveSite(): Promise<Site> {
  const common: InlineConfig = { ...shared, configFile: false, logLevel: 'error' };
  const aliases = Object.entries(peers).map(([find, replacement]) => ({ find: new RegExp(`^${find}$`), replacement }));
  await build({
    ...common,
    root: pages,
    base: './',
    resolve: { alias: [...shared.resolve.alias, ...aliases] },
    build: {
      outDir: folder,
      assetsDir: '',
      emptyOutDir: true,
      target: 'es2022',
      rolldownOptions: { input: ['bench.html', 'load.html'].map((name) => join(pages, name)) },
    },
  });
  const files = (await readdir(wasm)).filter((name) => name.endsWith('.wasm'));
  await Promise.all(files.map((name) => copyFile(join(wasm, name), join(folder, name))));
  await build({ ...common, ...builds.demo, build: { ...builds.demo.build, outDir: join(folder, 'demo') } });
  const server = await preview({
    ...common,
    root,
    build: { outDir: folder },
    // Isolated pages have a clock of 5 µs instead of 100 µs, and may use threads.
    preview: {
      host: '127.0.0.1',
      port: 0,
      headers: { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' },
    },
  });
  const origin = server.resolvedUrls?.local[0];
  if (origin === undefined) throw new Error('the pages of the benchmark are not served');
  return { origin, close: () => server.close() };
}
