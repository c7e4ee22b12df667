/**
 * Decoding of image files to pixels, by the browser, the caller's decoder, or the decoder of `inkling/node`.
 */
import { isRecord, show } from '../../checks.ts';
import { DataError, InklingError, UsageError } from '../../errors.ts';
import { formatOf, type ImageFormat } from './image-format.ts';
import { pixelsOf } from '../picture.ts';
import type { Pixels } from '../resample.ts';
import { unlessAborted } from './aborted.ts';

/** A decoded image: RGBA, four bytes a pixel, row by row, in sRGB, its colours not multiplied by alpha. */
export interface DecodedImage {
  readonly data: Uint8Array | Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

/** Decodes the bytes of an image file with that name. A rejection skips the file or ends the loading. */
export type DecodeImage = (bytes: Uint8Array, name: string) => Promise<DecodedImage>;

interface EncodedImage {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The media type of a Blob, for formats that are not known here; may be empty. */
  readonly type: string;
}

export interface Decoder {
  readonly decode: (image: EncodedImage) => Promise<DecodedImage>;
  /** Formats that the decoder certainly supports: such a file that fails is damaged. */
  readonly knows: readonly string[];
}

/** The most pixels of an image: a larger one is a mistake, or a decompression bomb. */
export const MAX_PIXELS = 2 ** 26;

const COMMON = ['image/png', 'image/jpeg', 'image/webp', 'image/gif'];

/** Loads a decoder. */
type DecoderSource = () => Promise<DecodeImage>;

let registered: DecoderSource | undefined;

/** @internal Sets the source of a decoder for programs outside of a browser. */
export function setDecoderSource(source: DecoderSource): void {
  registered = source;
}

/** @throws UsageError without a decoder */
export async function findDecoder(own: DecodeImage | undefined): Promise<Decoder> {
  if (own !== undefined) return { decode: ({ bytes, name }) => own(bytes, name), knows: [] };
  if ('createImageBitmap' in globalThis)
    return { decode: decodeInBrowser, knows: [...COMMON, 'image/bmp', 'image/x-icon'] };
  const decode = await registered?.();
  if (decode !== undefined) return { decode: ({ bytes, name }) => decode(bytes, name), knows: COMMON };
  throw new UsageError(
    `loadImages() finds nothing here that decodes images. In Node, install the package 'sharp' and import 'inkling/node'; ` +
      `elsewhere, give 'decode' a function.`,
  );
}

/** @throws DataError, with the file, for one that is damaged, too large or not an image; the signal's reason once it is aborted */
export async function pixelsOfFile(image: EncodedImage, decoder: Decoder, signal: AbortSignal): Promise<Pixels> {
  const { name, bytes } = image;
  if (bytes.length === 0) throw new DataError(`${name} is empty: it has no bytes. Leave it out, or save it again.`);
  const format = formatOf(bytes);
  if (format !== undefined) checkSize(name, format);
  let decoded: unknown;
  try {
    decoded = await unlessAborted(decoder.decode({ ...image, type: format?.type ?? image.type }), signal);
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof InklingError) throw cause;
    throw await undecodable(image, format, decoder.knows, cause);
  }
  return checkedPixels(name, decoded);
}

async function decodeInBrowser({ bytes, name, type }: EncodedImage): Promise<DecodedImage> {
  const picture = await createImageBitmap(new Blob([bytes], { type }), { imageOrientation: 'from-image' });
  try {
    // The size of other formats is known only now.
    checkSize(name, picture);
    return pixelsOf(picture, `loadImages: ${name}`);
  } finally {
    picture.close();
  }
}

function checkSize(name: string, { width, height }: Pick<ImageFormat, 'width' | 'height'>): void {
  if (width * height <= MAX_PIXELS) return;
  throw new DataError(
    `${name} has ${width} × ${height} pixels, above the limit of ${MAX_PIXELS}. Leave it out, or make it smaller.`,
  );
}

function checkedPixels(name: string, decoded: unknown): Pixels {
  const { data, width = NaN, height = NaN } = isRecord(decoded) ? (decoded as Partial<DecodedImage>) : {};
  const isSize = Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0;
  const isBytes = data instanceof Uint8Array || data instanceof Uint8ClampedArray;
  if (!isSize || !isBytes || data.length !== 4 * width * height) {
    const size = isSize && isBytes ? `${data.length} bytes for ${width} × ${height} pixels` : show(decoded);
    throw new UsageError(
      `decode() returned ${size} for ${name}. Return { data, width, height }, of four bytes a pixel: RGBA.`,
    );
  }
  checkSize(name, { width, height });
  const { buffer, byteOffset, length } = data;
  return { data: new Uint8ClampedArray(buffer as ArrayBuffer, byteOffset, length), width, height };
}

async function undecodable(
  { name, bytes }: EncodedImage,
  format: ImageFormat | undefined,
  knows: readonly string[],
  cause: unknown,
): Promise<DataError> {
  const { kindOfFile } = await import('../../formats/file-kind.ts');
  const kind = kindOfFile(bytes);
  // A file of these kinds without a size is cut off in its header.
  const isKnown = format ? knows.includes(format.type) : knows.length > 0 && /PNG|JPEG|GIF|WebP/.test(kind ?? '');
  if (isKnown)
    return new DataError(`${name} is incomplete or damaged: it cannot be decoded. Leave it out, or save it again.`, {
      cause,
    });
  const isPicture = format !== undefined || /image|icon|SVG|Photoshop/.test(kind ?? '');
  const fault = isPicture
    ? `cannot be decoded: it is ${kind ?? format?.type ?? ''}, a format not known here, or it is damaged`
    : `is not an image that can be decoded${kind === undefined ? '' : ` (it seems to be ${kind})`}`;
  return new DataError(`${name} ${fault}. Leave it out, or convert it to PNG or JPEG.`, { cause });
}
