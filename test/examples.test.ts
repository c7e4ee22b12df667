/**
 * The examples for Node, each as its reader starts it: a process, what it prints, how it ends. Those for pages are tested in
 * browser/examples.test.ts.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../vite.config.ts';

const folder = mkdtempSync(join(tmpdir(), 'inkling-'));
const images = join(folder, 'images');
const model = join(folder, 'model.safetensors');
afterAll(() => rmSync(folder, { recursive: true }));

/** An image of a colour, in which light falls from the left. */
const shaded = (...colour: readonly [number, number, number]): Promise<Buffer<ArrayBuffer>> => {
  const [width, height, channels] = [20, 10, 3] as const;
  const pixels = Uint8Array.from({ length: width * height * channels }, (_, i) => {
    const x = Math.floor(i / channels) % width;
    return (colour[i % channels] ?? 0) * (1 - x / (2 * width));
  });
  return sharp(pixels, { raw: { width, height, channels } }).png().toBuffer();
};

/** Folders of reddish and of bluish images, and among them a file that is not an image. */
beforeAll(async () => {
  for (const name of ['blue', 'red']) {
    mkdirSync(join(images, name), { recursive: true });
    for (let i = 0; i < 20; i++) {
      const [more, less] = [150 + 5 * i, 3 * i];
      const image = await shaded(name === 'red' ? more : less, less, name === 'red' ? less : more);
      await sharp(image).toFile(join(images, name, `${i}.png`));
    }
  }
});

function start(example: string, ...parameters: string[]) {
  const child = spawn(process.execPath, ['test/tools/run.js', `examples/${example}`, ...parameters], { cwd: root });
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (text: string) => (output[stream] += text));
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) =>
    child.on('close', (code) => resolve({ code, ...output })),
  );
  return { child, output, ended };
}

it('own-data/arrays.ts tells squares from circles', { timeout: 120_000 }, async () => {
  const { code, stdout, stderr } = await start('own-data/arrays.ts').ended;
  expect(code, stderr).toBe(0);
  const accuracy = Number(/step 625: loss \S+, test accuracy (\S+)\n/.exec(stdout)?.[1]);
  expect(accuracy).toBeGreaterThan(0.9);
  expect(stdout).toMatch(/classified as: circle\n$/);
});

it('own-data/table.ts classifies flowers, and predicts the length of their petals', { timeout: 120_000 }, async () => {
  const { code, stdout, stderr } = await start('own-data/table.ts').ended;
  expect(code, stderr).toBe(0);
  expect(Number(/step 300: test accuracy (\S+)\n/.exec(stdout)?.[1])).toBeGreaterThan(0.9);
  expect(Number(/step 300: squared error (\S+)\n$/.exec(stdout)?.[1])).toBeLessThan(0.5);
});

it('two-sessions/main.ts trains two classifiers side by side', { timeout: 120_000 }, async () => {
  const { code, stdout, stderr } = await start('two-sessions/main.ts').ended;
  expect(code, stderr).toBe(0);
  expect(stdout.match(/^seed [01], step [123]00: loss 0\.\d{3}$/gm)).toHaveLength(6);
  const [first, second, both] = (/each: \[ (\S+), (\S+) \] of both: (\S+)\n/.exec(stdout) ?? []).slice(1).map(Number);
  expect(first).not.toBe(second);
  for (const accuracy of [first, second, both]) expect(accuracy).toBeGreaterThan(0.85);
});

it('own-op/main.ts trains with its own activation', { timeout: 120_000 }, async () => {
  const { code, stdout, stderr } = await start('own-op/main.ts').ended;
  expect(code, stderr).toBe(0);
  expect(stdout.match(/^mish: -0.03358, -0.30340, 0.00000, 0.37525, 2.98654, 20.00000$/gm)).toHaveLength(2);
  expect(stdout.match(/^step [123]00: loss 0\.\d{3}$/gm)).toHaveLength(3);
  expect(Number(/test accuracy (\S+)\n$/.exec(stdout)?.[1])).toBeGreaterThan(0.9);
});

describe('a folder of images, and a service with its classifier', () => {
  it('own-data/folder.ts trains on it', { timeout: 120_000 }, async () => {
    const { code, stdout, stderr } = await start('own-data/folder.ts', images, model).ended;
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/Of 8 images .*, 100 % .*\nblue: \d 0\nred: 0 \d\n$/);
  });

  it('node-service/server.ts answers', { timeout: 120_000 }, async () => {
    const { child, output, ended } = start('node-service/server.ts', model, '0');
    const portOf = (): string | undefined => /port: (\d+)/.exec(output.stdout)?.[1];
    for (let i = 0; i < 500 && portOf() === undefined; i++) await sleep(100);
    const post = async (body: BodyInit): Promise<unknown> => {
      const response = await fetch(`http://127.0.0.1:${portOf()}/`, { method: 'POST', body });
      return { status: response.status, ...((await response.json()) as object) };
    };
    const [red, blue, text, tooMuch] = await Promise.all([
      post(await shaded(220, 30, 40)),
      post(await shaded(30, 30, 200)),
      post('not an image'),
      post(new Uint8Array(10_000_001)),
    ]);
    expect(red).toMatchObject({ status: 200, label: 'red', probabilities: { red: expect.closeTo(1, 0) as number } });
    expect(blue).toMatchObject({ status: 200, label: 'blue' });
    expect(text).toEqual({ status: 400, error: expect.stringContaining('image') as string });
    expect(tooMuch).toMatchObject({ status: 413 });
    expect((await fetch(`http://127.0.0.1:${portOf()}/`)).status).toBe(405);
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 0 });
  });
});
