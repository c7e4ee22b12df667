/**
 * IDX files from memory, disk and network, and all errors there.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadIdx } from '../../src/data/load-idx.ts';
import { DataError, UsageError } from '../../src/errors.ts';
import { gz, idx, joined, rejection, serve } from './files.ts';

const images = idx([3, 2, 2]);
const labels = idx([3], [2, 0, 1]);

describe('loadIdx', () => {
  it('takes bytes in any form, gzipped or not', async () => {
    const shared = new SharedArrayBuffer(images.length);
    new Uint8Array(shared).set(images);
    const odd = joined([1, 2, 3], images).subarray(3);
    const forms = [images, gz(images), images.buffer, new Blob([gz(images)]), Buffer.from(gz(images)), shared, odd];
    for (const form of [...forms, new DataView(images.buffer)]) {
      const set = await loadIdx({ images: form, labels: gz(labels) });
      expect(set).toMatchObject({ name: 'images', size: 3, imageShape: [2, 2, 1], classes: ['0', '1', '2'] });
      expect(set.images.values).toEqual(Uint8Array.from({ length: 12 }, (_, i) => i));
      expect(set.labels.values).toEqual(Int32Array.of(2, 0, 1));
    }
  });

  it('copies the bytes it is given', async () => {
    const mine = images.slice();
    const loading = loadIdx({ images: mine, labels });
    mine.fill(255);
    expect((await loading).images.values[1]).toBe(1);
  });

  it('reads colour and named classes', async () => {
    const set = await loadIdx({ images: idx([3, 1, 2, 3]), labels, classes: ['x', 'y', 'z'], name: 'flags' });
    expect(set).toMatchObject({ name: 'flags', imageShape: [1, 2, 3], classes: ['x', 'y', 'z'] });
  });

  it('names the file at fault', async () => {
    const file = new File([images.slice(0, -1)], 'my-images.idx');
    await expect(loadIdx({ images: file, labels })).rejects.toThrow(/^my-images\.idx is not an IDX file of images/);
    await expect(loadIdx({ images, labels: gz(labels).slice(0, -2) })).rejects.toThrow(
      /^labels is incomplete or damaged/,
    );
    await expect(loadIdx({ images: labels, labels })).rejects.toThrow('expected 3 or 4 dimensions, found 1');
    await expect(loadIdx({ images, labels: images })).rejects.toThrow('labels is not an IDX file of labels');
  });

  it('shows both counts where images and labels do not belong together', async () => {
    const error = await rejection(loadIdx({ images, labels: idx([4]) }));
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toContain('images has 3 images, labels has 4 labels');
  });

  it('names the row of a label that is no class', async () => {
    const error = await rejection(loadIdx({ images, labels, classes: ['a', 'b'] }));
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toContain("'labels', row 0: the label is 2");
  });

  it('holds to maxBytes', async () => {
    await expect(loadIdx({ images, labels, maxBytes: images.length })).resolves.toBeDefined();
    await expect(loadIdx({ images, labels, maxBytes: images.length - 1 })).rejects.toThrow(
      'images is larger than 27 bytes',
    );
  });

  it('refuses a detached buffer', async () => {
    const detached = images.slice();
    structuredClone(detached, { transfer: [detached.buffer] });
    await expect(loadIdx({ images: detached, labels })).rejects.toThrow(UsageError);
  });
});

describe('loadIdx from disk', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'inkling-'));
    await writeFile(join(folder, 'images.gz'), gz(images));
    await writeFile(join(folder, 'labels'), labels);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('takes file URLs and paths', async () => {
    const url = pathToFileURL(join(folder, 'images.gz'));
    const path = join(folder, 'labels');
    expect(await loadIdx({ images: url, labels: path })).toMatchObject({ name: 'images.gz', size: 3 });
  });

  it('says what is not there', async () => {
    const error = await rejection(loadIdx({ images: join(folder, 'none.gz'), labels }));
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toMatch(/^none\.gz was not found\. Check the path .*none\.gz\.$/);
    await expect(loadIdx({ images: folder, labels })).rejects.toThrow('could not be read');
  });
});

describe('loadIdx over the network', () => {
  let server: Awaited<ReturnType<typeof serve>>;
  beforeAll(async () => {
    server = await serve((request, response) => {
      switch (request.url) {
        case '/images.gz':
          return response.end(gz(images));
        case '/encoded.gz': // As servers do that take .gz for an encoding: fetch gives the content.
          return response.writeHead(200, { 'content-encoding': 'gzip' }).end(gz(images));
        case '/page':
          return response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<h1>Not here</h1>');
        case '/page-as-bytes':
          return response.writeHead(200).end('<!doctype html>');
        case '/cut':
          response.writeHead(200, { 'content-length': 1000 }).write(images);
          return setTimeout(() => response.destroy(), 20);
        case '/empty':
          return response.writeHead(204).end();
        case '/stalls':
          return response.writeHead(200).write(gz(images).slice(0, 15));
        case '/broken':
          return response.writeHead(500).end();
        default:
          return response.writeHead(404).end();
      }
    });
  });
  afterAll(() => server.close());
  const load = (path: string, signal?: AbortSignal) =>
    loadIdx({ images: server.url + path, labels, ...(signal && { signal }) });

  it('takes files whether or not the server has decoded them', async () => {
    expect(await load('images.gz')).toMatchObject({ name: 'images.gz', size: 3 });
    expect(await load('encoded.gz')).toMatchObject({ name: 'encoded.gz', size: 3 });
    const data = `data:application/octet-stream;base64,${Buffer.from(gz(images)).toString('base64')}`;
    expect(await loadIdx({ images: data, labels })).toMatchObject({ name: 'images', size: 3 });
  });

  it.each([
    ['none.gz', 'none.gz was not found (HTTP 404). Check the address http://'],
    ['no%zz', 'no%zz was not found (HTTP 404). Check the address http://'],
    ['broken', 'broken was refused by the server (HTTP 500). Check the address http://'],
    ['page', 'page came as an HTML page instead of data'],
    ['page-as-bytes', 'page-as-bytes seems to be a page of HTML, often one that says "not found", not an IDX file.'],
    ['cut', 'cut broke off while loading. Check the address http://'],
    ['empty', "expected a header of 4 bytes, found the file's end (at byte 0)"],
  ])('says what is wrong with /%s', async (path, message) => {
    const error = await rejection(load(path));
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toContain(message);
  });

  it('says that a server was not reached', async () => {
    const gone = await serve(() => undefined);
    gone.close();
    const error = await rejection(loadIdx({ images: `${gone.url}x.gz`, labels }));
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toMatch(/^x\.gz could not be fetched: the server was not reached or refused\. Check/);
  });

  it("rejects with the signal's reason, before, at the start and in the middle", async () => {
    const reason = new Error('enough');
    await expect(load('images.gz', AbortSignal.abort(reason))).rejects.toBe(reason);
    for (const ms of [0, 100]) {
      const controller = new AbortController();
      setTimeout(() => {
        controller.abort(reason);
      }, ms);
      await expect(load('stalls', controller.signal)).rejects.toBe(reason);
    }
  });

  it('refuses what is no URL', async () => {
    await expect(loadIdx({ images: 'http://', labels })).rejects.toThrow(UsageError);
  });
});
