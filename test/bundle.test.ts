/**
 * Size is a feature: the package is built as it is published, and programs that import it are bundled as a stranger
 * would, minified and gzipped.
 */
import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, type Rolldown } from 'vite';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { wgsl } from '../shaders/wgsl-plugin.ts';
import { builds, root, shared } from '../vite.config.ts';

const folder = join(root, '.cache/package');
const quiet = { configFile: false, logLevel: 'error' } as const;

const codelab = `
  import { add, argMax, cast, createSession, equal, gradientDescent, log, matmul, mul, neg, placeholder, reduceMean, reduceSum,
    softmax, variable, zeros } from 'inkling';
  import { loadMnist } from 'inkling/data';
  const { train, test } = await loadMnist();
  const x = placeholder('x', [null, 784]);
  const W = variable('W', zeros([784, 10]));
  const b = variable('b', zeros([10]));
  const y = softmax(add(matmul(x, W), b));
  const y_ = placeholder('y_', [null, 10]);
  const crossEntropy = neg(reduceSum(mul(y_, log(y))));
  const trainStep = gradientDescent(0.01).minimize(crossEntropy);
  const session = await createSession();
  for (let i = 0; i < 1000; i++) {
    const batch = train.nextBatch(100);
    await session.run(trainStep, { x: batch.images, y_: batch.labels });
  }
  const accuracy = reduceMean(cast(equal(argMax(y, 1), argMax(y_, 1)), 'float32'));
  console.log(await session.run(accuracy, { x: test.images, y_: test.labels }));`;

beforeAll(async () => {
  vi.stubEnv('NODE_ENV', 'production');
  rmSync(folder, { recursive: true, force: true });
  const { library } = builds;
  const outDir = join(folder, 'dist');
  await build({ ...shared, ...library, ...quiet, plugins: [wgsl()], build: { ...library.build, outDir } });
  copyFileSync(join(root, 'package.json'), join(folder, 'package.json'));
}, 60_000);

afterAll(() => void vi.unstubAllEnvs());

/** A program that imports the built package, bundled: what loads with it at once, and the parts that load when needed. */
async function chunksOf(program: string, codeSplitting = true): Promise<{ readonly entry: string; readonly all: string }> {
  const entry = join(folder, 'program.js');
  const result = await build({
    ...quiet,
    plugins: [
      {
        name: 'program',
        resolveId: (id) => (id === entry ? id : undefined),
        load: (id) => (id === entry ? program : undefined),
      },
    ],
    resolve: {
      alias: [
        { find: /^inkling$/, replacement: join(folder, 'dist/index.js') },
        { find: /^inkling\//, replacement: `${join(folder, 'dist')}/` },
      ],
    },
    // As a library, so that what is measured holds nothing of Vite's own.
    build: {
      write: false,
      target: 'es2022',
      lib: { entry: join(folder, 'program.js'), formats: ['es'] },
      rolldownOptions: { output: { minify: true, codeSplitting } },
    },
  });
  const chunks = outputOf(result).filter((output) => output.type === 'chunk');
  const first = chunks.find((chunk) => chunk.isEntry);
  const loaded = new Set([first]);
  for (const chunk of loaded)
    for (const name of chunk?.imports ?? []) loaded.add(chunks.find(({ fileName }) => fileName === name));
  const codeOf = (parts: Iterable<Rolldown.OutputChunk | undefined>): string =>
    [...parts].map((chunk) => chunk?.code ?? '').join('\n');
  return { entry: codeOf(loaded), all: codeOf(chunks) };
}

type Output = Rolldown.RolldownOutput;

/** What a build wrote; a library's build gives one output a format. */
const outputOf = (result: unknown): Output['output'] => ([result].flat() as [Output])[0].output;

/** All code of a program, in one piece. */
const bundle = async (program: string): Promise<string> => (await chunksOf(program, false)).all;

const kilobytes = (code: string): number => gzipSync(code, { level: 9 }).length / 1000;

describe('minified and gzipped', () => {
  test('the codelab program alone is at most 25 kB; the engine of the machine it meets comes after it', async () => {
    const { entry, all } = await chunksOf(codelab);
    console.info(
      `the codelab program: ${kilobytes(entry).toFixed(1)} kB of 25, with both engines ${kilobytes(all).toFixed(1)} kB`,
    );
    expect(kilobytes(entry)).toBeLessThanOrEqual(25);
    expect(entry).not.toContain('@workgroup_size');
  });

  test('everything inkling exports is at most 40 kB, both engines included', async () => {
    const size = kilobytes(await bundle(`import * as inkling from 'inkling'; globalThis.inkling = inkling;`));
    console.info(`everything inkling exports: ${size.toFixed(1)} kB of 40`);
    expect(size).toBeLessThanOrEqual(40);
  });

  test('the single file with everything in it is at most 75 kB', async () => {
    const { single } = builds;
    const result = await build({ ...shared, ...single, ...quiet, build: { ...single.build, write: false } });
    const [file, ...others] = outputOf(result).filter(({ type }) => type === 'chunk');
    expect(others).toEqual([]);
    const size = kilobytes(file?.type === 'chunk' ? file.code : '');
    console.info(`the single file: ${size.toFixed(1)} kB of 75`);
    expect(size).toBeLessThanOrEqual(75);
  });
});

test('a program has only the ops it uses', async () => {
  const relu = await bundle(`import { relu } from 'inkling'; globalThis.relu = relu;`);
  expect(relu).toMatch(/relu/);
  expect(relu).not.toMatch(/softmax|conv2d|matmul|crossEntropy/i);
  expect(kilobytes(relu)).toBeLessThan(6);
});

test('neither the codelab nor the single file has eval, or the parser of shaders', async () => {
  expect(await bundle(codelab)).not.toMatch(/\beval\(|new Function|WgslReflect/);
});
