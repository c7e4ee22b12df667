/**
 * WebGPU's flag values. Node has no globals for them, and TypeScript's own types lack them.
 */

export const BufferUsage = { mapRead: 0x1, copySrc: 0x4, copyDst: 0x8, uniform: 0x40, storage: 0x80 } as const;
export const MAP_READ = 1;
export const COMPUTE_STAGE = 4;
