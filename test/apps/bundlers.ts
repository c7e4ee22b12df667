/**
 * The bundlers that the package is tried with. Each builds an app's `main.js` as its documentation begins: without configuration,
 * or with no more than the bundler demands.
 */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);

/** A bundler of test/apps/node_modules. */
export interface Bundler {
  readonly name: string;
  /** The folder that is served, in the app. */
  readonly output: string;
  /** Whether it copies the files that code names by URL. */
  readonly copies: boolean;
  /** Whether it copies them for code that is loaded and not used, too. */
  readonly copiesUnused?: boolean;
  readonly build: (app: string) => Promise<unknown>;
}

/** A program's end: resolves on success, rejects with all that it printed. */
const ended = (program: ReturnType<typeof spawn>, name: string): Promise<void> =>
  new Promise((resolve, reject) => {
    let text = '';
    for (const stream of [program.stdout, program.stderr]) stream?.on('data', (data) => (text += String(data)));
    program.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${name} failed:\n${text}`))));
  });

/** Starts a version of Vite; its own variables are not those of the Vite that runs this program. */
function startVite(name: string, app: string, parameters: readonly string[]) {
  const script = fileURLToPath(new URL(`node_modules/${name}/bin/vite.js`, import.meta.url));
  const { NODE_ENV: _, VITE_USER_NODE_ENV: __, ...env } = process.env;
  return spawn(process.execPath, [script, ...parameters], { cwd: app, env: { ...env, NO_COLOR: '1' } });
}

const vite = (name: string, version: number): Bundler => ({
  name: `Vite ${version}`,
  output: 'dist',
  copies: true,
  copiesUnused: true,
  build: (app) => ended(startVite(name, app, ['build']), name),
});

/** Serves an app by Vite's development server until `use` ends. */
export async function withDevServer<T>(name: string, app: string, use: (url: string) => Promise<T>): Promise<T> {
  const server = startVite(name, app, ['--host', '127.0.0.1', '--port', '0']);
  try {
    const url = await new Promise<string>((resolve, reject) => {
      let text = '';
      const read = (data: unknown): void => {
        text += String(data);
        const [address] = /http:\/\/127\.0\.0\.1:\d+\//.exec(text) ?? [];
        if (address) resolve(address);
      };
      server.stdout.on('data', read);
      server.stderr.on('data', read);
      server.on('exit', () => reject(new Error(`${name} failed:\n${text}`)));
    });
    return await use(url);
  } finally {
    server.kill();
  }
}

type Webpack = (
  options: object,
  done: (error: Error | null, stats?: { hasErrors(): boolean; toString(): string }) => void,
) => void;

const webpack: Bundler = {
  name: 'webpack 5',
  output: 'dist',
  copies: true,
  build: (app) =>
    new Promise<void>((resolve, reject) => {
      const run = require('webpack') as Webpack;
      run(
        { mode: 'production', context: app, entry: './main.js', output: { path: join(app, 'dist') } },
        (error, stats) => (error || stats?.hasErrors() ? reject(error ?? new Error(String(stats))) : resolve()),
      );
    }),
};

const esbuild: Bundler = {
  name: 'esbuild',
  output: 'public',
  copies: false,
  build: (app) => {
    const { build } = require('esbuild') as { build: (options: object) => Promise<unknown> };
    return build({
      absWorkingDir: app,
      entryPoints: ['main.js'],
      bundle: true,
      format: 'esm',
      outdir: 'public',
      logLevel: 'error',
    });
  },
};

const rollup: Bundler = {
  name: 'Rollup 4',
  output: 'public',
  copies: false,
  build: async (app) => {
    const { rollup } = require('rollup') as {
      rollup: (options: object) => Promise<{ write(options: object): Promise<unknown> }>;
    };
    const { nodeResolve } = require('@rollup/plugin-node-resolve') as { nodeResolve: (options: object) => unknown };
    const bundle = await rollup({ input: join(app, 'main.js'), plugins: [nodeResolve({ browser: true })] });
    await bundle.write({ dir: join(app, 'public'), format: 'es' });
  },
};

/** The versions of Vite, by the folder in node_modules. */
export const vites = { vite: 8, 'vite-7': 7 } as const;

export const bundlers: readonly Bundler[] = [
  ...Object.entries(vites).map(([name, version]) => vite(name, version)),
  webpack,
  esbuild,
  rollup,
];
