/**
 * Builds: `vite` serves demo/, `vite build --mode library` makes the package's modules, `--mode single` the single file for a
 * script tag, `--mode demo` the demo as a static site.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { minify } from 'terser';
import { build, defineConfig, type BuildEnvironmentOptions, type Plugin, type Rolldown, type UserConfig } from 'vite';
import { css } from './css-plugin.ts';
import { mnist, mnistUrls } from './demo/mnist-plugin.ts';
import { inlineImports } from './inline-imports-plugin.ts';
import manifest from './package.json' with { type: 'json' };
import { wgsl } from './shaders/wgsl-plugin.ts';

const pathOf = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/** The repository's folder. */
export const root = pathOf('.');

/** The package's entries and their sources. */
export const entries = {
  index: pathOf('src/index.ts'),
  data: pathOf('src/data/index.ts'),
  formats: pathOf('src/formats/index.ts'),
  layers: pathOf('src/layers/index.ts'),
  node: pathOf('src/node.ts'),
  elements: pathOf('src/elements/index.ts'),
};

/** Configuration of the dev server, the builds and the tests: `inkling` resolves to the sources. */
export const shared = {
  plugins: [wgsl(), css(), mnist(), mnistUrls()],
  resolve: {
    alias: Object.entries(entries).map(([name, replacement]) => ({
      find: name === 'index' ? /^inkling$/ : new RegExp(`^inkling/${name}$`),
      replacement,
    })),
  },
} satisfies UserConfig;

const packages = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies)];
const external = [...packages.map((name) => new RegExp(`^${name}(/|$)`)), /^node:/];

/**
 * Puts the modules that a training program loads at once in one chunk, since fewer chunks compress better. Modules that are
 * loaded on demand (the engines, snapshots, loaders of data files) are not in it. If they were in a cycle with it, a bundler
 * (seen: Rolldown) would keep the engines in a program that opens no session.
 */
const core = new RegExp(
  `src/(${[
    'checks|errors|print|formats/bytes',
    '(graph|ops|optimizers)/.*',
    'data/(?!index|load-|mnist|zip|crc32|pause|read/|images/dataset|input-from|dataset(-core|-from)?\\.|concat|map|normalize|row-buffer|split|image-data).*',
    'session/(feeds|fetches|lock|plan-cache|prepare|run|runner|train)',
    'compile/(collect|compile|explain|known-shapes|plan|print|program|simplify|specialize|structure|verify)',
  ].join('|')})\\.ts$`,
);

/** The class of data sets, which `loadMnist` loads while its files arrive. A module that imports it statically is not in the core. */
const dataset = /src\/data\/(dataset|dataset-core|dataset-from|concat|map|normalize|row-buffer|split|image-data)\.ts$/;

const library: BuildEnvironmentOptions = {
  lib: {
    entry: Object.fromEntries(Object.entries(entries).filter(([, file]) => existsSync(file))),
    formats: ['es'],
  },
  // No folders: a chunk finds the data set beside itself.
  rolldownOptions: {
    external,
    output: {
      chunkFileNames: 'chunk-[hash].js',
      // A program that does not load MNIST has not that chunk, whose URLs make bundlers copy the data.
      codeSplitting: {
        groups: [
          { name: 'core', test: core, priority: 1 },
          { name: 'dataset', test: dataset },
          { name: 'mnist', test: /src\/data\/mnist\.ts$/ },
        ],
      },
    },
  },
};

/** The modules of data sets without the methods that make other sets: no element calls them, and none hands out a set. */
const dataSetsCore: Plugin = {
  name: 'inkling:data-sets-core',
  apply: 'build',
  load: (id) =>
    id === pathOf('src/data/dataset.ts') ? `export { DatasetCore as Dataset } from './dataset-core.ts';` : undefined,
};

/**
 * Files beside the single file: parts that few pages use, loaded on demand. Each has all its dependencies, even the classes of
 * errors, so it does not import the single file.
 */
export const beside: Readonly<Record<string, readonly string[]>> = {
  'inkling-pictures.js': [pathOf('src/data/digit/ink.ts'), pathOf('src/data/measure.ts')],
  'inkling-idx.js': [pathOf('src/data/read/idx-set.ts')],
  'inkling-weights.js': [pathOf('src/session/snapshot.ts'), pathOf('src/formats/safetensors.ts')],
};

const oneFile = (entry: string, fileName: string): BuildEnvironmentOptions => ({
  emptyOutDir: false,
  lib: { entry, formats: ['es'], fileName: () => fileName },
  // A library's modules keep white space, which bundlers need for their annotations; nothing processes this file later.
  rolldownOptions: { output: { codeSplitting: false, comments: { annotation: false }, minify: true } },
});

/** Minifies the finished file with Terser, which makes several passes; the bundler's own minifier makes one. */
const terser: Plugin = {
  name: 'inkling:terser',
  apply: 'build',
  generateBundle: {
    order: 'post',
    async handler(_, bundle) {
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== 'chunk') continue;
        const asset = bundle[`${chunk.fileName}.map`];
        const content = asset?.type === 'asset' ? String(asset.source) : undefined;
        const { code, map } = await minify(chunk.code, {
          module: true,
          ecma: 2020,
          compress: { passes: 3 },
          sourceMap: content !== undefined && { content, url: `${chunk.fileName}.map` },
        });
        chunk.code = code ?? chunk.code;
        if (asset?.type === 'asset') asset.source = typeof map === 'string' ? map : JSON.stringify(map);
      }
    },
  },
};

/** Builds the files {@link beside} the single file. */
const filesBeside: Plugin = {
  name: 'inkling:files-beside',
  apply: 'build',
  async generateBundle() {
    for (const [name, modules] of Object.entries(beside)) {
      const all = modules.map((file) => `export * from ${JSON.stringify(file)};`).join('\n');
      const file = pathOf(name);
      const entry: Plugin = {
        name: 'inkling:entry',
        resolveId: (id) => (id === file ? id : undefined),
        load: (id) => (id === file ? all : undefined),
      };
      const built = await build({
        resolve: shared.resolve,
        plugins: [entry, wgsl(), css(), dataSetsCore, inlineImports(), terser],
        configFile: false,
        logLevel: 'error',
        build: { target: 'es2022', sourcemap: true, write: false, ...oneFile(file, name) },
      });
      for (const { output } of built as Rolldown.RolldownOutput[])
        for (const { fileName, ...made } of output)
          this.emitFile({ type: 'asset', fileName, source: made.type === 'chunk' ? made.code : made.source });
    }
  },
};

const demo: BuildEnvironmentOptions = { outDir: pathOf('dist/demo'), assetsDir: '', emptyOutDir: true };

export const builds = {
  library: { build: { outDir: pathOf('dist'), target: 'es2022', sourcemap: true, ...library } },
  single: {
    build: { outDir: pathOf('dist'), target: 'es2022', sourcemap: true, ...oneFile(entries.elements, 'inkling.js') },
    plugins: [wgsl(), css(), dataSetsCore, mnistUrls(), inlineImports(beside), filesBeside, terser],
  },
  demo: { root: pathOf('demo'), base: './', build: demo },
} satisfies Record<string, UserConfig>;

const isBuild = (mode: string): mode is keyof typeof builds => mode in builds;

export default defineConfig(({ mode }) => ({
  ...shared,
  ...(isBuild(mode) ? builds[mode] : { root: pathOf('demo') }),
}));
