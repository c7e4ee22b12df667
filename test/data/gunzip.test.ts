/**
 * Gzip files, whole and damaged in every way.
 */
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Bytes, readBytes } from '../../src/data/gunzip.ts';
import { DataError } from '../../src/errors.ts';
import { gz, joined, rejection } from './files.ts';

const text = new TextEncoder().encode('Inkling reads what it is given, byte for byte. '.repeat(20));

/** Reads `bytes` as they come in pieces of `piece` bytes. */
function read(bytes: Bytes, { maxBytes = 1 << 20, piece = 1 << 16 } = {}): Promise<Bytes> {
  let at = 0;
  const stream = new ReadableStream<Bytes>({
    pull(controller) {
      if (at < bytes.length) controller.enqueue(bytes.slice(at, (at += piece)));
      else controller.close();
    },
  });
  const fail = (cause: unknown): never => {
    throw new Error('the stream failed', { cause });
  };
  return readBytes({ name: 'ten.gz', stream, fail }, { maxBytes });
}

describe('readBytes', () => {
  it.each([1, 2, 3, 7, 1000])('gives the content of a gzip file that comes in pieces of %i bytes', async (piece) => {
    expect(await read(gz(text), { piece })).toEqual(text);
    expect(await read(text, { piece })).toEqual(text);
  });

  it('returns data that is not gzipped unchanged, even if it is short or empty', async () => {
    for (const bytes of [[], [0x1f], [0x8b, 0x1f], [1, 2, 3]]) {
      expect(await read(Uint8Array.from(bytes))).toEqual(Uint8Array.from(bytes));
    }
    expect(await read(gz(new Uint8Array()))).toEqual(new Uint8Array());
  });

  it('tells of the bytes that come out', async () => {
    let bytes = 0;
    const stream = new Blob([gz(text)]).stream();
    const source = { name: 'ten.gz', stream, fail: (cause: unknown): never => expect.fail(String(cause)) };
    await readBytes(source, { maxBytes: 1e6, onBytes: (count) => (bytes += count) });
    expect(bytes).toBe(text.length);
  });

  it('refuses every truncation', async () => {
    const whole = gz(text);
    for (let length = 2; length < whole.length; length++) {
      const error = await rejection(read(whole.slice(0, length)));
      expect(error).toBeInstanceOf(DataError);
      expect(error.message).toMatch(/^ten\.gz is incomplete or damaged: .* Download it again\.$/);
    }
  });

  it('refuses a wrong checksum, a wrong length, trailing bytes and a second member', async () => {
    const whole = gz(text);
    const changed = (at: number): Bytes => whole.map((byte, i) => (i === whole.length + at ? byte ^ 1 : byte));
    const broken = {
      checksum: changed(-8),
      length: changed(-4),
      zeros: joined(whole, [0, 0, 0, 0, 0, 0, 0, 0]),
      byte: joined(whole, [1]),
      junk: joined(whole, text),
      member: joined(whole, gz(text)),
      emptyMember: joined(whole, gz(new Uint8Array())),
    };
    for (const [what, bytes] of Object.entries(broken)) {
      const error = await rejection(read(bytes));
      expect([what, error.message]).toEqual([what, expect.stringMatching(/^ten\.gz is incomplete or damaged/)]);
    }
  });

  it('either returns the content or throws a DataError, for each flipped byte', async () => {
    const whole = gz(text);
    const flip = fc.record({ at: fc.nat(whole.length - 1), by: fc.integer({ min: 1, max: 255 }) });
    await fc.assert(
      fc.asyncProperty(flip, async ({ at, by }) => {
        const flipped = whole.map((byte, i) => (i === at ? byte ^ by : byte));
        const result = await read(flipped).catch((error: unknown) => error);
        if (result instanceof DataError) return;
        // Without its magic number it is no gzip, and left as it is.
        expect(result).toEqual(at < 2 ? flipped : text);
      }),
      { numRuns: 400 },
    );
  });

  it('stops a bomb at the limit, without unpacking it all', async () => {
    const bomb = gz(new Uint8Array(64 << 20), 9);
    expect(gunzipSync(bomb).length / bomb.length).toBeGreaterThan(1000);
    let unpacked = 0;
    const source = { name: 'bomb.gz', stream: new Blob([bomb]).stream(), fail: (): never => expect.fail('stream') };
    const limits = { maxBytes: 1 << 20, onBytes: (count: number) => (unpacked += count) };
    const error = await rejection(readBytes(source, limits));
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toMatch(/^bomb\.gz expands beyond 1 MiB, the limit\./);
    expect(unpacked).toBeLessThanOrEqual(1 << 20);
  });

  it('takes exactly the limit and not a byte more', async () => {
    expect(await read(gz(text), { maxBytes: text.length })).toEqual(text);
    expect(await read(text, { maxBytes: text.length })).toEqual(text);
    await expect(read(gz(text), { maxBytes: text.length - 1 })).rejects.toThrow('ten.gz expands beyond 939 bytes');
    await expect(read(text, { maxBytes: text.length - 1 })).rejects.toThrow('ten.gz is larger than 939 bytes');
  });

  it('reports a stream that fails, also in the middle of gzip, as that', async () => {
    for (const head of [gz(text).slice(0, 40), text.slice(0, 40)]) {
      const cause = new Error('connection reset');
      const stream = new ReadableStream<Bytes>({
        start(controller) {
          controller.enqueue(head);
        },
        pull(controller) {
          controller.error(cause);
        },
      });
      const fail = (reason: unknown): never => {
        throw new Error('the network', { cause: reason });
      };
      const error = await rejection(readBytes({ name: 'x', stream, fail }, { maxBytes: 1e6 }));
      expect([error.message, error.cause]).toEqual(['the network', cause]);
    }
  });

  it('cancels the stream it does not read to its end', async () => {
    let cancelled = false;
    const stream = new ReadableStream<Bytes>({
      pull(controller) {
        controller.enqueue(new Uint8Array(1000));
      },
      cancel() {
        cancelled = true;
      },
    });
    await rejection(readBytes({ name: 'endless', stream, fail: () => expect.fail() }, { maxBytes: 10_000 }));
    expect(cancelled).toBe(true);
  });
});
