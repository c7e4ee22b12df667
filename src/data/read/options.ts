/**
 * Checks of the loaders' common options, and reading with them.
 */
import { checkCallback, checkOptions, checkSignal, checkText, refuse } from '../../checks.ts';
import { checkOneOf, checkPreprocessing } from '../check-preprocessing.ts';
import { checkInteger } from '../dataset-parts.ts';
import type { LoadOptions, ReadOptions } from '../load-options.ts';
import { type FileBytes, type FileSource, readFile } from '../source.ts';

const DEFAULT_MAX_BYTES = 256 * 2 ** 20;

/** @throws UsageError for invalid {@link LoadOptions} */
export function checkLoadOptions(caller: string, options: LoadOptions): void {
  checkOptions(caller, options, "{ name: 'mine' }");
  const { name, maxBytes, signal, onProgress, classes, shape, channels, transposed, firstLabel } = options;
  if (name !== undefined) checkText('name', name);
  if (maxBytes !== undefined && !(typeof maxBytes === 'number' && maxBytes > 0))
    refuse('maxBytes', maxBytes, 'a number of bytes');
  checkSignal(caller, signal);
  checkCallback('onProgress', onProgress);
  const areNames = Array.isArray(classes) && classes.length > 0 && classes.every((one) => typeof one === 'string');
  if (classes !== undefined && typeof classes !== 'number' && !areNames)
    refuse('classes', classes, "the classes' names, or their number");
  if (typeof classes === 'number') checkInteger('classes', classes, 1, 2 ** 24);
  const areSizes =
    Array.isArray(shape) && shape.length > 0 && shape.every((size) => Number.isInteger(size) && size > 0);
  if (shape !== undefined && !areSizes) refuse('shape', shape, 'the sizes of one row, e.g. [28, 28, 1]');
  checkOneOf('channels', channels, ['first', 'last']);
  if (transposed !== undefined && typeof transposed !== 'boolean') refuse('transposed', transposed, 'true or false');
  if (firstLabel !== undefined) checkInteger('firstLabel', firstLabel, 0, 2 ** 24);
  const { handwriting } = options;
  checkPreprocessing(
    { ...options, handwriting: typeof handwriting === 'boolean' ? undefined : handwriting },
    (name) => name,
  );
}

/** The reading of several files with common limits and progress. */
export interface Reading {
  readonly maxBytes: number;
  readonly signal: AbortSignal | undefined;
  /** Reads a whole file, decompressed. @throws errors of {@link readFile} */
  read(source: FileSource, role: string): Promise<FileBytes>;
}

/** Prepares the reading of `sources`; progress is of all of them together. */
export function readingOf(sources: readonly FileSource[], options: ReadOptions): Reading {
  const { maxBytes = DEFAULT_MAX_BYTES, signal, onProgress } = options;
  const sizes = sources.map(sizeOf);
  const sum = sizes.reduce<number | undefined>((a, b) => (a === undefined || b === undefined ? undefined : a + b), 0);
  let loaded = 0;
  const onBytes = (bytes: number): void => {
    loaded += bytes;
    // A file that turns out to be gzipped yields more bytes than it has.
    onProgress?.({ loaded, total: sum !== undefined && loaded <= sum ? sum : undefined });
  };
  return { maxBytes, signal, read: (source, role) => readFile(source, { role, maxBytes, signal, onBytes }) };
}

function sizeOf(source: FileSource): number | undefined {
  if (source instanceof Blob)
    return /\.t?gz$/i.test('name' in source ? String(source.name) : '') ? undefined : source.size;
  if (typeof source === 'string' || source instanceof URL) return undefined;
  const bytes = ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, Math.min(2, source.byteLength))
    : new Uint8Array(source, 0, Math.min(2, source.byteLength));
  return bytes[0] === 0x1f && bytes[1] === 0x8b ? undefined : source.byteLength;
}
