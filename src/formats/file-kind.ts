/**
 * Kinds of foreign files by their first bytes, for messages that refuse them.
 */

/** The beginning of a file, byte by byte as characters (control characters as their pictures), and the name of its kind. */
const KINDS: readonly (readonly [RegExp, string])[] = [
  [/^\x89HDF␍␊/, "an HDF5 file, as Keras' .h5"],
  [/^PK(␃␄|␅␆)/, 'a zip archive, as .keras, .npz and .pt files are'],
  [/^␟\x8b/, 'a gzip file'],
  [/^\x80[␂-␅]/, 'a Python pickle, as of older .pt files'],
  [/^GGUF/, 'a GGUF file'],
  [/^\x93NUMPY/, "NumPy's .npy"],
  [/^.{4}TFL3/, 'a TensorFlow Lite model'],
  [/^␈[␁-␔][␒␚"*:B]/, 'an ONNX model'],
  [/^␀␀[␈-␎][␁-␈]/, 'an IDX file'],
  [/^.{3}␀{5}\{/, 'a safetensors file'],
  [/^\x89PNG/, 'a PNG image'],
  [/^\xff\xd8\xff/, 'a JPEG image'],
  [/^GIF8/, 'a GIF image'],
  [/^RIFF.{4}WEBP/, 'a WebP image'],
  [/^.{4}ftyp(avif|heic|mif1)/, 'an AVIF or HEIC image'],
  [/^(II\*␀|MM␀\*)/, 'a TIFF image'],
  [/^(\xff␊|␀␀␀␌JXL )/, 'a JPEG XL image'],
  [/^8BPS/, 'a Photoshop file'],
  [/^BM.{12}[␌␐(48@l|]/, 'a BMP image'],
  [/^␀␀[␁␂]␀/, 'an icon'],
  [/^%PDF/, 'a PDF'],
  [/^version https:\/\/git-lfs/, 'a pointer of Git LFS instead of the file'],
  [/^(\xef\xbb\xbf)?[ ␉␊␍]*<(!doctype html|html|head|body|!--)/i, 'a page of HTML, often one that says "not found"'],
  [/^(\xef\xbb\xbf)?[ ␉␊␍]*<(\?xml|svg)/i, 'an XML or SVG file'],
  [/^(\xef\xbb\xbf)?[ ␉␊␍]*[{[]/, 'a JSON text'],
];

/** The probable kind of a file; `undefined` for an unknown one. */
export function kindOfFile(bytes: Uint8Array): string | undefined {
  const start = Array.from(bytes.subarray(0, 256), (byte) => String.fromCharCode(byte < 32 ? 0x2400 + byte : byte));
  return KINDS.find(([pattern]) => pattern.test(start.join('')))?.[1];
}
