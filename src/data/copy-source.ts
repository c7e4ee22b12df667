/**
 * Copies of bytes in memory, made before a loader first awaits: the caller may change the bytes later.
 */
import { UsageError } from '../errors.ts';
import { copyOfBytes } from '../formats/bytes.ts';
import type { FileSource } from './source.ts';

/** Copies bytes; other sources stay. @throws UsageError for anything but a URL, a Blob or bytes */
export function copySource(role: string, source: FileSource): FileSource {
  const isImmutable = typeof source === 'string' || source instanceof URL || source instanceof Blob;
  return isImmutable ? source : copyOfBytes(`'${role}'`, source, UsageError);
}
