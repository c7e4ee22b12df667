/**
 * Interfaces of a page that the published types name, for programs without the DOM library: workers, Node. Where that library is
 * in use, these merge with its interfaces, and add nothing to them.
 */
/* eslint @typescript-eslint/no-empty-object-type: off, @typescript-eslint/no-explicit-any: off, @typescript-eslint/no-unused-vars: off -- An interface's declarations agree. */
interface AbortSignal {
  readonly aborted: boolean;
}
interface Blob {
  readonly size: number;
  readonly type: string;
}
interface DataTransfer {
  readonly types: readonly string[];
}
interface DataTransferItem {
  readonly kind: string;
  readonly type: string;
}
interface File extends Blob {
  readonly name: string;
}
interface FileSystemEntry {
  readonly isDirectory: boolean;
  readonly isFile: boolean;
  readonly name: string;
}
interface FileSystemHandle {
  readonly name: string;
}
// A base, since the type of `data` differs between versions of the DOM library.
interface ImageData extends Readonly<{ data: Uint8ClampedArray; height: number; width: number }> {}
interface ReadableStream<R = any> {
  readonly locked: boolean;
}
interface URL {
  href: string;
}

interface GPU {}
interface GPUAdapter {}
interface GPUBindGroupLayout {
  label: string;
}
interface GPUBuffer {
  label: string;
}
interface GPUComputePipeline {
  label: string;
}
interface GPUDevice {
  readonly queue: GPUQueue;
}
interface GPUQueue {}
