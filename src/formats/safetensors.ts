/**
 * Tensors in a safetensors file: eight bytes of length, a JSON header, the tensors' bytes without a gap. The file may be
 * hostile: everything is checked before memory is allocated. Format: https://github.com/huggingface/safetensors#format.
 */
import { DataError, UsageError } from '../errors.ts';
import type { DType, TypedArray } from '../graph/dtype.ts';
import { convert } from '../graph/ndarray.ts';
import { ndarray } from '../graph/print-array.ts';
import { kindOfFile } from './file-kind.ts';
import { quote, readHeader, type HeaderEntry } from './safetensors-header.ts';

/**
 * A tensor of a file, row-major. With the `dtype` float32, int32 or bool (bytes of 0 and 1) it is an `NDArray`. Other values are
 * in the typed array of that name: `float64` in a `Float64Array`, `int64` and `uint64` in those of BigInts.
 */
export interface StoredTensor {
  readonly data:
    TypedArray | Float64Array | BigInt64Array | BigUint64Array | Int16Array | Int8Array | Uint32Array | Uint16Array;
  readonly shape: readonly number[];
  readonly dtype: DType | 'float64' | 'int64' | 'int16' | 'int8' | 'uint64' | 'uint32' | 'uint16' | 'uint8';
  /** The values as NumPy prints them, shortened from 1,000 values on. */
  toString(): string;
}

/** The contents of a file. */
export interface TensorFile {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** The longest header that is read or written: room for some ten thousand tensors. */
const MAX_HEADER_BYTES = 2 ** 20;

/** Element types that are stored like their typed array: the format's name, our name, the array. */
const PLAIN = [
  ['F32', 'float32', Float32Array],
  ['F64', 'float64', Float64Array],
  ['I64', 'int64', BigInt64Array],
  ['I32', 'int32', Int32Array],
  ['I16', 'int16', Int16Array],
  ['I8', 'int8', Int8Array],
  ['U64', 'uint64', BigUint64Array],
  ['U32', 'uint32', Uint32Array],
  ['U16', 'uint16', Uint16Array],
  ['U8', 'uint8', Uint8Array],
] as const;

/** A reader of an element type. */
interface Reader {
  readonly bytes: number;
  readonly dtype: StoredTensor['dtype'];
  readonly of: (data: ArrayBuffer) => StoredTensor['data'];
}

/** The readers by the format's names. */
const readers = (): ReadonlyMap<string, Reader> =>
  new Map([
    ...PLAIN.map(([name, dtype, Values]): [string, Reader] => [
      name,
      { bytes: Values.BYTES_PER_ELEMENT, dtype, of: (data) => new Values(data) },
    ]),
    ['F16', { bytes: 2, dtype: 'float32', of: (data) => Float32Array.from(new Uint16Array(data), fromHalf) }],
    ['BF16', { bytes: 2, dtype: 'float32', of: (data) => fromUpperHalves(new Uint16Array(data)) }],
    ['BOOL', { bytes: 1, dtype: 'bool', of: (data) => convert(new Uint8Array(data), 'bool') }],
  ]);

/**
 * Writes a file with these tensors in this order, those of smaller elements later: so every tensor is aligned.
 * @throws UsageError for a reserved name, and for names and metadata that exceed {@link MAX_HEADER_BYTES}.
 */
export function writeSafetensors({ tensors, metadata }: TensorFile): Uint8Array {
  const ordered = [...tensors].sort(([, a], [, b]) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT);
  const fields = [field('__metadata__', metadata)];
  let end = 0;
  for (const [name, { data, shape, dtype }] of ordered) {
    if (name === '__metadata__')
      throw new UsageError(
        `A tensor in a safetensors file cannot be called '${name}'; give the variable another name.`,
      );
    fields.push(field(name, { dtype: nameOf(dtype), shape, data_offsets: [end, (end += data.byteLength)] }));
  }
  const text = new TextEncoder().encode(`{${fields.join()}}`);
  const headerBytes = 8 * Math.ceil(text.length / 8);
  if (headerBytes > MAX_HEADER_BYTES)
    throw new UsageError(
      `The names and metadata of ${tensors.size} tensors take ${headerBytes} bytes of a safetensors header, which has room for ${MAX_HEADER_BYTES}; save fewer tensors in a file.`,
    );
  const file = new Uint8Array(8 + headerBytes + end);
  new DataView(file.buffer).setUint32(0, headerBytes, true);
  file.fill(0x20, 8, 8 + headerBytes); // spaces, so that the data begins at a multiple of eight
  file.set(text, 8);
  let at = 8 + headerBytes;
  for (const [, { data }] of ordered) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return file;
}

/**
 * Reads the tensors of a safetensors file, of any program, by name: `readSafetensors(bytes).tensors.get('fc.weight')`. The values
 * are copies.
 *
 * `F16` and `BF16` come as float32, which holds them exactly, `I64` and `U64` as BigInts, which `Number` converts. Transpose the
 * weight of PyTorch's Linear for a variable that `matmul` takes:
 * `session.set(W, await session.run(transpose(constant(data, shape))))`; that of its Conv2d by `transpose(…, [2, 3, 1, 0])`.
 *
 * @param what - The file's name in messages.
 * @throws DataError with the file, and the tensor that is invalid.
 */
export function readSafetensors(bytes: Uint8Array | ArrayBuffer, what = 'The file'): TensorFile {
  const file = viewOf(bytes, what);
  const fail = (fault: string): DataError => {
    const kind = kindOfFile(file);
    const seems = kind === undefined || kind === 'a safetensors file' ? '' : ` (it seems to be ${kind})`;
    return new DataError(
      `${what} is not a valid safetensors file${seems}: ${fault}. Save it again, or give another file.`,
    );
  };
  if (file.length < 8) throw fail(`it has ${file.length} bytes, and the header's length alone takes 8`);
  const headerBytes = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  if (headerBytes > MAX_HEADER_BYTES)
    throw fail(`its header is said to take ${headerBytes} bytes, at most ${MAX_HEADER_BYTES} are read`);
  if (headerBytes > file.length - 8)
    throw fail(`it ends in its header, which is said to take ${headerBytes} bytes of the ${file.length - 8} there are`);
  const data = file.subarray(8 + headerBytes);
  const { entries, metadata } = readHeader(file.slice(8, 8 + headerBytes), fail);
  checkRanges(entries, data.length, fail);
  const known = readers();
  const checked = entries.map(({ name, dtype, shape, begin, end }) => {
    const reader = known.get(dtype);
    if (reader === undefined)
      throw new DataError(
        `${what}: tensor ${quote(name)} holds ${quote(dtype)}, which cannot be read; convert it to one of ${[...known.keys()].join(', ')}.`,
      );
    if (bytesOf(shape, reader.bytes) !== end - begin)
      throw fail(`tensor ${quote(name)} has bytes ${begin} to ${end}, which is not what its shape takes in ${dtype}`);
    return { name, shape, begin, end, reader };
  });
  const read = checked.map(({ name, shape, begin, end, reader: { of, dtype } }): [string, StoredTensor] => [
    name,
    ndarray({ data: of(data.slice(begin, end).buffer), shape, dtype }),
  ]);
  return { tensors: new Map(read), metadata };
}

/** @throws DataError for anything but bytes. */
function viewOf(bytes: unknown, what: string): Uint8Array {
  // A slice of a Node Buffer is not a copy.
  if (ArrayBuffer.isView(bytes)) return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (typeof (bytes as ArrayBuffer | null | undefined)?.byteLength === 'number')
    return new Uint8Array(bytes as ArrayBuffer);
  throw new DataError(`${what} is not bytes; give a Uint8Array or an ArrayBuffer, e.g. of response.arrayBuffer().`);
}

/** @throws DataError unless the tensors fill the data, one after the other: no gap, no overlap, nothing after the last. */
function checkRanges(entries: readonly HeaderEntry[], bytes: number, fail: (fault: string) => DataError): void {
  let at = 0;
  for (const { name, begin, end } of entries) {
    if (begin !== at) throw fail(`tensor ${quote(name)} begins at byte ${begin} of the data, expected ${at}`);
    if (end < begin || end > bytes)
      throw fail(`tensor ${quote(name)} has bytes ${begin} to ${end} of the data, which has ${bytes}`);
    at = end;
  }
  if (at !== bytes) throw fail(`its tensors end at byte ${at} of the data, which has ${bytes}`);
}

/** The bytes of a tensor; NaN for more than a number counts exactly. */
function bytesOf(shape: readonly number[], elementBytes: number): number {
  return shape.reduce((bytes, dim) => (Number.isSafeInteger(bytes * dim) ? bytes * dim : NaN), elementBytes);
}

const nameOf = (dtype: StoredTensor['dtype']): string => PLAIN.find(([, ours]) => ours === dtype)?.[0] ?? 'BOOL';

const field = (name: string, value: unknown): string => `${JSON.stringify(name)}:${JSON.stringify(value)}`;

/** Converts bfloat16, the upper half of float32. */
function fromUpperHalves(halves: Uint16Array): Float32Array {
  return new Float32Array(Uint32Array.from(halves, (half) => half * 2 ** 16).buffer);
}

/** Converts IEEE 754's binary16: one bit of sign, five of exponent, ten of fraction. */
function fromHalf(half: number): number {
  const sign = half < 0x8000 ? 1 : -1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}
