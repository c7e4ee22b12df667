/** Makes the files that the loaders read, whole and broken, and serves them. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { gzipSync } from 'node:zlib';
import { expect } from 'vitest';

/** Numbered bytes 0, 1, 2, … as an IDX file of the given shape. */
export function idx(shape: readonly number[], data?: ArrayLike<number>, type = 0x08): Uint8Array<ArrayBuffer> {
  const size = shape.reduce((product, n) => product * n, 1);
  const bytes = new Uint8Array(4 + 4 * shape.length + size);
  const view = new DataView(bytes.buffer);
  bytes.set([0, 0, type, shape.length]);
  shape.forEach((n, axis) => {
    view.setUint32(4 + 4 * axis, n);
  });
  bytes.set(data ?? Uint8Array.from({ length: size }, (_, i) => i), 4 + 4 * shape.length);
  return bytes;
}

/** A file of fixtures/, made by the script that lies beside it. */
export async function fixture(name: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await readFile(new URL(`fixtures/${name}`, import.meta.url)));
}

/** The same as a file that a user has chosen. */
export const file = async (name: string): Promise<File> => new File([await fixture(name)], name);

export function gz(bytes: Uint8Array, level = 6): Uint8Array<ArrayBuffer> {
  return new Uint8Array(gzipSync(bytes, { level }));
}

export function joined(...parts: ArrayLike<number>[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(parts.flatMap((part) => Array.from(part)));
}

/** Serves on a free port until `close`. */
export async function serve(listener: RequestListener): Promise<{ url: string; close: () => void }> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}/`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** What `promise` rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<Error> {
  const error: unknown = await promise.then(
    () => expect.fail('it resolved'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof Error)) throw new Error(`rejected with ${String(error)}`);
  return error;
}
