/**
 * A second reader of safetensors, written from the format's description alone and for valid files only: it shares no code
 * with the first and reads numbers one by one.
 */

interface PlainTensor {
  readonly shape: readonly number[];
  readonly values: readonly (number | bigint)[];
  /** Where it begins in the file's data, and what an element takes. */
  readonly begin: number;
  readonly elementBytes: number;
}

const bfloat = (half: number): number => {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint16(0, half);
  return view.getFloat32(0);
};

const half = (bits: number): number => {
  const exponent = (bits & 0x7c00) / 1024;
  const fraction = (bits & 0x3ff) / 1024;
  const size =
    exponent === 31
      ? fraction
        ? NaN
        : Infinity
      : exponent
        ? (1 + fraction) * 2 ** (exponent - 15)
        : fraction * 2 ** -14;
  return bits & 0x8000 ? -size : size;
};

export function readPlainly(file: Uint8Array) {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const dataStart = 8 + Number(view.getBigUint64(0, true));
  const header = JSON.parse(Buffer.from(file.subarray(8, dataStart)).toString()) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  const element: Record<string, [number, (at: number) => number | bigint]> = {
    F32: [4, (at) => view.getFloat32(at, true)],
    F64: [8, (at) => view.getFloat64(at, true)],
    F16: [2, (at) => half(view.getUint16(at, true))],
    BF16: [2, (at) => bfloat(view.getUint16(at, true))],
    I64: [8, (at) => view.getBigInt64(at, true)],
    I32: [4, (at) => view.getInt32(at, true)],
    I16: [2, (at) => view.getInt16(at, true)],
    I8: [1, (at) => view.getInt8(at)],
    U64: [8, (at) => view.getBigUint64(at, true)],
    U32: [4, (at) => view.getUint32(at, true)],
    U16: [2, (at) => view.getUint16(at, true)],
    U8: [1, (at) => view.getUint8(at)],
    BOOL: [1, (at) => Number(view.getUint8(at) !== 0)],
  };
  const tensors = new Map<string, PlainTensor>();
  for (const [name, { dtype, shape, data_offsets: offsets }] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const [elementBytes, read] = element[dtype] ?? [NaN, () => NaN];
    const values: (number | bigint)[] = [];
    for (let at = offsets[0]; at < offsets[1]; at += elementBytes) values.push(read(dataStart + at));
    tensors.set(name, { shape, values, begin: offsets[0], elementBytes });
  }
  return { dataStart, tensors, metadata: header.__metadata__ as unknown };
}
