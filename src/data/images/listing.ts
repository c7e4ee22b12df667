/**
 * Which files there are in what `loadImages` is given: lists of files and addresses, files with their classes, folders.
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

/** A file and its class, or a folder or a zip archive whose images are all of that class. */
export interface LabelledImage {
  readonly file: FileSource | FileSystemEntry | FileSystemHandle;
  /** The class's name. */
  readonly label: string;
}

/**
 * An image file, a zip archive of them, or a folder: a `File` that the user has chosen or dropped, its bytes, or a URL (in Node
 * also a path, of a folder too); with its class, or without; what was dropped on the page; a file or folder opened by a handle.
 */
export type ImageSource = FileSource | LabelledImage | DataTransferItem | FileSystemEntry | FileSystemHandle;

/** Images: a list of sources, or one source, or all that was dropped (the `dataTransfer` of the event). */
export type ImageSources = Iterable<ImageSource> | ImageSource | DataTransfer;

/** A source that can be read at any time. */
export interface Captured {
  readonly source: FileSource | Entry | FileSystemHandle;
  readonly label?: string | undefined;
}

const ALLOWED = 'a File, a URL, the bytes of a file, { file, label }, or what was dropped';

/**
 * Takes hold of what is given. Before anything is awaited: what is dropped cannot be asked for after its event.
 *
 * @throws UsageError for what is no source, and where there is none
 */
export function captured(given: unknown): readonly Captured[] {
  if (isSource(given)) return capturedOne(given, 'the files');
  const isList = typeof given === 'object' && given !== null && Symbol.iterator in given;
  const isDrop = typeof given === 'object' && given !== null && isTransfer(given);
  if (!isList && !isDrop) refuse('loadImages: the files', given, `a list of them, or of URLs, or ${ALLOWED}`);
  const sources = Array.from<unknown>(isDrop ? given.items : (given as Iterable<unknown>));
  const files = sources.flatMap((source, row) => capturedOne(source, `file ${row}`));
  if (files.length > 0) return files;
  throw new UsageError(
    isDrop || sources.length > 0
      ? `loadImages() was given a drop that holds no files. Call it in the 'drop' event itself, before anything is awaited.`
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

function capturedOne(given: unknown, what: string): Captured[] {
  if (!isSource(given)) refuse(`loadImages: ${what}`, given, ALLOWED);
  if (typeof given !== 'object') return [{ source: given }];
  if (isDropItem(given)) {
    const source = dropped(given);
    return source === undefined ? [] : [{ source }];
  }
  if (isEntry(given) || !('label' in given)) return [{ source: given as Captured['source'] }];
  const { file, label } = given as { file?: unknown; label: unknown };
  if (typeof label !== 'string' || label === '') refuse(`loadImages: the label of ${what}`, label, "a class's name");
  return capturedOne(file, `the \`file\` of ${what}`).map((one) => ({ ...one, label: one.label ?? label }));
}

/** All files, those of folders too; what is no picture by its name or place is passed over. */
export async function listed(sources: readonly Captured[], signal: AbortSignal): Promise<Listing> {
  const found: (ImageFile | SkippedImage)[] = [];
  const shared = sharedFolder(sources);
  for (const [row, { source, label }] of sources.entries()) {
    signal.throwIfAborted();
    const files = await filesOf(source, `image ${row}`, shared, signal);
    for (const file of files) found.push(label === undefined || 'reason' in file ? file : { ...file, label });
  }
  return found;
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
  // The folders that the user has chosen may be called anything: what is in them is passed over by its name.
  const chosen = isAddress(source) ? shared.length : path.indexOf('/') + 1;
  const reason = foreignReason(path.slice(chosen));
  return [reason === undefined ? { path, open: () => source } : { path, reason }];
}

const isAddress = (source: Captured['source']): source is string | URL =>
  typeof source === 'string' || source instanceof URL;

/** The folders that all addresses have in common, with a `/` at their end. */
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

/** With `/` between folders; bytes, Blobs without a name, and `data:` and `blob:` addresses have none. */
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
    return pathname; // with a % that stands for itself
  }
}
