/**
 * Bytes in memory are copied before a loader first waits, since the caller may change them then.
 */
import { UsageError } from '../errors.ts';
import { copyOfBytes } from '../formats/bytes.ts';
import type { FileSource } from './source.ts';

/** A file as it is now. @throws UsageError where it is neither an address nor a Blob, and has no bytes */
export function held(role: string, source: FileSource): FileSource {
  const isElsewhere = typeof source === 'string' || source instanceof URL || source instanceof Blob;
  return isElsewhere ? source : copyOfBytes(`'${role}'`, source, UsageError);
}
