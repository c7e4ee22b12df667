/**
 * Image files into pixels: by the browser, by a decoder that the caller gives, or by one that `inkling/node` has brought along.
 */
import { isRecord, show } from '../../checks.ts';
import { DataError, InklingError, UsageError } from '../../errors.ts';
import { formatOf, type ImageFormat } from '../image-format.ts';
import { unlessAborted } from './aborted.ts';

/** A decoded image: RGBA, four bytes a pixel, row by row, in sRGB, its colours not multiplied by alpha. */
export interface DecodedImage {
  readonly data: Uint8Array | Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

/** Decodes the bytes of an image file; `name` is what it is called. A rejection leaves the file out, or ends the loading. */
export type DecodeImage = (bytes: Uint8Array, name: string) => Promise<DecodedImage>;

interface EncodedImage {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The type that the file states of itself, for formats that are not known here; may be empty. */
  readonly type: string;
}

interface Decoder {
  readonly decode: (image: EncodedImage) => Promise<DecodedImage>;
  /** The formats that it surely knows: such a file that fails is damaged. */
  readonly knows: RegExp;
}

type Pixels = Pick<ImageData, 'data' | 'width' | 'height'>;

/** A picture that takes more is no training image: a mistake, or a decompression bomb. */
export const MAX_PIXELS = 2 ** 26;

let registered: DecodeImage | undefined;

/** @internal Has images decoded by `decode` where there is no browser to do it. */
export function setImageDecoder(decode: DecodeImage): void {
  registered = decode;
}

/** @throws UsageError where nothing decodes images */
export function findDecoder(own: DecodeImage | undefined): Decoder {
  const given = own ?? ('createImageBitmap' in globalThis && 'OffscreenCanvas' in globalThis ? undefined : registered);
  if (given !== undefined) {
    return { decode: ({ bytes, name }) => given(bytes, name), knows: own ? /^$/ : /png|jpeg|webp|gif|avif/ };
  }
  if ('createImageBitmap' in globalThis && 'OffscreenCanvas' in globalThis) {
    return { decode: decodeInBrowser, knows: /png|jpeg|webp|gif|bmp|icon/ };
  }
  throw new UsageError(
    `loadImages() finds nothing here that decodes images. In Node, install the package 'sharp' and import 'inkling/node'; ` +
      `elsewhere, give 'decode' a function.`,
  );
}

/** @throws DataError for what is no image, is damaged or too large, naming the file; the signal's reason once it is aborted */
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

async function decodeInBrowser({ bytes, type }: EncodedImage): Promise<DecodedImage> {
  const picture = await createImageBitmap(new Blob([bytes], { type }), { imageOrientation: 'from-image' });
  try {
    checkSize('The image', picture);
    const { width, height } = picture;
    const context = new OffscreenCanvas(width, height).getContext('2d', { colorSpace: 'srgb', willReadFrequently: true });
    if (!context) throw new UsageError(`loadImages() got no 2D canvas of ${width} × ${height}. Give smaller images.`);
    context.drawImage(picture, 0, 0);
    return context.getImageData(0, 0, width, height);
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
    throw new UsageError(`decode() gave ${size} for ${name}. Return { data, width, height }, of four bytes a pixel: RGBA.`);
  }
  checkSize(name, { width, height });
  const { buffer, byteOffset, length } = data;
  return { data: new Uint8ClampedArray(buffer as ArrayBuffer, byteOffset, length), width, height };
}

async function undecodable(
  { name, bytes }: EncodedImage,
  format: ImageFormat | undefined,
  knows: RegExp,
  cause: unknown,
): Promise<DataError> {
  const { kindOfFile } = await import('../../formats/file-kind.ts');
  const kind = kindOfFile(bytes);
  const remedy = 'Leave it out, or convert it to PNG or JPEG.';
  const message =
    knows.test(format?.type ?? '') || (kind !== undefined && /a (PNG|JPEG|GIF|WebP) image/.test(kind) && knows.test('png'))
      ? `${name} is incomplete or damaged: it cannot be decoded. Leave it out, or save it again.`
      : kind !== undefined && /image|icon|SVG|Photoshop/.test(kind)
        ? `${name} cannot be decoded here: it is ${kind}, which is not known here, or it is damaged. ${remedy}`
        : `${name} is no image that can be decoded here${kind === undefined ? '' : ` (it seems to be ${kind})`}. ${remedy}`;
  return new DataError(message, { cause });
}
