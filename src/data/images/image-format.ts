/**
 * Format and size of an image file by its header, so that an image that is too large is never decoded. Formats of single browsers
 * (TIFF, JPEG XL) are left to the decoder.
 */
import { isoImage } from './iso-image.ts';

export interface ImageFormat {
  readonly type: string;
  /** The size in pixels, as stored; the largest if a file holds several images. */
  readonly width: number;
  readonly height: number;
}

/** Numbers of a file by their offset; NaN beyond its end, which spreads to all that is computed from it. */
class Header {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  u8 = (at: number): number => this.#bytes[at] ?? NaN;
  /** Little endian, as in GIF, BMP, ICO and WebP. */
  u16 = (at: number): number => this.u8(at) + 2 ** 8 * this.u8(at + 1);
  u24 = (at: number): number => this.u16(at) + 2 ** 16 * this.u8(at + 2);
  u32 = (at: number): number => this.u16(at) + 2 ** 16 * this.u16(at + 2);
  i32 = (at: number): number => this.u32(at) - (this.u8(at + 3) > 127 ? 2 ** 32 : 0);
  /** Big endian, as in PNG and JPEG. */
  u16be = (at: number): number => 2 ** 8 * this.u8(at) + this.u8(at + 1);
  u32be = (at: number): number => 2 ** 16 * this.u16be(at) + this.u16be(at + 2);
  text = (at: number, length: number): string => String.fromCharCode(...this.#bytes.subarray(at, at + length));
  from = (at: number): Header => new Header(this.#bytes.subarray(at));
}

type Size = readonly [width: number, height: number];

/** Reads the size in a header of the format; `undefined` for another format, not finite for a header that is cut off. */
type Reader = (header: Header) => Size | undefined;

const READERS: Readonly<Record<string, Reader>> = {
  'image/png': pngSize,
  'image/jpeg': jpegSize,
  'image/webp': webpSize,
  'image/gif': gifSize,
  'image/bmp': bmpSize,
  'image/x-icon': iconSize,
};

/** The format of a PNG, JPEG, WebP, GIF, BMP, ICO, AVIF or HEIC file; `undefined` for others, and for a header that is cut off. */
export function formatOf(bytes: Uint8Array): ImageFormat | undefined {
  const header = new Header(bytes);
  for (const [type, sizeOf] of Object.entries(READERS)) {
    const [width = NaN, height = NaN] = sizeOf(header) ?? [];
    if (Number.isFinite(width * height)) return { type, width, height };
  }
  return isoImage(bytes);
}

/** The size of a PNG. Source: PNG (W3C), section 11.2.1. */
function pngSize(header: Header): Size | undefined {
  if (header.u32be(0) !== 0x89504e47 || header.u32be(4) !== 0x0d0a1a0a) return undefined;
  return [header.u32be(16), header.u32be(20)];
}

/** The size in the frame header (SOF, markers C0…CF except three) after other segments. Source: ITU-T T.81, annex B. */
function jpegSize(header: Header): Size | undefined {
  if (header.u16be(0) !== 0xffd8) return undefined;
  for (let at = 2; ;) {
    const marker = header.u16be(at);
    if (marker === 0xffff) {
      at++; // a fill byte
      continue;
    }
    if (marker >= 0xffc0 && marker <= 0xffcf && ![0xffc4, 0xffc8, 0xffcc].includes(marker)) {
      return [header.u16be(at + 7), header.u16be(at + 5)];
    }
    const length = header.u16be(at + 2);
    if (!(marker >= 0xff00 && length >= 2)) return undefined;
    at += 2 + length;
  }
}

/** The size of the canvas (VP8X), or of the only frame, lossy (VP8) or lossless (VP8L). Source: RFC 9649, section 2. */
function webpSize(header: Header): Size | undefined {
  if (header.text(0, 4) !== 'RIFF' || header.text(8, 4) !== 'WEBP') return undefined;
  switch (header.text(12, 4)) {
    case 'VP8X':
      return [header.u24(24) + 1, header.u24(27) + 1];
    case 'VP8L':
      return [(header.u16(21) % 2 ** 14) + 1, (Math.floor(header.u32(21) / 2 ** 14) % 2 ** 14) + 1];
    case 'VP8 ':
      return [header.u16(26) % 2 ** 14, header.u16(28) % 2 ** 14];
    default:
      return undefined;
  }
}

/** The size of the screen, enlarged to the first frame as decoders do. Source: CompuServe, GIF 89a, sections 18 and 20. */
function gifSize(header: Header): Size | undefined {
  if (!/^GIF8[79]a$/.test(header.text(0, 6))) return undefined;
  const tableSize = header.u8(10) >= 128 ? 3 * 2 ** ((header.u8(10) % 8) + 1) : 0;
  let at = 13 + tableSize;
  while (header.u8(at) === 0x21) {
    // An extension: its label, and blocks up to an empty one.
    at += 2;
    while (header.u8(at) > 0) at += 1 + header.u8(at);
    at++;
  }
  if (header.u8(at) !== 0x2c) return undefined;
  const width = header.u16(at + 1) + header.u16(at + 5);
  const height = header.u16(at + 3) + header.u16(at + 7);
  return [Math.max(header.u16(6), width), Math.max(header.u16(8), height)];
}

/** The size of a bitmap, whose second header has a length by version. Source: Microsoft, BITMAPCOREHEADER to BITMAPV5HEADER. */
function bmpSize(header: Header): Size | undefined {
  const isBitmap = header.text(0, 2) === 'BM' && [12, 16, 40, 52, 56, 64, 108, 124].includes(header.u32(14));
  return isBitmap ? dibSize(header.from(14)) : undefined;
}

/** The size of a bitmap without its file header. The height is negative if the upper row is the first. */
function dibSize(header: Header): Size {
  if (header.u32(0) === 12) return [header.u16(4), header.u16(6)];
  return [Math.abs(header.i32(4)), Math.abs(header.i32(8))];
}

/** The size of an icon's largest image, by that image's own header. Source: Microsoft, "Icons in Win32". */
function iconSize(header: Header): Size | undefined {
  // An icon or a cursor: a number of entries of 16 bytes each.
  const count = header.u16(4);
  if (header.u16(0) !== 0 || ![1, 2].includes(header.u16(2)) || !(count > 0)) return undefined;
  const sizes = Array.from({ length: count }, (_, i): Size => {
    const picture = header.from(header.u32(6 + 16 * i + 12));
    const [width, height] = pngSize(picture) ?? dibSize(picture);
    // The mask beneath a bitmap doubles its height.
    return [width, pngSize(picture) ? height : height / 2];
  });
  return sizes.reduce((a, b) => (a[0] * a[1] >= b[0] * b[1] ? a : b));
}
