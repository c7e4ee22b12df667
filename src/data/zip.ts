/**
 * Reader of zip archives in memory: a list of their files, and each file's bytes, checked against length and CRC-32.
 * Source of the format: PKWARE, APPNOTE.TXT 6.3.10, sections 4.3 and 4.4. Loaded lazily.
 */
import { Inflate } from 'fflate';
import { show } from '../checks.ts';
import { DataError } from '../errors.ts';
import { crc32 } from './crc32.ts';
import type { Bytes } from './gunzip.ts';
import { pauses } from './pause.ts';
import type { FileBytes } from './source.ts';

/** A file in an archive. */
export interface ZipEntry {
  /** The path with `/` between folders. It is a text to show and to take classes from, never a path to open or to write. */
  readonly path: string;
  /** The decompressed length in bytes, as the archive states it. */
  readonly size: number;
  /**
   * Reads the file.
   *
   * @throws DataError, with the archive and the entry, for one that is damaged, encrypted or too large; the signal's reason once
   * it is aborted
   */
  readonly read: (signal?: AbortSignal) => Promise<Bytes>;
}

export interface ZipLimits {
  /** The largest size of a decompressed file. */
  readonly maxBytes: number;
}

/** A file's entry in the archive's directory. */
interface Header {
  readonly path: string;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly compressedSize: number;
  /** The decompressed size. */
  readonly size: number;
  /** The offset of its local header. */
  readonly offset: number;
  /** The offset of its data. */
  readonly start: number;
}

interface Archive {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

const END = { signature: 0x06054b50, size: 22 };
const DIRECTORY = { signature: 0x02014b50, size: 46 };
const LOCAL = { signature: 0x04034b50, size: 30 };
/** Sizes, offsets and counts of these values are in the fields of zip64 instead. */
const [IN_ZIP64_16, IN_ZIP64_32] = [0xffff, 0xffffffff];
const ENCRYPTED = 1 | (1 << 6) | (1 << 13);
const STORED = 0;
const DEFLATED = 8;
const OTHER_METHODS = new Map([
  [9, 'Deflate64'],
  [12, 'bzip2'],
  [14, 'LZMA'],
  [93, 'Zstandard'],
  [95, 'xz'],
]);
/** The largest expansion of Deflate: 258 bytes of two bits. */
const MAX_RATIO = 1032;
/** The number of bytes that are decompressed at a time. */
const PIECE = 2 ** 14;

/** Tests whether a file begins like zip archives, empty ones included. */
export function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && /^(3,4|5,6)$/.test(`${bytes[2] ?? 0},${bytes[3] ?? 0}`);
}

/**
 * Lists the files of an archive, without folders, in the order of its directory. A file is decompressed when it is read.
 *
 * @throws DataError, with the archive and the byte, for a file that is not a zip archive, is cut off or damaged, or needs zip64 or
 * several disks
 */
export function zipEntries({ name, bytes }: FileBytes, limits: ZipLimits): readonly ZipEntry[] {
  const archive = { name, bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
  const { headers, end } = directoryOf(archive);
  const paths = new Set<string>();
  return headers.flatMap((header) => {
    const { path, size } = header;
    if (paths.has(path)) {
      throw new DataError(`${name} has two files named ${show(path)}. Make the archive anew, with each file once.`);
    }
    paths.add(path);
    if (path.endsWith('/')) return [];
    return [{ path, size, read: (signal?: AbortSignal) => readEntry(archive, header, end, limits, signal) }];
  });
}

/** Reads the archive's directory; `end` is the byte at which it begins and files end. */
function directoryOf(archive: Archive): { readonly headers: readonly Header[]; readonly end: number } {
  const { name, view } = archive;
  const at = endRecordAt(archive);
  const [disk, firstDisk] = [view.getUint16(at + 4, true), view.getUint16(at + 6, true)];
  const [onDisk, count] = [view.getUint16(at + 8, true), view.getUint16(at + 10, true)];
  const [size, offset] = [view.getUint32(at + 12, true), view.getUint32(at + 16, true)];
  if (count === IN_ZIP64_16 || size === IN_ZIP64_32 || offset === IN_ZIP64_32) throw zip64(name, at);
  if (disk !== 0 || firstDisk !== 0 || onDisk !== count) {
    throw new DataError(`${name} is one part of an archive of several (at byte ${at + 4}). Make one archive of it.`);
  }
  // Bytes before the archive, as in a self-extracting one, shift all offsets.
  const shift = at - size - offset;
  if (shift < 0) throw damaged(name, at + 12, 'its directory is not where it should be');
  const headers: Header[] = [];
  let next = at - size;
  for (let i = 0; i < count; i++) {
    if (next + DIRECTORY.size > at || view.getUint32(next, true) !== DIRECTORY.signature)
      throw damaged(name, next, `entry ${i + 1} of ${count} is not there`);
    const length = DIRECTORY.size + [28, 30, 32].reduce((sum, field) => sum + view.getUint16(next + field, true), 0);
    if (next + length > at) throw damaged(name, next, `entry ${i + 1} of ${count} is cut off`);
    headers.push(headerAt(archive, next, shift, at - size));
    next += length;
  }
  if (next !== at) throw damaged(name, next, 'its directory has more in it than entries');
  return { headers, end: at - size };
}

/** The offset of the record that ends an archive: it has the length of the comment after it, the file's last bytes. */
function endRecordAt({ name, bytes, view }: Archive): number {
  const last = bytes.length - END.size;
  for (let at = last; at >= Math.max(0, last - 0xffff); at--) {
    if (view.getUint32(at, true) === END.signature && view.getUint16(at + 20, true) === last - at) return at;
  }
  if (!isZip(bytes)) {
    throw new DataError(
      `${name} is not a zip archive: it has no directory at its end. Check that the right file is given.`,
    );
  }
  throw damaged(name, bytes.length, 'it does not end as zip archives do');
}

/** Reads the directory's entry at byte `at` and checks it against the local header; the file's data end before `end`. */
function headerAt({ name, bytes, view }: Archive, at: number, shift: number, end: number): Header {
  const [compressedSize, size] = [view.getUint32(at + 20, true), view.getUint32(at + 24, true)];
  const stated = view.getUint32(at + 42, true);
  if ([compressedSize, size, stated].includes(IN_ZIP64_32)) throw zip64(name, at);
  const letters = view.getUint16(at + 28, true);
  const path = textOf(bytes.subarray(at + DIRECTORY.size, at + DIRECTORY.size + letters));
  const offset = stated + shift;
  const names = offset + LOCAL.size;
  if (names + letters > end || view.getUint32(offset, true) !== LOCAL.signature)
    throw damaged(name, at, `its directory has ${show(path)} at byte ${offset}, where no file begins`);
  if (textOf(bytes.subarray(names, names + view.getUint16(offset + 26, true))) !== path)
    throw damaged(name, offset, `the file there is not named ${show(path)}, as in its directory`);
  return {
    path,
    flags: view.getUint16(at + 8, true),
    method: view.getUint16(at + 10, true),
    crc: view.getUint32(at + 16, true),
    compressedSize,
    size,
    offset,
    start: names + letters + view.getUint16(offset + 28, true),
  };
}

/** Decodes a name as UTF-8, marked or not (macOS does not mark it), or else as Latin-1, for old code pages. */
function textOf(bytes: Uint8Array): string {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    text = new TextDecoder('latin1').decode(bytes);
  }
  return text.replaceAll('\\', '/');
}

async function readEntry(
  { name, bytes }: Archive,
  header: Header,
  end: number,
  { maxBytes }: ZipLimits,
  signal: AbortSignal | undefined,
): Promise<Bytes> {
  signal?.throwIfAborted();
  const { path, flags, method, size, compressedSize, offset, start } = header;
  const file = `${path.slice(-200)} in ${name}`;
  if (flags & ENCRYPTED) throw new DataError(`${file} is encrypted. Make the archive anew, without a password.`);
  if (method !== STORED && method !== DEFLATED) {
    const kind = OTHER_METHODS.get(method) ?? `method ${method}`;
    throw new DataError(`${file} is compressed by ${kind}. Make the archive anew, by Deflate or without compression.`);
  }
  if (size > maxBytes) throw tooLarge(file, size, maxBytes);
  if (start + compressedSize > end) throw damaged(file, start, `${compressedSize} bytes do not fit there`);
  // This is checked before memory is allocated.
  if (method === STORED ? size !== compressedSize : size > compressedSize * MAX_RATIO)
    throw damaged(file, offset, `${compressedSize} bytes cannot become the ${size} that it states`);
  const packed = bytes.subarray(start, start + compressedSize);
  const out = method === STORED ? packed.slice() : await inflate(file, start, packed, size, signal);
  if (crc32(out) !== header.crc) throw damaged(file, start, 'its content does not have the CRC-32 that it states');
  return out;
}

/** Decompresses exactly `size` bytes; more of them are an error, and are never collected. */
async function inflate(
  file: string,
  start: number,
  packed: Uint8Array,
  size: number,
  signal: AbortSignal | undefined,
): Promise<Bytes> {
  const out = new Uint8Array(size);
  let length = 0;
  const stream = new Inflate((piece) => {
    if (length + piece.length > size) throw damaged(file, start, `it has more than the ${size} bytes that it states`);
    out.set(piece, length);
    length += piece.length;
  });
  const pause = pauses(signal);
  for (let at = 0; at === 0 || at < packed.length; at += PIECE) {
    try {
      stream.push(packed.subarray(at, at + PIECE), at + PIECE >= packed.length);
    } catch (cause) {
      if (cause instanceof DataError) throw cause;
      throw damaged(file, start + at, 'it cannot be decompressed', cause);
    }
    await pause();
  }
  if (length !== size) throw damaged(file, start, `it has ${length} bytes, not the ${size} that it states`);
  return out;
}

function damaged(file: string, at: number, why: string, cause?: unknown): DataError {
  return new DataError(
    `${file} is incomplete or damaged: ${why} (at byte ${at}). Download it again, or make the archive anew.`,
    { cause },
  );
}

function zip64(name: string, at: number): DataError {
  return new DataError(
    `${name} needs zip64, which is for archives above 4 GiB or 65,534 files (at byte ${at}). Make smaller archives of it.`,
  );
}

function tooLarge(file: string, size: number, maxBytes: number): DataError {
  return new DataError(
    `${file} expands to ${size} bytes, above the limit of ${maxBytes}. Check that it is the right file; ` +
      `where a loader takes 'maxBytes', a file that is really this large can be let in.`,
  );
}
