/**
 * Reading of a user's data file: a URL (in Node also a path on disk), a Blob, or bytes in memory.
 */
import { refuse, show } from '../checks.ts';
import { DataError, UsageError } from '../errors.ts';
import { copyOfBytes } from '../formats/bytes.ts';
import { type ByteSource, type Bytes, type ReadLimits, readBytes } from './gunzip.ts';

/** A data file: a URL (relative to the page, or in Node to the working directory), a Blob or File, or its bytes. */
export type FileSource = string | URL | Blob | ArrayBufferLike | ArrayBufferView;

export interface OpenOptions extends ReadLimits {
  /** The name of a file without a name of its own, e.g. `images`. */
  readonly role: string;
  readonly signal?: AbortSignal | undefined;
  /** The remedy if the file is not at its URL, after the advice to check the URL. */
  readonly remedy?: string | undefined;
}

/** The functions used of `node:fs/promises`. */
interface NodeFiles {
  readFile(path: URL, options: { signal?: AbortSignal }): Promise<Bytes>;
  access(path: URL): Promise<void>;
}

/** A file's decompressed bytes, with its name for messages. */
export interface FileBytes {
  readonly name: string;
  readonly bytes: Bytes;
}

/**
 * Reads a whole file, decompressed if it is gzipped. Bytes in memory are copied.
 *
 * @throws DataError with the file and its fault; the signal's reason once it is aborted
 */
export async function readFile(source: FileSource, options: OpenOptions): Promise<FileBytes> {
  options.signal?.throwIfAborted();
  const opened = await open(source, options);
  return { name: opened.name, bytes: await readBytes(opened, options) };
}

/** The absolute form of a user's URL. */
export function resolveUrl(url: string | URL): URL {
  const base = pageUrl() ?? workingFolder();
  if (!(typeof url === 'string' || url instanceof URL)) refuse('A URL', url, 'a text or a URL');
  if (!URL.canParse(url, base)) {
    throw new UsageError(
      `${show(url)} is not a URL. Give an absolute one${base === undefined ? '' : `, or one relative to ${base}`}.`,
    );
  }
  return new URL(url, base);
}

async function open(source: FileSource, options: OpenOptions): Promise<ByteSource> {
  if (typeof source === 'string' || source instanceof URL) {
    const url = resolveUrl(source);
    return url.protocol === 'file:' ? await openOnDisk(url, options) : await openByFetch(url, options);
  }
  if (source instanceof Blob) {
    const name = 'name' in source ? String(source.name) : options.role;
    return opened(name, source.stream(), options, `${name} could not be read. Choose the file again.`);
  }
  return opened(options.role, streamOf(copyOfBytes(`'${options.role}'`, source, UsageError)), options, '');
}

const withRemedy = (message: string, { remedy }: OpenOptions): string => (remedy ? `${message} ${remedy}` : message);

async function openByFetch(url: URL, options: OpenOptions): Promise<ByteSource> {
  const name = nameOf(url, options.role);
  const address = url.href.slice(0, 200);
  const advice = `Check the address ${address}, the connection, and that the server allows this page to read it (CORS).`;
  let response: Response;
  try {
    response = await fetch(url, { signal: options.signal ?? null });
  } catch (cause) {
    options.signal?.throwIfAborted();
    throw new DataError(`${name} could not be fetched: the server was not reached or refused. ${advice}`, { cause });
  }
  const refuse = (what: string): never => {
    response.body?.cancel().catch(() => undefined);
    throw new DataError(withRemedy(`${name} ${what}. Check the address ${address}.`, options));
  };
  if (response.status === 404) refuse('was not found (HTTP 404)');
  if (!response.ok) refuse(`was refused by the server (HTTP ${response.status})`);
  if (/\btext\/html\b/i.test(response.headers.get('content-type') ?? '')) {
    refuse('came as an HTML page instead of data (often a page that says "not found")');
  }
  return opened(
    name,
    response.body ?? streamOf(new Uint8Array()),
    options,
    `${name} broke off while loading. ${advice}`,
  );
}

async function openOnDisk(url: URL, options: OpenOptions): Promise<ByteSource> {
  const name = nameOf(url, options.role);
  const disk = nodeFiles();
  if (disk === undefined) {
    throw new UsageError(`${name} cannot be read: a page has no access to ${url.href}. Serve it over HTTP.`);
  }
  try {
    const bytes = await disk.readFile(url, options.signal ? { signal: options.signal } : {});
    return opened(name, streamOf(bytes), options, '');
  } catch (cause) {
    options.signal?.throwIfAborted();
    const missing = (cause as { code?: unknown }).code === 'ENOENT';
    const message = `${name} ${missing ? 'was not found' : 'could not be read'}. Check the path ${url.pathname}.`;
    throw new DataError(withRemedy(message, options), { cause });
  }
}

/** Tests whether a file on disk exists. */
export async function existsOnDisk(url: URL): Promise<boolean> {
  try {
    const files = nodeFiles();
    await files?.access(url);
    return files !== undefined;
  } catch {
    return false;
  }
}

function opened(name: string, stream: ReadableStream<Bytes>, options: OpenOptions, message: string): ByteSource {
  return {
    name,
    stream,
    fail(cause) {
      options.signal?.throwIfAborted();
      throw new DataError(message, { cause });
    },
  };
}

function streamOf(bytes: Bytes): ReadableStream<Bytes> {
  return new ReadableStream({
    start(controller) {
      if (bytes.length > 0) controller.enqueue(bytes);
      controller.close();
    },
  });
}

/** The file's name in a URL; `role` for `data:` and `blob:` URLs, which have none. */
function nameOf(url: URL, role: string): string {
  const name = /^(https?|file):/.test(url.protocol) ? url.pathname.split('/').at(-1) : undefined;
  return name === undefined || name === '' ? role : name;
}

/** The base of relative URLs, in a page or a worker. */
function pageUrl(): string | undefined {
  const { document, location } = globalThis as { document?: Document; location?: Location };
  return document?.baseURI ?? location?.href;
}

/** The base of relative URLs in Node. */
function workingFolder(): string | undefined {
  const { process } = globalThis as { process?: { cwd?(): string } };
  const url = nodeModule('url') as { pathToFileURL(path: string): URL } | undefined;
  return process?.cwd && url?.pathToFileURL(`${process.cwd()}/`).href;
}

function nodeFiles(): NodeFiles | undefined {
  return nodeModule('fs/promises') as NodeFiles | undefined;
}

/** A module of Node, `undefined` elsewhere. Bundlers do not resolve it, since it is not imported. */
export function nodeModule(name: string): unknown {
  const { process } = globalThis as { process?: { getBuiltinModule?(id: string): unknown } };
  return process?.getBuiltinModule?.(`node:${name}`);
}
