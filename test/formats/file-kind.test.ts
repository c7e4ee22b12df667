/** Files of other kinds are refused with their apparent kind by every loader. */
import { describe, expect, test } from 'vitest';
import { loadIdx } from '../../src/data/index.ts';
import { kindOfFile } from '../../src/formats/file-kind.ts';
import { readSafetensors, writeSafetensors } from '../../src/formats/safetensors.ts';
import { createSession } from '../../src/index.ts';
import { loadClassifier } from '../../src/layers/index.ts';

const bytes = (...parts: (string | number)[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === 'number' ? [part] : [...Buffer.from(part, 'latin1')])));

// prettier-ignore
const files: readonly (readonly [string, RegExp, Uint8Array])[] = [
  ['.h5', /an HDF5 file/, bytes(0x89, 'HDF\r\n', 0x1a, '\n', 0, 0, 0)],
  ['.keras, .npz, .pt', /a zip archive/, bytes('PK', 3, 4, 0x14, 0, 0, 0, 8, 0)],
  ['an empty zip', /a zip archive/, bytes('PK', 5, 6, 0, 0, 0, 0, 0, 0)],
  ['a pickle', /a Python pickle/, bytes(0x80, 2, 0x8a, '\nl', 0xfc, 0x9c, 0x46, 0xf9)],
  ['GGUF', /a GGUF file/, bytes('GGUF', 3, 0, 0, 0, 0x10, 0, 0, 0)],
  ['ONNX of PyTorch', /an ONNX model/, bytes(8, 7, 0x12, 7, 'pytorch')],
  ['ONNX of others', /an ONNX model/, bytes(8, 10, 0x3a, 0xa0, 2, 10, 5)],
  ['.npy', /\.npy/, bytes(0x93, 'NUMPY', 1, 0, 'v', 0)],
  ['.tflite', /TensorFlow Lite/, bytes(0x1c, 0, 0, 0, 'TFL3', 0, 0)],
  ['a page', /a page of HTML/, bytes('\n<!DOCTYPE html><html lang="en">')],
  ['a page with a mark', /a page of HTML/, bytes(0xef, 0xbb, 0xbf, '<html><body>')],
  ['XML', /an XML or SVG/, bytes('<?xml version="1.0"?>')],
  ['JSON', /a JSON text/, bytes('{"format": "layers-model"}')],
  ['a pointer', /Git LFS/, bytes('version https://git-lfs.github.com/spec/v1\n')],
  ['PNG', /a PNG image/, bytes(0x89, 'PNG\r\n', 0x1a, '\n')],
  ['JPEG', /a JPEG image/, bytes(0xff, 0xd8, 0xff, 0xe0, 0, 0x10, 'JFIF')],
  ['GIF', /a GIF image/, bytes('GIF89a', 0, 0, 0, 0)],
  ['WebP', /a WebP image/, bytes('RIFF', 1, 2, 3, 4, 'WEBP')],
];

test.each(files)('%s', (_, kind, file) => {
  expect(kindOfFile(file)).toMatch(kind);
});

describe('where files are taken', () => {
  const session = createSession({ backend: 'cpu' });
  const labels = bytes(0, 0, 8, 1, 0, 0, 0, 1, 0);
  const takers: Record<string, (file: Uint8Array) => unknown> = {
    loadClassifier: (file) => loadClassifier(file, { backend: 'cpu' }),
    restore: async (file) => (await session).restore(file),
    readSafetensors: (file) => readSafetensors(file, 'file'),
    'images of loadIdx': (images) => loadIdx({ images, labels }),
    'labels of loadIdx': (file) => loadIdx({ images: bytes(0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0), labels: file }),
  }; // prettier-ignore
  test.each(Object.entries(takers))('%s', async (_, take) => {
    for (const [, kind, file] of files) {
      const refused = { name: 'DataError', message: expect.stringMatching(kind) as string };
      await expect((async () => take(file))()).rejects.toMatchObject(refused);
    }
    await expect((async () => take(bytes(1, 2, 3, 4, 5, 6, 7, 8, 9)))()).rejects.not.toThrow(/seems to be/);
  });

  test('gzip where it is not taken, and each of ours where the other is meant', async () => {
    expect(() => readSafetensors(bytes(0x1f, 0x8b, 8, 8, 1, 2, 3, 4, 0, 3), 'file')).toThrow(/a gzip file/);
    expect(() => readSafetensors(labels, 'file')).toThrow(/an IDX file/);
    const ours = writeSafetensors({ tensors: new Map(), metadata: {} });
    await expect(loadIdx({ images: ours, labels })).rejects.toThrow(/a safetensors file/);
  });

  test('a header as long as a kind of file begins is none', () => {
    // 0x088b1f is the length of this header: read as characters, gzip's beginning.
    const metadata = { padding: 'x'.repeat(0x088b1f) };
    const file = writeSafetensors({ tensors: new Map(), metadata });
    expect(readSafetensors(file, 'file').metadata.padding).toHaveLength(0x088b1f);
  });
});
