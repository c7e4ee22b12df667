/**
 * Copies words back from the device. Staging buffers are reused, so that reading in a loop allocates nothing.
 */
import { BufferUsage, MAP_READ } from './usage.ts';

/** Idle staging buffers kept for the next read. */
const MAX_IDLE = 4;
const MIN_BYTES = 256;

/** A range of a buffer, in 32-bit words. */
export interface BufferRange {
  readonly buffer: GPUBuffer;
  readonly offsetWords: number;
  readonly words: number;
}

export class Readback {
  readonly #device: GPUDevice;
  readonly #idle: GPUBuffer[] = [];
  readonly #busy = new Set<GPUBuffer>();
  #disposed = false;

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** Encodes the copies; `read()`, called after the submit, resolves with the words of each range. */
  encode(encoder: GPUCommandEncoder, ranges: readonly BufferRange[]): () => Promise<Uint32Array[]> {
    const bytes = 4 * ranges.reduce((sum, { words }) => sum + words, 0);
    const staging = this.#take(bytes);
    let at = 0;
    for (const { buffer, offsetWords, words } of joined(ranges)) {
      if (words > 0) encoder.copyBufferToBuffer(buffer, 4 * offsetWords, staging, at, 4 * words);
      at += 4 * words;
    }
    return async () => {
      try {
        await staging.mapAsync(MAP_READ, 0, bytes);
        const all = new Uint32Array(staging.getMappedRange(0, bytes).slice(0));
        staging.unmap();
        let from = 0;
        return ranges.map(({ words }) => all.subarray(from, (from += words)));
      } finally {
        this.#giveBack(staging);
      }
    };
  }

  dispose(): void {
    this.#disposed = true;
    for (const buffer of [...this.#idle, ...this.#busy]) buffer.destroy();
    this.#idle.length = 0;
    this.#busy.clear();
  }

  #take(bytes: number): GPUBuffer {
    const fits = this.#idle.findIndex(
      (buffer) => buffer.size >= bytes && buffer.size <= 4 * Math.max(bytes, MIN_BYTES),
    );
    const [idle] = fits < 0 ? [] : this.#idle.splice(fits, 1);
    const size = Math.max(MIN_BYTES, Math.min(2 ** Math.ceil(Math.log2(bytes)), this.#device.limits.maxBufferSize));
    const staging =
      idle ?? this.#device.createBuffer({ label: 'staging', size, usage: BufferUsage.mapRead | BufferUsage.copyDst });
    this.#busy.add(staging);
    return staging;
  }

  #giveBack(staging: GPUBuffer): void {
    if (!this.#busy.delete(staging) || this.#disposed) return;
    this.#idle.push(staging);
    if (this.#idle.length > MAX_IDLE) this.#idle.shift()?.destroy();
  }
}

/** Joins contiguous ranges. */
function joined(ranges: readonly BufferRange[]): BufferRange[] {
  const pieces: BufferRange[] = [];
  for (const range of ranges) {
    const last = pieces.at(-1);
    const isContiguous = last?.buffer === range.buffer && last.offsetWords + last.words === range.offsetWords;
    if (last !== undefined && isContiguous) pieces[pieces.length - 1] = { ...last, words: last.words + range.words };
    else pieces.push(range);
  }
  return pieces;
}
