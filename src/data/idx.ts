/**
 * The IDX format of MNIST and similar sets, unsigned bytes only: 00 00 08 rank, then the sizes as big-endian 32-bit words,
 * then the elements, row-major. Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits".
 */
import { DataError } from '../errors.ts';
import { type FileBytes, type FileSource, type OpenOptions, readFile } from './source.ts';

/** The content of an IDX file. */
export interface IdxArray {
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

const UNSIGNED_BYTE = 0x08;
const OTHER_TYPES = new Map([
  [0x09, 'int8'],
  [0x0b, 'int16'],
  [0x0c, 'int32'],
  [0x0d, 'float32'],
  [0x0e, 'float64'],
]);

/**
 * Reads an IDX file of one of the given ranks; `data` is a view of `bytes`.
 *
 * @param expected - The expected content, for messages, e.g. `images`.
 * @throws DataError with the file, the expected and the actual content, and the byte
 */
export function parseIdx({ name, bytes }: FileBytes, expected: string, ranks: readonly number[]): IdxArray {
  const fail = (at: number, found: string): never => {
    throw new DataError(
      `${name} is not an IDX file of ${expected}: ${found} (at byte ${at}). ` +
        `Check that the right file is given, and that it is complete.`,
    );
  };
  const [first, second, type, rank] = bytes;
  if (first === undefined || second === undefined || type === undefined || rank === undefined) {
    return fail(bytes.length, `expected a header of 4 bytes, found the file's end`);
  }
  if (first !== 0 || second !== 0) return fail(0, `expected the magic bytes 00 00, found ${hex(first)} ${hex(second)}`);
  if (type !== UNSIGNED_BYTE) {
    const found = OTHER_TYPES.get(type);
    return fail(2, `expected type code 08 (unsigned bytes), found ${hex(type)}${found ? ` (${found})` : ''}`);
  }
  if (!ranks.includes(rank)) return fail(3, `expected ${ranks.join(' or ')} dimensions, found ${rank}`);

  const start = 4 + 4 * rank;
  if (bytes.length < start)
    return fail(bytes.length, `expected ${rank} sizes up to byte ${start}, found the file's end`);
  const header = new DataView(bytes.buffer, bytes.byteOffset, start);
  const shape = Array.from({ length: rank }, (_, axis) => header.getUint32(4 + 4 * axis));
  const empty = shape.indexOf(0);
  if (empty >= 0) return fail(4 + 4 * empty, `expected sizes of 1 or more, found [${shape.join(', ')}]`);
  // Four sizes of 32 bits may overflow 2⁵³ and be rounded, but never down to a length that a file can have.
  const expectedBytes = shape.reduce((product, size) => product * size, 1);
  const foundBytes = bytes.length - start;
  if (foundBytes !== expectedBytes) {
    const at = start + Math.min(foundBytes, expectedBytes);
    return fail(at, `its sizes [${shape.join(', ')}] need ${expectedBytes} bytes of data, found ${foundBytes}`);
  }
  return { shape, data: bytes.subarray(start) };
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}

/**
 * Reads a whole file that should be of IDX.
 * @throws DataError for errors of {@link readFile}, and for a file of another kind
 */
export async function readIdx(source: FileSource, options: OpenOptions): Promise<FileBytes> {
  const file = await readFile(source, options);
  if (file.bytes[0] !== 0 || file.bytes[1] !== 0) {
    const { kindOfFile } = await import('../formats/file-kind.ts');
    const kind = kindOfFile(file.bytes);
    if (kind !== undefined)
      throw new DataError(`${file.name} seems to be ${kind}, not an IDX file. Check that the right file is given.`);
  }
  return file;
}
