/** Bytes from users. */
import { kindOf, show } from '../checks.ts';
import { DataError, type InklingError } from '../errors.ts';

/**
 * Copies bytes, which the caller may change while they are read.
 * @throws `Fault` for anything else, and for a buffer that was transferred.
 */
export function copyOfBytes(
  caller: string,
  given: unknown,
  Fault: new (message: string) => InklingError = DataError,
): Uint8Array<ArrayBuffer> {
  const { buffer = given, byteOffset, byteLength } = (given ?? {}) as Partial<ArrayBufferView>;
  if (kindOf(buffer).endsWith('ArrayBuffer') && byteLength)
    return new Uint8Array(new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength));
  throw new Fault(
    `${caller}: ${show(given)} has no bytes; give a Uint8Array or an ArrayBuffer that was not transferred.`,
  );
}
