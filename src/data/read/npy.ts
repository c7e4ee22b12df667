/**
 * Reader of arrays in NumPy's format. Source: NumPy Enhancement Proposal 1, "A simple file format for NumPy arrays".
 */
import { show } from '../../checks.ts';
import { DataError } from '../../errors.ts';
import { sizeOfShape } from '../../graph/shape.ts';
import type { FileBytes } from '../source.ts';
import type { RawArray } from './layout.ts';

/** Reads an element. */
type Read = (view: DataView, at: number, littleEndian: boolean) => number;
/** The readers by the file's name of the kind and its bytes. */
const READERS: Readonly<Record<string, Read>> = {
  i1: (view, at) => view.getInt8(at),
  i2: (view, at, little) => view.getInt16(at, little),
  i4: (view, at, little) => view.getInt32(at, little),
  i8: (view, at, little) => Number(view.getBigInt64(at, little)),
  u2: (view, at, little) => view.getUint16(at, little),
  u4: (view, at, little) => view.getUint32(at, little),
  u8: (view, at, little) => Number(view.getBigUint64(at, little)),
  f2: (view, at, little) => float16(view.getUint16(at, little)),
  f4: (view, at, little) => view.getFloat32(at, little),
  f8: (view, at, little) => view.getFloat64(at, little),
};
/** Elements that are not read, by the first letter of the kind. */
const OTHERS: Readonly<Record<string, string>> = {
  O: 'Python objects',
  U: 'texts',
  S: 'texts',
  a: 'texts',
  c: 'complex numbers',
  M: 'dates',
  m: 'spans of time',
  V: 'raw records',
};

interface Header {
  readonly descr: string;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
  /** The byte at which the elements begin. */
  readonly start: number;
}

/** Tests whether a file begins like .npy files. */
export function isNpy(bytes: Uint8Array): boolean {
  return [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59].every((byte, i) => bytes[i] === byte);
}

/**
 * Reads an .npy file; bytes and flags stay bytes, other numbers become float32. Fortran's order becomes row-major.
 *
 * @throws DataError, with the file and the byte, for a file that is damaged, cut off, or not of numbers
 */
export function parseNpy(file: FileBytes): RawArray {
  const { name, bytes } = file;
  const { descr, fortranOrder, shape, start } = headerOf(file);
  const [, order = '', kind = ''] = /^([<>|=])(\w+)/.exec(descr) ?? [];
  const isByte = kind === 'u1' || kind === 'b1';
  const read = READERS[kind];
  if (!isByte && read === undefined) throw refused(name, descr, OTHERS[kind[0] ?? '']);
  const itemSize = Number(kind[1]);
  const count = sizeOfShape(shape);
  if (bytes.length - start !== count * itemSize) {
    throw damaged(
      name,
      start + Math.min(bytes.length - start, count * itemSize),
      `its shape [${shape.join(', ')}] of ${descr} needs ${count * itemSize} bytes of data, found ${bytes.length - start}`,
    );
  }
  const data = read === undefined ? bytes.subarray(start) : numbers(bytes, start, count, itemSize, order !== '>', read);
  return {
    name,
    shape,
    data: fortranOrder ? rowMajor(data, shape) : data,
    unit: kind === 'u1' ? 'byte' : kind === 'b1' ? 'flag' : 'number',
  };
}

function numbers(
  bytes: Uint8Array,
  start: number,
  count: number,
  itemSize: number,
  littleEndian: boolean,
  read: Read,
): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset + start);
  const data = new Float32Array(count);
  for (let i = 0; i < count; i++) data[i] = read(view, i * itemSize, littleEndian);
  return data;
}

function headerOf({ name, bytes }: FileBytes): Header {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!isNpy(bytes)) throw damaged(name, 0, `it does not begin with NumPy's mark`);
  if (bytes.length < 12) throw damaged(name, bytes.length, `its header is cut off`);
  const major = bytes[6] ?? 0;
  if (major < 1 || major > 3) throw damaged(name, 6, `its version is ${major}, but 1 to 3 are known`);
  const [from, length] = major === 1 ? [10, view.getUint16(8, true)] : [12, view.getUint32(8, true)];
  const start = from + length;
  if (start > bytes.length) throw damaged(name, bytes.length, `its header goes up to byte ${start}`);
  const text = new TextDecoder().decode(bytes.subarray(from, Math.min(start, from + 65536)));
  const [, descr] = /'descr': *'([^']*)'/.exec(text) ?? [];
  const [, order] = /'fortran_order': *(True|False)/.exec(text) ?? [];
  const [, sizes] = /'shape': *\(([\d, L]*)\)/.exec(text) ?? [];
  if (/'descr': *\[/.test(text)) throw refused(name, 'several fields', 'records of named fields');
  if (descr === undefined || order === undefined || sizes === undefined)
    throw damaged(name, from, `its header is not that of one array: ${show(text.trim())}`);
  const shape = sizes.split(',').flatMap((size) => (/\d/.test(size) ? [parseInt(size, 10)] : []));
  if (shape.length === 0 || shape.includes(0) || !Number.isSafeInteger(sizeOfShape(shape)))
    throw damaged(name, from, `its shape is [${shape.join(', ')}], but rows are needed, and sizes of 1 or more`);
  return { descr, fortranOrder: order === 'True', shape, start };
}

/** Reorders elements from the first axis fastest to the last axis fastest. */
function rowMajor<T extends Uint8Array | Float32Array>(data: T, shape: readonly number[]): T {
  const out = data.slice() as T;
  const position = shape.map(() => 0);
  const strides = shape.map((_, axis) => sizeOfShape(shape.slice(0, axis)));
  let from = 0;
  for (let i = 0; i < out.length; i++) {
    out[i] = data[from] ?? 0;
    // The next position, like an odometer.
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const [at = 0, size = 1, stride = 0] = [position[axis], shape[axis], strides[axis]];
      from += stride;
      position[axis] = at + 1;
      if (at + 1 < size) break;
      position[axis] = 0;
      from -= size * stride;
    }
  }
  return out;
}

/** Converts the bits of IEEE 754's binary16. */
function float16(bits: number): number {
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
  let magnitude = (1024 + fraction) * 2 ** (exponent - 25);
  if (exponent === 0) magnitude = fraction * 2 ** -24;
  if (exponent === 31) magnitude = fraction === 0 ? Infinity : NaN;
  return bits & 0x8000 ? -magnitude : magnitude;
}

function refused(name: string, descr: string, what = 'something other than numbers'): DataError {
  return new DataError(
    `${name} holds ${what} (dtype ${show(descr)}), which are not read. Save an array of numbers or bytes in its place, ` +
      `e.g. by astype('float32'), and labels as class ids.`,
  );
}

function damaged(name: string, at: number, why: string): DataError {
  return new DataError(
    `${name} is not a whole .npy file: ${why} (at byte ${at}). Check that the right file is given, and save or download it again.`,
  );
}
