/**
 * Walk through a folder: a dropped one, one of a handle, or one on disk in Node.
 */
import { DataError } from '../../errors.ts';
import type { FileSource } from '../source.ts';
import { unlessAborted } from './aborted.ts';
import { foreignReason } from './foreign.ts';

/** A file that may hold an image, or a zip archive of them. */
export interface ImageFile {
  /** The path with `/` between folders: the name in messages, and the source of the class. */
  readonly path: string;
  /** The name of the archive that holds it. */
  readonly archive?: string | undefined;
  /** The class, if it is given with the file. */
  readonly label?: string | undefined;
  readonly open: (signal: AbortSignal) => FileSource | Promise<FileSource>;
}

/** A skipped file with the reason. */
export interface SkippedImage {
  /** The path, as `labelFrom` gets it. */
  readonly path: string;
  readonly reason: string;
}

/** Files in order. */
export type Listing = readonly (ImageFile | SkippedImage)[];

export type TreeNode =
  | { readonly name: string; readonly open: () => FileSource | Promise<FileSource> }
  | { readonly name: string; readonly children: (signal: AbortSignal) => Promise<readonly TreeNode[]> };

/** Lists the files of a folder and of all folders in it, sorted by name within each: the order is the same everywhere. */
export async function filesOfTree(node: TreeNode, signal: AbortSignal): Promise<Listing> {
  const listing: (ImageFile | SkippedImage)[] = [];
  const visit = async (node: TreeNode, path: string): Promise<void> => {
    // The chosen folder itself may have any name.
    const isChosen = path === node.name && 'children' in node;
    const reason = isChosen ? undefined : foreignReason('open' in node ? node.name : `${node.name}/`);
    if (reason !== undefined) listing.push({ path, reason });
    else if ('open' in node) {
      const { open } = node;
      const opened = async (): Promise<FileSource> => {
        try {
          return await open();
        } catch (cause) {
          throw unreadable(path, cause);
        }
      };
      listing.push({ path, open: opened });
    } else {
      const children = await unlessAborted(node.children(signal), signal).catch((cause: unknown) => {
        signal.throwIfAborted();
        // A folder that cannot be read fails like a file, at its turn.
        listing.push({ path, open: () => Promise.reject(unreadable(path, cause)) });
        return [];
      });
      const sorted = [...children].sort((a, b) => (a.name < b.name ? -1 : 1));
      for (const child of sorted) await visit(child, `${path}/${child.name}`);
    }
  };
  await visit(node, node.name);
  return listing;
}

function unreadable(path: string, cause: unknown): DataError {
  const remedy = 'Check that it is still there and may be read, and choose it again.';
  return new DataError(`${path} could not be read. ${remedy}`, { cause });
}
