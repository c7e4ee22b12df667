/**
 * Safetensors: valid files, read by a second reader; every error in a file, named; and files with random changes, which are
 * a valid file or a DataError.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DataError, UsageError } from '../../src/errors.ts';
import {
  readSafetensors,
  writeSafetensors,
  type StoredTensor,
  type TensorFile,
} from '../../src/formats/safetensors.ts';
import { readPlainly } from './plain-reader.ts';

const floats = (values: readonly number[], shape: readonly number[] = [values.length]): StoredTensor => ({
  data: Float32Array.from(values),
  shape,
  dtype: 'float32',
});

const small: TensorFile = {
  tensors: new Map<string, StoredTensor>([
    ['flags', { data: Uint8Array.of(1, 0, 1), shape: [3], dtype: 'bool' }],
    ['W', floats([1.5, -2, 3e-40, NaN, Infinity, -0], [2, 3])],
    ['ids', { data: Int32Array.of(-1, 2 ** 31 - 1), shape: [2, 1], dtype: 'int32' }],
    ['scalar', floats([7], [])],
    ['batches', { data: BigInt64Array.of(-(2n ** 63n)), shape: [], dtype: 'int64' }],
    ['bytes', { data: Uint8Array.of(255, 2), shape: [1, 2], dtype: 'uint8' }],
    ['shorts', { data: Int16Array.of(-2), shape: [1], dtype: 'int16' }],
    ['nothing', floats([], [0, 5])],
    ['1', floats([10, 11])],
    ['0', floats([12])],
    ['naïve "name"\n\u{1F600}', floats([4])],
  ]),
  metadata: { format: 'pt', 'häuptling ☂': 'any "text"\n' },
};

/** A file with this header, its length as it is unless another is given, and this many bytes of data. */
function fileOf(header: string | Uint8Array, dataBytes = 0, length?: bigint): Uint8Array {
  const text = typeof header === 'string' ? new TextEncoder().encode(header) : header;
  const file = new Uint8Array(8 + text.length + dataBytes);
  new DataView(file.buffer).setBigUint64(0, length ?? BigInt(text.length), true);
  file.set(text, 8);
  return file;
}

/** A header of one tensor `t`, with parts of it replaced by JSON. */
const one = ({ dtype = '"F32"', shape = '[2]', offsets = '[0,8]' } = {}): string =>
  `{"t":{"dtype":${dtype},"shape":${shape},"data_offsets":${offsets}}}`;
const two = (first: string, second: string): string =>
  `{"a":{"dtype":"F32","shape":[1],"data_offsets":${first}},"b":{"dtype":"F32","shape":[1],"data_offsets":${second}}}`;

function fault(bytes: Uint8Array): string {
  try {
    readSafetensors(bytes, 'model.safetensors');
  } catch (error) {
    if (error instanceof DataError) return error.message;
    throw error;
  }
  return 'none';
}

describe('written files', () => {
  it('are read back, at any alignment of the bytes', () => {
    const bytes = writeSafetensors(small);
    for (const offset of [0, 1, 3]) {
      const moved = new Uint8Array(bytes.length + offset + 2);
      moved.set(bytes, offset);
      const { tensors, metadata } = readSafetensors(moved.subarray(offset, offset + bytes.length), 'it');
      expect(new Map(tensors)).toEqual(new Map(small.tensors));
      expect({ ...metadata }).toEqual(small.metadata);
    }
    expect(readSafetensors(writeSafetensors({ tensors: new Map(), metadata: {} }), 'it').tensors.size).toBe(0);
  });

  it('prints its values', () => {
    const { tensors } = readSafetensors(writeSafetensors(small));
    expect(['flags', 'ids', 'batches', 'bytes'].map((name) => String(tensors.get(name)))).toEqual([
      '[ true false  true]',
      '[[        -1]\n [2147483647]]',
      '-9223372036854775808',
      '[[255   2]]',
    ]);
  });

  it('are equal for a second reader', () => {
    const { tensors, metadata } = readPlainly(writeSafetensors(small));
    expect(metadata).toEqual(small.metadata);
    expect([...tensors.keys()].sort()).toEqual([...small.tensors.keys()].sort());
    for (const [name, { data, shape }] of small.tensors) {
      expect(tensors.get(name)?.shape).toEqual(shape);
      expect(tensors.get(name)?.values).toEqual([...data]);
    }
  });

  it('has its data, and each tensor in it, aligned', () => {
    const bytes = writeSafetensors(small);
    const { dataStart, tensors } = readPlainly(bytes);
    expect(dataStart % 8).toBe(0);
    for (const { begin, elementBytes } of tensors.values()) expect(begin % elementBytes).toBe(0);
  });

  it('is a view’s part of its buffer, and no more', () => {
    const data = new Float32Array([9, 1, 2, 9]).subarray(1, 3);
    const { tensors } = readSafetensors(
      writeSafetensors({ tensors: new Map([['t', { data, shape: [2], dtype: 'float32' }]]), metadata: {} }),
      'it',
    );
    expect(tensors.get('t')?.data).toEqual(Float32Array.of(1, 2));
  });

  it('can be read: reserved names and headers that are too long are refused', () => {
    expect(() => writeSafetensors({ tensors: new Map([['__metadata__', floats([1])]]), metadata: {} })).toThrow(
      UsageError,
    );
    expect(() => writeSafetensors({ tensors: new Map(), metadata: { long: 'x'.repeat(2 ** 20) } })).toThrow(UsageError);
  });
});

/** Made by Python's safetensors 0.8.0, `safetensors.numpy.save`. */
const fromPython =
  'yAEAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJtYWRlIGJ5IjoiUHl0aG9uIn0sImRvdWJsZSI6eyJkdHlwZSI6IkY2NCIsInNoYXBlIjpbMl0sIm' +
  'RhdGFfb2Zmc2V0cyI6WzAsMTZdfSwibm9uZSI6eyJkdHlwZSI6IkYzMiIsInNoYXBlIjpbMCwzXSwiZGF0YV9vZmZzZXRzIjpbMTYsMTZdfSwi' +
  'c2NhbGFyIjp7ImR0eXBlIjoiRjMyIiwic2hhcGUiOltdLCJkYXRhX29mZnNldHMiOlsxNiwyMF19LCJ3ZWlnaHRzIjp7ImR0eXBlIjoiRjMyIi' +
  'wic2hhcGUiOlsyLDJdLCJkYXRhX29mZnNldHMiOlsyMCwzNl19LCJpZHMiOnsiZHR5cGUiOiJJMzIiLCJzaGFwZSI6WzJdLCJkYXRhX29mZnNl' +
  'dHMiOlszNiw0NF19LCJoYWxmIjp7ImR0eXBlIjoiRjE2Iiwic2hhcGUiOlszXSwiZGF0YV9vZmZzZXRzIjpbNDQsNTBdfSwiZmxhZ3MiOnsiZH' +
  'R5cGUiOiJCT09MIiwic2hhcGUiOlszXSwiZGF0YV9vZmZzZXRzIjpbNTAsNTNdfX0gICCamZmZmZm5PwAAAAAAABzAAAAgQAAAwD8AABDAAABA' +
  'QM3MzD0DAAAA/P///wA8ALj/ewEAAQ==';

/** The same, of what else NumPy has, and bfloat16 of ml_dtypes 0.6.0. */
const everyType =
  'wAIAAAAAAAB7InU2NCI6eyJkdHlwZSI6IlU2NCIsInNoYXBlIjpbMl0sImRhdGFfb2Zmc2V0cyI6WzAsMTZdfSwiYm4ubnVtX2JhdGNoZXNfdH' +
  'JhY2tlZCI6eyJkdHlwZSI6Ikk2NCIsInNoYXBlIjpbXSwiZGF0YV9vZmZzZXRzIjpbMTYsMjRdfSwiaTY0Ijp7ImR0eXBlIjoiSTY0Iiwic2hh' +
  'cGUiOlsyXSwiZGF0YV9vZmZzZXRzIjpbMjQsNDBdfSwiZjY0Ijp7ImR0eXBlIjoiRjY0Iiwic2hhcGUiOlsyXSwiZGF0YV9vZmZzZXRzIjpbND' +
  'AsNTZdfSwidTMyIjp7ImR0eXBlIjoiVTMyIiwic2hhcGUiOlsxXSwiZGF0YV9vZmZzZXRzIjpbNTYsNjBdfSwiYmYxNiI6eyJkdHlwZSI6IkJG' +
  'MTYiLCJzaGFwZSI6WzJdLCJkYXRhX29mZnNldHMiOls2MCw2NF19LCJmMTYiOnsiZHR5cGUiOiJGMTYiLCJzaGFwZSI6WzNdLCJkYXRhX29mZn' +
  'NldHMiOls2NCw3MF19LCJ1MTYiOnsiZHR5cGUiOiJVMTYiLCJzaGFwZSI6WzJdLCJkYXRhX29mZnNldHMiOls3MCw3NF19LCJpMTYiOnsiZHR5' +
  'cGUiOiJJMTYiLCJzaGFwZSI6WzJdLCJkYXRhX29mZnNldHMiOls3NCw3OF19LCJpOCI6eyJkdHlwZSI6Ikk4Iiwic2hhcGUiOlsyXSwiZGF0YV' +
  '9vZmZzZXRzIjpbNzgsODBdfSwidTgiOnsiZHR5cGUiOiJVOCIsInNoYXBlIjpbMSwyXSwiZGF0YV9vZmZzZXRzIjpbODAsODJdfSwibWFzayI6' +
  'eyJkdHlwZSI6IkJPT0wiLCJzaGFwZSI6WzJdLCJkYXRhX29mZnNldHMiOls4Miw4NF19ff//////////AwAAAAAAAAAOAwAAAAAAAAAAAAAAAA' +
  'CAAQAAAAAAIACamZmZmZm5PwAAAAAAABzA/////4A/IMAAPAC4/3v//wYAAIAFAIAH/wgBAA==';

describe('files of other programs', () => {
  it('Python’s library', () => {
    const { tensors, metadata } = readSafetensors(Buffer.from(fromPython, 'base64'), 'it');
    expect({ ...metadata }).toEqual({ 'made by': 'Python' });
    expect(tensors).toEqual(
      new Map<string, StoredTensor>([
        ['double', { data: Float64Array.of(0.1, -7), shape: [2], dtype: 'float64' }],
        ['none', floats([], [0, 3])],
        ['scalar', floats([2.5], [])],
        ['weights', floats([1.5, -2.25, 3, 0.1], [2, 2])],
        ['ids', { data: Int32Array.of(3, -4), shape: [2], dtype: 'int32' }],
        ['half', floats([1, -0.5, 65504])],
        ['flags', { data: Uint8Array.of(1, 0, 1), shape: [3], dtype: 'bool' }],
      ]),
    );
  });

  it('every element type, of which none loses a bit', () => {
    const file = Buffer.from(everyType, 'base64');
    const expected = new Map<string, StoredTensor>([
      ['u64', { data: BigUint64Array.of(2n ** 64n - 1n, 3n), shape: [2], dtype: 'uint64' }],
      ['bn.num_batches_tracked', { data: BigInt64Array.of(782n), shape: [], dtype: 'int64' }],
      ['i64', { data: BigInt64Array.of(-(2n ** 63n), 2n ** 53n + 1n), shape: [2], dtype: 'int64' }],
      ['f64', { data: Float64Array.of(0.1, -7), shape: [2], dtype: 'float64' }],
      ['u32', { data: Uint32Array.of(2 ** 32 - 1), shape: [1], dtype: 'uint32' }],
      ['bf16', floats([1, -2.5])],
      ['f16', floats([1, -0.5, 65504])],
      ['u16', { data: Uint16Array.of(2 ** 16 - 1, 6), shape: [2], dtype: 'uint16' }],
      ['i16', { data: Int16Array.of(-(2 ** 15), 5), shape: [2], dtype: 'int16' }],
      ['i8', { data: Int8Array.of(-128, 7), shape: [2], dtype: 'int8' }],
      ['u8', { data: Uint8Array.of(255, 8), shape: [1, 2], dtype: 'uint8' }],
      ['mask', { data: Uint8Array.of(1, 0), shape: [2], dtype: 'bool' }],
    ]);
    const { tensors } = readSafetensors(file);
    expect(tensors).toEqual(expected);
    expect(readSafetensors(writeSafetensors({ tensors, metadata: {} })).tensors).toEqual(expected);
    const second = readPlainly(file).tensors;
    for (const [name, { data }] of tensors) expect(second.get(name)?.values).toEqual([...data]);
  });

  it.each<[string, Uint8Array, readonly number[]]>([
    [
      'F16',
      Uint8Array.from(
        new Uint8Array(Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x7bff, 0x8000, 0x7c00, 0xfc00, 0x7e00).buffer),
      ),
      [1, -2, 2 ** -24, 65504, -0, Infinity, -Infinity, NaN],
    ],
    ['F16', new Uint8Array(Uint16Array.of(0x3555, 0x03ff, 0x0400).buffer), [0.333251953125, 1023 * 2 ** -24, 2 ** -14]],
    ['BF16', new Uint8Array(Uint16Array.of(0x3f80, 0xc020, 0x7f80, 0x0001).buffer), [1, -2.5, Infinity, 2 ** -133]],
    ['BOOL', Uint8Array.of(0, 1, 2), [0, 1, 1]],
  ])('%s is read', (dtype, data, values) => {
    const file = fileOf(
      one({ dtype: `"${dtype}"`, shape: `[${values.length}]`, offsets: `[0,${data.length}]` }),
      data.length,
    );
    file.set(data, file.length - data.length);
    const tensor = readSafetensors(file, 'it').tensors.get('t');
    expect([...(tensor?.data ?? [])]).toEqual(values);
    expect(tensor?.dtype).toBe(dtype === 'BOOL' ? 'bool' : 'float32');
  });

  it('elements of eight bytes that begin at an odd byte', () => {
    const header =
      '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"I64","shape":[1],"data_offsets":[1,9]}}';
    const file = fileOf(header, 9);
    new DataView(file.buffer).setBigInt64(file.length - 8, -5n, true);
    expect(readSafetensors(file).tensors.get('b')?.data).toEqual(BigInt64Array.of(-5n));
  });

  it('bytes in any kind of buffer; other objects are refused', () => {
    const bytes = writeSafetensors(small);
    const shared = new SharedArrayBuffer(bytes.length);
    new Uint8Array(shared).set(bytes);
    for (const given of [bytes.slice().buffer, new DataView(bytes.slice().buffer), Buffer.from(bytes), shared])
      expect(readSafetensors(given as ArrayBuffer).tensors.size).toBe(small.tensors.size);
    for (const given of [undefined, null, 'text', 8, {}, [1], new Blob([bytes.slice()]), Promise.resolve(bytes)])
      expect(() => readSafetensors(given as ArrayBuffer)).toThrow(
        new DataError('The file is not bytes; give a Uint8Array or an ArrayBuffer, e.g. of response.arrayBuffer().'),
      );
  });

  it.each(['C64', 'F8_E4M3', 'f32', ''])('%s is refused by name', (dtype) => {
    expect(fault(fileOf(one({ dtype: JSON.stringify(dtype) }), 8))).toBe(
      `model.safetensors: tensor 't' holds '${dtype}', which cannot be read; convert it to one of F32, F64, I64, I32, I16, I8, U64, U32, U16, U8, F16, BF16, BOOL.`,
    );
  });

  it('tensors in another order than their bytes', () => {
    const { tensors } = readSafetensors(fileOf(two('[4,8]', '[0,4]'), 8), 'model.safetensors');
    expect([...tensors.keys()]).toEqual(['b', 'a']);
  });

  it('white space within the header, and spaces after it', () => {
    expect(fault(fileOf(one().replaceAll(',', ' ,\n\t') + '   ', 8))).toBe('none');
  });
});

const deep = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

describe('errors are named', () => {
  it.each<[string, Uint8Array, RegExp]>([
    ['no bytes', new Uint8Array(), /it has 0 bytes/],
    ['half a length', new Uint8Array(7), /it has 7 bytes/],
    ['a length of 2^63', fileOf('{}', 0, 2n ** 63n), /at most 1048576 are read/],
    ['a length of 2^64 - 1', fileOf('{}', 0, 2n ** 64n - 1n), /at most 1048576 are read/],
    ['a length over the cap, and as many bytes', fileOf(`{}${' '.repeat(2 ** 20)}`), /at most 1048576 are read/],
    ['a length beyond the file', fileOf('{}', 0, 3n), /ends in its header, which is said to take 3 bytes of the 2/],
    ['a length beyond 32 bits', fileOf('{}', 0, 2n ** 32n + 2n), /at most 1048576 are read/],
    ['a header of no bytes', fileOf('', 4), /does not begin with \{/],
    ['a space before the header', fileOf(` ${one()}`, 8), /does not begin with \{/],
    ['a byte order mark', fileOf(`\ufeff${one()}`, 8), /does not begin with \{/],
    ['a list for a header', fileOf('[]'), /does not begin with \{/],
    ['a header that is not UTF-8', fileOf(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d)), /is not UTF-8/],
    ['a header that is not JSON', fileOf("{'t':1}"), /is not JSON/],
    ['a comment in it', fileOf('{}/**/'), /does not end with \}/],
    ['another object after it', fileOf('{}{}'), /is not JSON/],
    ['new lines after it', fileOf(`${one()}\n`, 8), /does not end with \} and spaces/],
    ['a number for a tensor', fileOf('{"t":1}'), /tensor 't' is not described/],
    ['null for a tensor', fileOf('{"t":null}'), /tensor 't' is not described/],
    ['a list for a tensor', fileOf('{"t":[]}'), /tensor 't' is not described/],
    ['a tensor without offsets', fileOf('{"t":{"dtype":"F32","shape":[]}}'), /tensor 't' is not described/],
    [
      'a tensor with another field',
      fileOf(one().replace('"shape"', '"x":1,"shape"'), 8),
      /tensor 't' is not described/,
    ],
    ['a number for a dtype', fileOf(one({ dtype: '32' }), 8), /tensor 't' is not described/],
    ['a text for a shape', fileOf(one({ shape: '"2"' }), 8), /tensor 't' is not described/],
    ['a negative size', fileOf(one({ shape: '[-2]' }), 8), /tensor 't' is not described/],
    ['a size of a half', fileOf(one({ shape: '[0.5,4]' }), 8), /tensor 't' is not described/],
    ['a size of 2^53 + 1', fileOf(one({ shape: '[9007199254740993]' }), 8), /tensor 't' is not described/],
    ['an infinite size', fileOf(one({ shape: '[1e999]' }), 8), /tensor 't' is not described/],
    ['a whole size written as a fraction', fileOf(one({ shape: '[2.0]' }), 8), /has '2.0' for a whole number/],
    ['a size with an exponent', fileOf(one({ shape: '[2e0]' }), 8), /has '2e0' for a whole number/],
    ['a size of minus zero', fileOf(one({ shape: '[-0]', offsets: '[0,0]' })), /has '-0' for a whole number/],
    [
      'a product beyond 2^53',
      fileOf(one({ shape: '[4294967296,4294967296]' }), 8),
      /'t' has bytes 0 to 8, which is not/,
    ],
    ['a product that wraps at 2^64', fileOf(one({ shape: '[4294967296,4294967296,2]' }), 8), /'t' has bytes 0 to 8/],
    [
      'an overflow times zero',
      fileOf(one({ shape: '[4294967296,4294967296,0]', offsets: '[0,0]' })),
      /'t' has bytes 0 to 0/,
    ],
    ['three offsets', fileOf(one({ offsets: '[0,4,8]' }), 8), /tensor 't' is not described/],
    ['one offset', fileOf(one({ offsets: '[8]' }), 8), /tensor 't' is not described/],
    ['a negative offset', fileOf(one({ offsets: '[-8,0]' }), 8), /tensor 't' is not described/],
    ['an offset of 2^53 + 1', fileOf(one({ offsets: '[0,9007199254740993]' }), 8), /tensor 't' is not described/],
    ['an end before the beginning', fileOf(two('[0,4]', '[4,0]'), 8), /tensor 'b' has bytes 4 to 0/],
    ['an overlap', fileOf(two('[0,4]', '[2,6]'), 6), /tensor 'b' begins at byte 2 of the data, expected 4/],
    ['the same bytes twice', fileOf(two('[0,4]', '[0,4]'), 4), /tensor 'b' begins at byte 0 of the data, expected 4/],
    ['a hole', fileOf(two('[0,4]', '[5,9]'), 9), /tensor 'b' begins at byte 5 of the data, expected 4/],
    [
      'a hole before the first',
      fileOf(one({ offsets: '[4,12]' }), 12),
      /tensor 't' begins at byte 4 of the data, expected 0/,
    ],
    ['past the end', fileOf(one(), 7), /tensor 't' has bytes 0 to 8 of the data, which has 7/],
    ['bytes after the last tensor', fileOf(one(), 9), /tensors end at byte 8 of the data, which has 9/],
    ['data without a tensor', fileOf('{}', 1), /tensors end at byte 0 of the data, which has 1/],
    [
      'a shape that does not fill its bytes',
      fileOf(one({ shape: '[3]' }), 8),
      /tensor 't' has bytes 0 to 8, which is not/,
    ],
    ['a shape of another element type', fileOf(one({ dtype: '"I64"' }), 8), /'t' has bytes 0 to 8, .* takes in I64/],
    [
      'a product of many sizes',
      fileOf(one({ shape: `[${'2,'.repeat(60)}1]`, dtype: '"U8"' }), 8),
      /'t' has bytes 0 to 8/,
    ],
    ['metadata that is a list', fileOf('{"__metadata__":[]}'), /metadata is not an object/],
    ['metadata with a number', fileOf('{"__metadata__":{"a":1}}'), /metadata 'a' is not a text/],
    ['metadata with an object', fileOf('{"__metadata__":{"a":{}}}'), /metadata 'a' is not a text/],
    ['a tensor twice', fileOf(two('[0,4]', '[0,4]').replace('"b"', '"a"'), 4), /header has 'a' twice/],
    [
      'a tensor twice, once escaped',
      fileOf(two('[0,4]', '[0,4]').replace('"b"', '"\\u0061"'), 4),
      /header has 'a' twice/,
    ],
    ['a field twice', fileOf(one().replace('"shape"', '"dtype":"F32","shape"'), 8), /header has 'dtype' twice/],
    ['metadata twice', fileOf('{"__metadata__":{},"__metadata__":{}}'), /header has '__metadata__' twice/],
    ['a metadata key twice', fileOf('{"__metadata__":{"a":"","a":""}}'), /header has 'a' twice/],
    ['__proto__ twice', fileOf(two('[0,4]', '[0,4]').replaceAll(/"[ab]"/g, '"__proto__"'), 4), /'__proto__' twice/],
    ['lists 100,000 deep', fileOf(one({ shape: deep(100_000) }), 8), /tensor 't' is not described/],
    ['lists half a million deep, unclosed', fileOf(`{"t":${'['.repeat(500_000)}}`), /is not JSON/],
    [
      'objects 100,000 deep',
      fileOf(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`),
      /tensor 'a' is not described/,
    ],
  ])('%s', (_, bytes, message) => {
    const began = process.cpuUsage();
    const found = fault(bytes);
    expect(process.cpuUsage(began).user / 1000).toBeLessThan(250);
    expect(found).toMatch(message);
    expect(found).toMatch(
      /^model\.safetensors is not a valid safetensors file: .*Save it again, or give another file\.$/,
    );
  });

  it('by no more than the beginning of a name that is long', () => {
    expect(fault(fileOf(`{"${'x'.repeat(500_000)}":1}`)).length).toBeLessThan(300);
  });
});

describe('names that an object has already', () => {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'prototype', '', '__defineGetter__'];
  it('are names as any other', () => {
    const before = Reflect.ownKeys(Object.prototype);
    const tensors = new Map(names.map((name, i) => [name, floats([i])]));
    const metadata = JSON.parse(`{${names.map((name) => `"${name}":"polluted"`).join()}}`) as Record<string, string>;
    const read = readSafetensors(writeSafetensors({ tensors, metadata }), 'it');
    expect([...read.tensors.keys()]).toEqual(names);
    expect([...read.tensors.values()].map(({ data }) => data[0])).toEqual(names.map((_, i) => i));
    expect(Object.keys(read.metadata).sort()).toEqual([...names].sort());
    expect(Object.getPrototypeOf(read.metadata)).toBe(null);
    expect(Reflect.ownKeys(Object.prototype)).toEqual(before);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('where metadata has none of them, are not found in it', () => {
    expect(readSafetensors(fileOf('{"__metadata__":{}}'), 'it').metadata.constructor).toBeUndefined();
  });
});

it('as many tensors as a header holds are read in bounded time', () => {
  const tensors = new Map(Array.from({ length: 15_000 }, (_, i) => [`t${i}`, floats([], [0])]));
  const bytes = writeSafetensors({ tensors, metadata: {} });
  const began = performance.now();
  expect(readSafetensors(bytes, 'it').tensors.size).toBe(15_000);
  expect(performance.now() - began).toBeLessThan(2000);
});

describe('bytes changed at random', () => {
  const valid = writeSafetensors(small);

  /** Valid, or refused by a DataError; what is valid is read alike by the second reader. */
  function check(bytes: Uint8Array): void {
    const refused = fault(bytes);
    if (refused !== 'none') return;
    const mine = readSafetensors(bytes, 'it').tensors;
    const total = [...mine.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
    expect(total).toBeLessThanOrEqual(2 * bytes.length);
    for (const [name, { values, shape }] of readPlainly(bytes).tensors) {
      expect(mine.get(name)?.shape).toEqual(shape);
      expect([...(mine.get(name)?.data ?? [])]).toEqual(values);
    }
  }

  const header = new DataView(valid.buffer).getUint32(0, true);
  const place = fc.oneof(fc.nat(7 + header), fc.nat(valid.length - 1));
  const byte = fc.oneof(fc.nat(255), fc.constantFrom(...new TextEncoder().encode('{}[]",:0123456789-.eE \\u')));
  const change = fc.oneof(
    fc.record({ at: place, cut: fc.constantFrom(0, 1), put: fc.array(byte, { maxLength: 1 }) }),
    fc.record({ at: place, cut: fc.nat(valid.length), put: fc.constant<number[]>([]) }),
    fc.record({ at: place, cut: fc.nat(8), put: fc.array(byte, { maxLength: 8 }) }),
  );
  const apply = (
    bytes: Uint8Array,
    { at, cut, put }: { at: number; cut: number; put: readonly number[] },
  ): Uint8Array => Uint8Array.from([...bytes.slice(0, at), ...put, ...bytes.slice(at + cut)]);

  it('each byte in turn, by each bit and by characters of JSON', () => {
    for (let at = 0; at < valid.length; at++) {
      for (let bit = 0; bit < 8; bit++) check(apply(valid, { at, cut: 1, put: [(valid[at] ?? 0) ^ (1 << bit)] }));
      for (const put of new TextEncoder().encode('{}[]",:09-. \0')) check(apply(valid, { at, cut: 1, put: [put] }));
      check(valid.slice(0, at));
    }
  });

  it('one to four changes, of bytes, runs and ends', () => {
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        check(changes.reduce(apply, valid));
      }),
      { numRuns: 5000, seed: 1 },
    );
  });

  it('headers put together of pieces that mean something', () => {
    const size = fc.constantFrom('0', '1', '2', '4', '8', '-1', '0.5', '1e3', '9007199254740993', 'null', '[]', '"1"');
    const list = fc.array(size, { maxLength: 3 }).map((sizes) => `[${sizes.join()}]`);
    const name = fc.constantFrom('"a"', '"b"', '"__proto__"', '"__metadata__"', '"\\u0061"');
    const dtype = fc.constantFrom('"F32"', '"F16"', '"BOOL"', '"I64"', '"U8"', '"C64"', '1');
    const entry = fc
      .tuple(name, dtype, list, list)
      .map(([name, dtype, shape, offsets]) => `${name}:{"dtype":${dtype},"shape":${shape},"data_offsets":${offsets}}`);
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 3 }), fc.nat(16), (entries, bytes) => {
        check(fileOf(`{${entries.join()}}`, bytes));
      }),
      { numRuns: 5000, seed: 2 },
    );
  });
});
