/**
 * Bundle sizes: the package is built as it is published, and programs that import it are bundled, minified and gzipped.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, type Rolldown } from 'vite';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { css } from '../css-plugin.ts';
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
  await build({ ...shared, ...library, ...quiet, plugins: [wgsl(), css()], build: { ...library.build, outDir } });
  copyFileSync(join(root, 'package.json'), join(folder, 'package.json'));
  codelabChunks = await chunksOf(codelab);
}, 60_000);

afterAll(() => void vi.unstubAllEnvs());

type Chunk = Rolldown.OutputChunk;

/** The chunks of a program that imports the built package, bundled as a library so that they hold nothing of Vite's own. */
async function chunksOf(program: string): Promise<readonly Chunk[]> {
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
    build: {
      write: false,
      target: 'es2022',
      lib: { entry, formats: ['es'] },
      rolldownOptions: { output: { minify: true } },
    },
  });
  return outputOf(result).filter((output) => output.type === 'chunk');
}

/** The codelab program's chunks. */
let codelabChunks: readonly Chunk[];

/** What a library's build wrote: one output a format, and there is one format. */
const outputOf = (result: unknown): Rolldown.RolldownOutput['output'] =>
  ([result].flat() as [Rolldown.RolldownOutput])[0].output;

/** The chunks that load together with those that `first` picks. */
function loadedWith(chunks: readonly Chunk[], first: (chunk: Chunk) => boolean): Chunk[] {
  const loaded = new Set(chunks.filter(first));
  for (const { imports } of loaded) for (const chunk of chunks) if (imports.includes(chunk.fileName)) loaded.add(chunk);
  return [...loaded];
}

const kilobytes = (code: string): number => gzipSync(code, { level: 9 }).length / 1000;
const download = (chunks: readonly Chunk[]): number => chunks.reduce((sum, { code }) => sum + kilobytes(code), 0);

/** What a page loads at once, and with the engine of a machine with WebGPU, of one without, of both. */
function sizes(name: string, chunks: readonly Chunk[]): { readonly entry: number; readonly page: number } {
  const entry = download(loadedWith(chunks, ({ isEntry }) => isEntry));
  const withEngine = (open: string): number =>
    download(loadedWith(chunks, ({ isEntry, exports }) => isEntry || exports.includes(open)));
  const [webgpu, cpu, both] = [withEngine('webgpu'), withEngine('cpu'), download(chunks)];
  const [a, b, c, d] = [entry, webgpu, cpu, both].map((size) => size.toFixed(1));
  console.info(`${name}: ${a} kB; with WebGPU's engine ${b}, with the CPU's ${c}, with both ${d}`);
  expect([webgpu, cpu].every((size) => size > entry + 5)).toBe(true);
  return { entry, page: Math.max(webgpu, cpu) };
}

describe('minified and gzipped', () => {
  const design = readFileSync(join(root, 'docs/design.md'), 'utf8');
  /** The limits in the design's table of sizes: at once, and with the engine. NaN, which nothing is below, where there is no such row. */
  const limitsOf = (bundle: string): readonly [atOnce: number, withEngine: number] => {
    const [, atOnce, withEngine] = new RegExp(`^\\| ${bundle} *\\|([^|]*)\\|([^|]*)\\|$`, 'm').exec(design) ?? [];
    return [Number(atOnce), Number(withEngine)];
  };

  test('the codelab program is within the design', () => {
    const { entry, page } = sizes('the codelab program', codelabChunks);
    const [atOnce, withEngine] = limitsOf('the codelab program');
    expect(entry).toBeLessThanOrEqual(atOnce);
    expect(page).toBeLessThanOrEqual(withEngine);
  });

  test('everything that inkling exports is within the design', async () => {
    const all = await chunksOf(`import * as inkling from 'inkling'; globalThis.inkling = inkling;`);
    const { entry, page } = sizes('everything that `inkling` exports', all);
    const [atOnce, withEngine] = limitsOf('everything that `inkling` exports');
    expect(entry).toBeLessThanOrEqual(atOnce);
    expect(page).toBeLessThanOrEqual(withEngine);
  });

  test('the single file is within the design', async () => {
    const { single } = builds;
    const result = await build({ ...shared, ...single, ...quiet, build: { ...single.build, write: false } });
    const [file, ...others] = outputOf(result).filter(({ type }) => type === 'chunk');
    expect(others).toEqual([]);
    const size = kilobytes(file?.type === 'chunk' ? file.code : '');
    const [limit] = limitsOf('the single file');
    console.info(`the single file: ${size.toFixed(1)} kB of ${limit}`);
    expect(size).toBeLessThanOrEqual(limit);
  });
});

test('a program has only the ops it uses', async () => {
  const relu = await chunksOf(`import { relu } from 'inkling'; globalThis.relu = relu;`);
  const code = relu.map((chunk) => chunk.code).join('\n');
  expect(code).toMatch(/relu/);
  expect(code).not.toMatch(/softmax|conv2d|matmul|crossEntropy/i);
  expect(download(relu)).toBeLessThan(6);
});

test('a program that reads a file of tensors has no engine in it', async () => {
  const chunks = await chunksOf(
    `import { readSafetensors } from 'inkling/formats'; globalThis.readSafetensors = readSafetensors;`,
  );
  expect(chunks.map(({ code }) => code).join('\n')).not.toMatch(/matmul|minimize|beginComputePass/);
  expect(download(chunks)).toBeLessThan(4);
});

test('neither the codelab nor the single file has eval, or the parser of shaders', () => {
  expect(codelabChunks.map(({ code }) => code).join('\n')).not.toMatch(/\beval\(|new Function|WgslReflect/);
});

/** What a program that imports the built package prints in Node, as it stands and as a stranger's bundler shrinks it. */
async function printed(program: string): Promise<string[]> {
  const [whole, shrunk] = [join(folder, 'whole.mjs'), join(folder, 'shrunk')];
  writeFileSync(whole, program);
  mkdirSync(shrunk, { recursive: true });
  const chunks = await chunksOf(program);
  for (const { fileName, code } of chunks) writeFileSync(join(shrunk, fileName), code);
  const programs = [whole, ...chunks.filter(({ isEntry }) => isEntry).map(({ fileName }) => join(shrunk, fileName))];
  return programs.map((file) => execFileSync(process.execPath, [file], { encoding: 'utf8' }));
}

test('built and shrunk, errors have their names', async () => {
  const [whole, shrunk] = await printed(`
    import * as inkling from 'inkling';
    import { DataError, UsageError } from 'inkling/data';
    const { placeholder, matmul, InklingError, GraphError, NumericsError, ShaderError } = inkling;
    const thrown = (work) => { try { work(); } catch (error) { return error; } };
    const errors = ['InklingError', 'GraphError', 'UsageError', 'FeedError', 'DataError', 'DeviceError'].map((name) => new inkling[name]('no'));
    errors.push(new NumericsError(3, 'loss'), new ShaderError('matmul', 1, 'no', 'fn main() {}'), new DataError('no'), new UsageError('no'));
    errors.push(thrown(() => matmul(placeholder('a', [2, 3]), placeholder('b', [4, 5]))));
    for (const error of errors) console.log(error.name, error.constructor.name, String(error).split(':')[0]);
    console.log(errors.at(-1));
    const Mine = class extends GraphError { constructor() { super('no'); this.name = 'Mine'; } };
    console.log(String(new Mine()), new Mine() instanceof InklingError);`);
  for (const text of [whole, shrunk]) {
    const names = [
      'InklingError',
      'GraphError',
      'UsageError',
      'FeedError',
      'DataError',
      'DeviceError',
      'NumericsError',
    ];
    const all = [...names, 'ShaderError', 'DataError', 'UsageError', 'GraphError'];
    expect(text?.split('\n').slice(0, all.length)).toEqual(all.map((name) => `${name} ${name} ${name}`));
    expect(text).toMatch(/^GraphError: matmul: .*\n( +at .*\n)+\{? ?/m);
    expect(text).toMatch(/\nMine: no true\n$/);
  }
});

test('built and shrunk, everything prints', async () => {
  const [whole, shrunk] = await printed(`
    import { adam, createSession, gradientDescent, placeholder, reduceSum, relu, variable, zeros } from 'inkling';
    import { Dataset } from 'inkling/data';
    import { createClassifier, dense, sequential } from 'inkling/layers';
    const set = Dataset.from({ features: new Float32Array(4), labels: [0, 1], name: 'set' });
    const W = variable('W', zeros([2, 2]));
    const step = gradientDescent(0.1).minimize(reduceSum(W));
    const session = await createSession({ backend: 'cpu' });
    const model = sequential({ input: [2], classes: 2, layers: [dense({ units: 2 })] });
    const classifier = await createClassifier(model, { optimizer: 'adam', session });
    for (const value of [placeholder('x', [null, 2]), W, relu(W), step, adam(), set, set.images, set.labels, set.nextBatch(1).images,
      session, await session.get(W), classifier]) { console.log(value); console.log(String(value)); }
    console.log(String(model) === model.summary(), String(session.plan(W)) === session.explain(W));`);
  const texts = [
    "Placeholder('x', op=placeholder, shape=[null, 2], dtype=float32)",
    "Variable('W', op=variable, shape=[2, 2], dtype=float32)",
    'Tensor(op=relu, shape=[2, 2], dtype=float32)',
    "Operation('gradientDescent', updates=[W])",
    "Optimizer('adam', learningRate=0.001)",
    "Dataset('set', size=2, imageShape=[2], classes=2)",
    "Column('set images', shape=[2, 2], dtype=float32, format=float32)",
    "Column('set labels', shape=[2, 2], dtype=float32, format=labels)",
    '[[0. 0.]]',
    'Session(backend=cpu, adapter=CPU (TypeScript) cpu, seed=0, step=0)',
    '[[0. 0.]\n [0. 0.]]',
    'Classifier(input=[2], classes=2, parameters=6, backend=cpu)',
  ];
  const lines = [...texts.flatMap((text) => [text, text]), 'true true', ''];
  for (const text of [whole, shrunk]) expect(text).toBe(lines.join('\n'));
});
