/**
 * Walks a folder, wherever it lies: one that was dropped on the page, one opened by a handle, or one on disk in Node.
 */
import { DataError } from '../../errors.ts';
import type { FileSource } from '../source.ts';
import { unlessAborted } from './aborted.ts';
import { foreignReason } from './foreign.ts';

/** A file that may hold an image, or a zip archive of them. */
export interface ImageFile {
  /** With its folders, `/` between them: what classes are taken from, and what the file is called. */
  readonly path: string;
  /** Of the archive in which it lies. */
  readonly archive?: string | undefined;
  /** Its class, where that is given with it. */
  readonly label?: string | undefined;
  readonly open: (signal: AbortSignal) => FileSource | Promise<FileSource>;
}

/** A file that was left out, and why. */
export interface SkippedImage {
  /** With its folders, as `labelFrom` is given it. */
  readonly path: string;
  readonly reason: string;
}

/** In the order in which files come. */
export type Listing = readonly (ImageFile | SkippedImage)[];

export type TreeNode =
  | { readonly name: string; readonly open: () => FileSource | Promise<FileSource> }
  | { readonly name: string; readonly children: (signal: AbortSignal) => Promise<readonly TreeNode[]> };

/** The files of a folder and of all folders in it, sorted by name within each, so that the order is the same everywhere. */
export async function filesOfTree(node: TreeNode, signal: AbortSignal): Promise<Listing> {
  const found: (ImageFile | SkippedImage)[] = [];
  const visit = async (node: TreeNode, path: string): Promise<void> => {
    // The folder that the user has chosen may be called anything: what is in it is passed over by its name.
    const isChosen = path === node.name && 'children' in node;
    const reason = isChosen ? undefined : foreignReason('open' in node ? node.name : `${node.name}/`);
    if (reason !== undefined) found.push({ path, reason });
    else if ('open' in node) {
      const { open } = node;
      const opened = async (): Promise<FileSource> => {
        try {
          return await open();
        } catch (cause) {
          throw unreadable(path, cause);
        }
      };
      found.push({ path, open: opened });
    } else {
      const children = await unlessAborted(node.children(signal), signal).catch((cause: unknown) => {
        signal.throwIfAborted();
        // A folder that cannot be read fails as a file does: when its turn comes.
        found.push({ path, open: () => Promise.reject(unreadable(path, cause)) });
        return [];
      });
      const sorted = [...children].sort((a, b) => (a.name < b.name ? -1 : 1));
      for (const child of sorted) await visit(child, `${path}/${child.name}`);
    }
  };
  await visit(node, node.name);
  return found;
}

function unreadable(path: string, cause: unknown): DataError {
  const remedy = 'Check that it is still there and may be read, and choose it again.';
  return new DataError(`${path} could not be read. ${remedy}`, { cause });
}
