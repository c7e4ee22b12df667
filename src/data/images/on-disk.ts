/**
 * Folders on disk, in Node.
 */
import { nodeModule } from '../source.ts';
import type { TreeNode } from './tree.ts';

interface Stats {
  isDirectory(): boolean;
}

interface FolderEntry extends Stats {
  readonly name: string;
  isSymbolicLink(): boolean;
}

/** The functions used of `node:fs/promises`. */
interface NodeFolders {
  stat(path: URL): Promise<Stats>;
  realpath(path: URL): Promise<string>;
  readdir(path: URL, options: { withFileTypes: true }): Promise<readonly FolderEntry[]>;
}

/** The folder at a `file:` URL; `undefined` if it does not exist, or outside of Node. */
export async function folderOnDisk(url: URL): Promise<TreeNode | undefined> {
  const disk = nodeModule('fs/promises') as NodeFolders | undefined;
  if (disk === undefined || !(await isFolder(disk, url))) return undefined;
  // Links are followed, but a folder is read once: links may form a circle.
  const seen = new Set<string>();
  const folder = (name: string, at: URL): TreeNode => ({
    name,
    children: async (signal) => {
      const realPath = await disk.realpath(at);
      if (seen.has(realPath)) return [];
      seen.add(realPath);
      const children: TreeNode[] = [];
      for (const child of await disk.readdir(at, { withFileTypes: true })) {
        signal.throwIfAborted();
        const { name } = child;
        const path = new URL(encodeURIComponent(name), at);
        const inside = child.isSymbolicLink() ? await isFolder(disk, path) : child.isDirectory();
        children.push(inside ? folder(name, new URL(`${path.href}/`)) : { name, open: () => path });
      }
      return children;
    },
  });
  const at = new URL(url.href.replace(/[?#].*$/, '').replace(/\/*$/, '/'));
  return folder(decodeURIComponent(at.pathname.split('/').at(-2) ?? ''), at);
}

async function isFolder(disk: NodeFolders, url: URL): Promise<boolean> {
  return disk.stat(url).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}
