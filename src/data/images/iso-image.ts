/**
 * The header of AVIF and HEIC files: boxes within boxes, as in MP4.
 * Source: ISO/IEC 14496-12 (boxes), ISO/IEC 23008-12 section 6.5.3 (`ispe`, a picture's size).
 */
interface IsoImage {
  readonly type: 'image/avif' | 'image/heic';
  readonly width: number;
  readonly height: number;
}

interface Box {
  readonly type: string;
  readonly content: Uint8Array;
}

/** The format and the size of the largest image in a file; `undefined` for other files, and for sizes that are cut off. */
export function isoImage(bytes: Uint8Array): IsoImage | undefined {
  const [first] = boxesOf(bytes.subarray(0, 256));
  if (first?.type !== 'ftyp') return undefined;
  const brands = asText(first.content);
  const type = /avi[fs]/.test(brands)
    ? 'image/avif'
    : /hei[cxsm]|hev[cx]|mif1|msf1/.test(brands)
      ? 'image/heic'
      : undefined;
  const meta = boxesOf(bytes).find((box) => box.type === 'meta');
  if (type === undefined || meta === undefined) return undefined;
  // `meta` and `ispe` begin with a version and flags.
  const properties = within(boxesOf(meta.content.subarray(4)), 'iprp');
  const sizes = within(properties, 'ipco')
    .filter((box) => box.type === 'ispe' && box.content.length >= 12)
    .map(({ content }) => ({ width: u32(content, 4), height: u32(content, 8) }));
  const largest = sizes.sort((a, b) => b.width * b.height - a.width * a.height)[0];
  return largest && { type, ...largest };
}

const within = (boxes: readonly Box[], type: string): Box[] =>
  boxes.filter((box) => box.type === type).flatMap(({ content }) => boxesOf(content));

/** The boxes one after another, up to one that is cut off. */
function boxesOf(bytes: Uint8Array): Box[] {
  const boxes: Box[] = [];
  for (let at = 0; at + 8 <= bytes.length;) {
    const stated = u32(bytes, at);
    // 0 means up to the end; 1 a size of 64 bits, in front of the content.
    const head = stated === 1 ? 16 : 8;
    const size =
      stated === 0 ? bytes.length - at : stated === 1 ? 2 ** 32 * u32(bytes, at + 8) + u32(bytes, at + 12) : stated;
    if (!(size >= head && at + size <= bytes.length)) break;
    boxes.push({ type: asText(bytes.subarray(at + 4, at + 8)), content: bytes.subarray(at + head, at + size) });
    at += size;
  }
  return boxes;
}

const asText = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

function u32(bytes: Uint8Array, at: number): number {
  const [a = NaN, b = NaN, c = NaN, d = NaN] = bytes.subarray(at, at + 4);
  return ((a * 256 + b) * 256 + c) * 256 + d;
}
