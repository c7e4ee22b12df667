/**
 * Folders of a browser: entries of a drop (`webkitGetAsEntry`), and handles (`showDirectoryPicker`).
 * Sources: WICG, File and Directory Entries API; WHATWG, File System.
 */
import type { TreeNode } from './tree.ts';

/** A file or folder of a drop. */
export type Entry = Pick<FileSystemEntry, 'name' | 'isFile' | 'isDirectory'>;

export const isEntry = (given: object): given is Entry => 'isFile' in given && 'isDirectory' in given;

export const isHandle = (given: object): given is FileSystemHandle =>
  'kind' in given && ('getFile' in given || 'values' in given);

/** Tests whether it is an item of a drop, which can be read only during the event. */
export const isDropItem = (given: object): given is DataTransferItem => 'getAsFile' in given;

export const isTransfer = (given: object): given is DataTransfer => 'items' in given && 'dropEffect' in given;

/** The file or folder of an item; `undefined` for texts and links. */
export function dropped(item: DataTransferItem): Entry | File | undefined {
  if (item.kind !== 'file') return undefined;
  const entry = 'webkitGetAsEntry' in item ? item.webkitGetAsEntry() : null;
  return entry ?? item.getAsFile() ?? undefined;
}

/** The tree of a dropped file or folder. */
export function treeOfEntry(entry: Entry): TreeNode {
  const { name } = entry;
  if (entry.isFile) {
    return {
      name,
      open: () => new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject)),
    };
  }
  return {
    name,
    children: async (signal) => {
      const reader = (entry as FileSystemDirectoryEntry).createReader();
      const children: TreeNode[] = [];
      // A reader returns some at a time (Chromium: a hundred), and none at the end.
      while (true) {
        signal.throwIfAborted();
        const some = await new Promise<Entry[]>((resolve, reject) => reader.readEntries(resolve, reject));
        if (some.length === 0) return children;
        children.push(...some.map(treeOfEntry));
      }
    },
  };
}

/** The tree of a file or folder of the File System API. */
export function treeOfHandle(handle: FileSystemHandle): TreeNode {
  const { name } = handle;
  if (handle.kind === 'file') return { name, open: () => (handle as FileSystemFileHandle).getFile() };
  return {
    name,
    children: async (signal) => {
      const children: TreeNode[] = [];
      for await (const child of (handle as FileSystemDirectoryHandle).values()) {
        signal.throwIfAborted();
        children.push(treeOfHandle(child));
      }
      return children;
    },
  };
}
