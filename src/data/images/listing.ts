/**
 * Listing of the files in the sources of `loadImages`: lists of files and URLs, files with their classes, folders.
 */
import { kindOf, refuse } from '../../checks.ts';
import { UsageError } from '../../errors.ts';
import { type FileSource, resolveUrl } from '../source.ts';
import {
  dropped,
  type Entry,
  isDropItem,
  isEntry,
  isHandle,
  isTransfer,
  treeOfEntry,
  treeOfHandle,
} from './dropped.ts';
import { foreignReason, isNamedAsPicture } from './foreign.ts';
import { folderOnDisk } from './on-disk.ts';
import { filesOfTree, type ImageFile, type Listing, type SkippedImage } from './tree.ts';

/** A file with its class, or a folder or a zip archive of images of that class. */
export interface LabelledImage {
  readonly file: FileSource | FileSystemEntry | FileSystemHandle;
  /** The class's name. */
  readonly label: string;
}

/**
 * An image file, a zip archive of them, or a folder, with or without its class: a `File` that the user has chosen or dropped, its
 * bytes, a URL (in Node also a path, of a folder too), an item or entry of a drop, or a handle.
 */
export type ImageSource = FileSource | LabelledImage | DataTransferItem | FileSystemEntry | FileSystemHandle;

/** Images: a list of sources, one source, or a whole drop (the `dataTransfer` of the event). */
export type ImageSources = Iterable<ImageSource> | ImageSource | DataTransfer;

/** A source that can be read at any time. */
export interface Captured {
  readonly source: FileSource | Entry | FileSystemHandle;
  readonly label?: string | undefined;
}

const ALLOWED = 'a File, a URL, the bytes of a file, { file, label }, or a drop';

/**
 * Captures the sources before anything is awaited: a drop cannot be read after its event.
 *
 * @throws UsageError for anything that is not a source, and for no sources
 */
export function captureSources(given: unknown): readonly Captured[] {
  if (isSource(given)) return captureOne(given, 'the files');
  const isList = typeof given === 'object' && given !== null && Symbol.iterator in given;
  const isDrop = typeof given === 'object' && given !== null && isTransfer(given);
  if (!isList && !isDrop) refuse('loadImages: the files', given, `a list of them, or of URLs, or ${ALLOWED}`);
  const sources = Array.from<unknown>(isDrop ? given.items : (given as Iterable<unknown>));
  const files = sources.flatMap((source, row) => captureOne(source, `file ${row}`));
  if (files.length > 0) return files;
  throw new UsageError(
    isDrop || sources.length > 0
      ? `loadImages() was given a drop without files. Call it in the 'drop' event itself, before anything is awaited.`
      : `loadImages() was given no files. Give at least one.`,
  );
}

function isSource(given: unknown): given is FileSource | object {
  if (typeof given === 'string') return true;
  if (typeof given !== 'object' || given === null) return false;
  return (
    given instanceof URL ||
    given instanceof Blob ||
    ArrayBuffer.isView(given) ||
    kindOf(given).endsWith('ArrayBuffer') ||
    isEntry(given) ||
    isHandle(given) ||
    isDropItem(given) ||
    ('file' in given && 'label' in given)
  );
}

function captureOne(given: unknown, what: string): Captured[] {
  if (!isSource(given)) refuse(`loadImages: ${what}`, given, ALLOWED);
  if (typeof given !== 'object') return [{ source: given }];
  if (isDropItem(given)) {
    const source = dropped(given);
    return source === undefined ? [] : [{ source }];
  }
  if (isEntry(given) || !('label' in given)) return [{ source: given as Captured['source'] }];
  const { file, label } = given as { file?: unknown; label: unknown };
  if (typeof label !== 'string' || label === '') refuse(`loadImages: the label of ${what}`, label, "a class's name");
  return captureOne(file, `the \`file\` of ${what}`).map((one) => ({ ...one, label: one.label ?? label }));
}

/** Lists all files, those of folders too; files that are not images by their paths are listed as skipped. */
export async function listFiles(sources: readonly Captured[], signal: AbortSignal): Promise<Listing> {
  const listing: (ImageFile | SkippedImage)[] = [];
  const shared = sharedFolder(sources);
  for (const [row, { source, label }] of sources.entries()) {
    signal.throwIfAborted();
    const files = await filesOf(source, `image ${row}`, shared, signal);
    for (const file of files) listing.push(label === undefined || 'reason' in file ? file : { ...file, label });
  }
  return listing;
}

async function filesOf(
  source: Captured['source'],
  unnamed: string,
  shared: string,
  signal: AbortSignal,
): Promise<Listing> {
  if (typeof source === 'object' && isEntry(source)) return filesOfTree(treeOfEntry(source), signal);
  if (typeof source === 'object' && isHandle(source)) return filesOfTree(treeOfHandle(source), signal);
  const path = pathOf(source) ?? unnamed;
  if (isAddress(source) && !isNamedAsPicture(path)) {
    const url = resolveUrl(source);
    const folder = url.protocol === 'file:' ? await folderOnDisk(url) : undefined;
    if (folder !== undefined) return filesOfTree(folder, signal);
  }
  // The chosen folders themselves may have any name.
  const chosen = isAddress(source) ? shared.length : path.indexOf('/') + 1;
  const reason = foreignReason(path.slice(chosen));
  return [reason === undefined ? { path, open: () => source } : { path, reason }];
}

const isAddress = (source: Captured['source']): source is string | URL =>
  typeof source === 'string' || source instanceof URL;

/** The common folders of all URLs, with a `/` at their end. */
function sharedFolder(sources: readonly Captured[]): string {
  let shared: string | undefined;
  for (const { source } of sources) {
    const path = isAddress(source) ? pathOf(source) : undefined;
    if (path === undefined) continue;
    shared ??= path;
    let same = 0;
    while (same < shared.length && shared[same] === path[same]) same++;
    shared = shared.slice(0, shared.slice(0, same).lastIndexOf('/') + 1);
  }
  return shared ?? '';
}

/** The path of a source, with `/` between folders; bytes, Blobs without a name, and `data:` and `blob:` URLs have none. */
function pathOf(source: FileSource): string | undefined {
  if (source instanceof Blob) {
    // Node's files have no `webkitRelativePath`.
    const { webkitRelativePath: path, name } = source as Partial<File>;
    return path === undefined || path === '' ? name : path;
  }
  if (!(typeof source === 'string' || source instanceof URL)) return undefined;
  const { protocol, pathname } = resolveUrl(source);
  if (!/^(https?|file):$/.test(protocol)) return undefined;
  try {
    return decodeURIComponent(pathname);
  } catch {
    return pathname; // with a literal %
  }
}
