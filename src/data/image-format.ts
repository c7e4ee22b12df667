/**
 * What an image file says of itself in its header, so that what is no image, or would unpack to too much, is never
 * decoded. Sources: PNG (W3C), section 11.2.1; JPEG (ITU-T T.81), annex B.
 */

export interface ImageFormat {
  readonly type: 'image/png' | 'image/jpeg';
  /** In pixels, as stored. */
  readonly width: number;
  readonly height: number;
}

/** The format of a PNG or JPEG file; nothing for other files, and where the header is cut off. */
export function formatOf(bytes: Uint8Array): ImageFormat | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length >= 24 && view.getUint32(0) === 0x89504e47 && view.getUint32(4) === 0x0d0a1a0a) {
    return { type: 'image/png', width: view.getUint32(16), height: view.getUint32(20) };
  }
  if (bytes.length < 4 || view.getUint16(0) !== 0xffd8) return undefined;
  // Segments of a marker and a length, up to the frame header (SOF), whose markers are C0…CF but for three others.
  for (let at = 2; at + 9 <= bytes.length;) {
    const marker = view.getUint16(at);
    if (marker === 0xffff) {
      at++; // a fill byte
      continue;
    }
    if (marker >= 0xffc0 && marker <= 0xffcf && ![0xffc4, 0xffc8, 0xffcc].includes(marker)) {
      return { type: 'image/jpeg', width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    }
    if (marker < 0xff00) return undefined;
    at += 2 + view.getUint16(at + 2);
  }
  return undefined;
}
