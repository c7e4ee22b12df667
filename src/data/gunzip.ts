/**
 * Reading of a stream of bytes to its end, decompressed if it is gzipped, within a limit of bytes. Browsers and Node alike refuse
 * anything but one whole, undamaged gzip member.
 */
import { DataError } from '../errors.ts';

export type Bytes = Uint8Array<ArrayBuffer>;

/** A source of bytes. */
export interface ByteSource {
  /** The file's name in messages. */
  readonly name: string;
  readonly stream: ReadableStream<Bytes>;
  /** Throws the error for a stream that failed with `cause`. */
  fail(cause: unknown): never;
}

export interface ReadLimits {
  /** The largest size, decompressed. */
  readonly maxBytes: number;
  /** Called with the bytes of each decompressed chunk. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

type Pull = () => Promise<Bytes | undefined>;

/**
 * Reads all bytes of `source`, decompressed if they begin with gzip's magic number (a server may have decompressed them already).
 * Source of the format: RFC 1952.
 *
 * @throws DataError for more than `maxBytes`, and for gzip that is truncated, damaged, or followed by anything else; the error of
 * `source.fail` for a stream that fails
 */
export async function readBytes(source: ByteSource, limits: ReadLimits): Promise<Bytes> {
  const reader = source.stream.getReader();
  let broken: { cause: unknown } | undefined;
  const pull: Pull = async () => {
    try {
      return (await reader.read()).value;
    } catch (cause) {
      broken = { cause };
      throw cause;
    }
  };
  try {
    const head = await readHead(pull);
    if (head[0] === 0x1f && head[1] === 0x8b) return await gunzip(source.name, startWith(head, pull), limits);
    return await collect(startWith(head, pull), limits, `${source.name} is larger than`);
  } catch (error) {
    reader.cancel().catch(() => undefined);
    if (broken !== undefined) source.fail(broken.cause);
    throw error;
  }
}

/** Reads the first two bytes or more; fewer only at the end. */
async function readHead(pull: Pull): Promise<Bytes> {
  let head: Bytes = new Uint8Array();
  while (head.length < 2) {
    const piece = await pull();
    if (piece === undefined) break;
    head = concat([head, piece]);
  }
  return head;
}

/** Returns a pull that yields `head` first. */
function startWith(head: Bytes, pull: Pull): Pull {
  let next: Bytes | undefined = head;
  return async () => {
    const piece = next ?? (await pull());
    next = undefined;
    return piece;
  };
}

/** Joins all chunks of `pull`, or throws `tooLarge` with the limit. */
async function collect(pull: Pull, { maxBytes, onBytes }: ReadLimits, tooLarge: string): Promise<Bytes> {
  const pieces: Bytes[] = [];
  let total = 0;
  for (let piece = await pull(); piece !== undefined; piece = await pull()) {
    total += piece.length;
    if (total > maxBytes) {
      throw new DataError(
        `${tooLarge} ${formatBytes(maxBytes)}, the limit. Check that it is the right file; ` +
          `where a loader takes 'maxBytes', a data set that is really this large can be let in.`,
      );
    }
    pieces.push(piece);
    onBytes?.(piece.length);
  }
  return concat(pieces);
}

async function gunzip(name: string, pull: Pull, limits: ReadLimits): Promise<Bytes> {
  let trailer: Bytes = new Uint8Array();
  const compressed = new ReadableStream<Bytes>({
    async pull(controller) {
      const piece = await pull();
      if (piece === undefined) {
        controller.close();
        return;
      }
      trailer = concat([trailer, piece.slice(-4)]).slice(-4);
      controller.enqueue(piece);
    },
  });
  const reader = compressed.pipeThrough(new DecompressionStream('gzip')).getReader();
  const inflate: Pull = async () => {
    try {
      return (await reader.read()).value;
    } catch (cause) {
      throw damaged(name, cause);
    }
  };
  try {
    const bytes = await collect(inflate, limits, `${name} expands beyond`);
    // Every engine checks the CRC, but Node 20 accepts a second member or other trailing bytes. The file's last four bytes are
    // then not the decompressed length.
    if (new DataView(trailer.buffer).getUint32(0, true) !== bytes.length % 2 ** 32) throw damaged(name);
    return bytes;
  } catch (error) {
    reader.cancel().catch(() => undefined);
    throw error;
  }
}

function damaged(name: string, cause?: unknown): DataError {
  return new DataError(
    `${name} is incomplete or damaged: it is not one whole gzip file and nothing else. Download it again.`,
    { cause },
  );
}

function concat(pieces: readonly Bytes[]): Bytes {
  const out = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.length;
  }
  return out;
}

function formatBytes(bytes: number): string {
  const mebibytes = bytes / 2 ** 20;
  return Number.isInteger(mebibytes) ? `${mebibytes} MiB` : `${bytes.toLocaleString('en-US')} bytes`;
}
