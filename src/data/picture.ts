/**
 * Pixels of pictures in all forms of a browser.
 */
import { refuse } from '../checks.ts';
import { DataError, UsageError } from '../errors.ts';
import type { Pixels } from './resample.ts';

/** The class of that name; none for a program that is compiled without it, as a worker's is without elements. */
type Class<Name extends string> = typeof globalThis extends Record<Name, { prototype: infer T }> ? T : never;

/** What a canvas can draw: `CanvasImageSource` of the DOM library, by the classes that it has. */
type Drawable =
  | Class<'HTMLImageElement'>
  | Class<'SVGImageElement'>
  | Class<'HTMLVideoElement'>
  | Class<'HTMLCanvasElement'>
  | Class<'ImageBitmap'>
  | Class<'OffscreenCanvas'>
  | Class<'VideoFrame'>;

/** A picture that a canvas can draw, the pixels of one, or a file of one. */
export type Picture = Drawable | ImageData | Blob;

/** The largest canvas that works on all phones; a larger picture is drawn smaller. */
const MAX_PIXELS = 2 ** 24;

const SRGB = { colorSpace: 'srgb' } as const;
const FORMS = 'a canvas, an image, a video, an ImageBitmap, ImageData or a Blob';

/** Tests whether it is a picture, by its properties: pictures of another window are not instances of this window's classes. */
export function isPicture(given: unknown): given is Picture {
  if (typeof given !== 'object' || given === null) return false;
  if (isPixels(given) || given instanceof Blob) return true;
  return (
    ['getContext', 'naturalWidth', 'videoWidth', 'displayWidth', 'href'].some((key) => key in given) || isBitmap(given)
  );
}

/** Tests whether it is `ImageData`, or a plain object of its form, as in Node. */
function isPixels(given: unknown): given is ImageData {
  const { data, width, height } = (given ?? {}) as Partial<ImageData>;
  return data instanceof Uint8ClampedArray && Number.isInteger(width) && Number.isInteger(height);
}

const isBitmap = (given: object): given is ImageBitmap => 'close' in given && 'width' in given;

/**
 * Reads a picture's pixels in sRGB, at its own size; those of a video's current frame.
 *
 * @param caller - The beginning of a message.
 * @throws UsageError for a picture that has no pixels (yet) or may not be read, and for anything else; the promise for a Blob that
 * cannot be decoded rejects with a DataError
 */
export function pixelsOf(picture: Exclude<Picture, Blob>, caller: string): Pixels;
export function pixelsOf(picture: Picture, caller: string): Pixels | Promise<Pixels>;
export function pixelsOf(picture: Picture, caller: string): Pixels | Promise<Pixels> {
  if (!isPicture(picture)) refuse(`${caller}: the picture`, picture, FORMS);
  if (picture instanceof Blob) return decode(picture, caller);
  if (!isPixels(picture)) return draw(picture, caller);
  const { data, width, height } = picture;
  if (data.length === 4 * width * height) return picture;
  throw new UsageError(
    `${caller}: the picture has ${data.length} bytes for ${width} × ${height} pixels; give 4 a pixel.`,
  );
}

async function decode(file: Blob, caller: string): Promise<Pixels> {
  if (!('createImageBitmap' in globalThis)) {
    throw new UsageError(`${caller}: only a browser decodes image files; give the pixels, as ImageData has them.`);
  }
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' });
  } catch (cause) {
    throw new DataError(
      `${caller}: the file${'name' in file ? ` ${String(file.name)}` : ''} cannot be decoded: it is not an image that this browser ` +
        `reads, or damaged. Give a PNG, JPEG or WebP image.`,
      { cause },
    );
  }
  try {
    return draw(bitmap, caller);
  } finally {
    bitmap.close();
  }
}

function draw(picture: CanvasImageSource, caller: string): Pixels {
  const [width, height] = sizeOf(picture);
  if (!(width > 0 && height > 0)) {
    throw new UsageError(
      `${caller}: the picture has no pixels${'getContext' in picture ? '' : ' yet'}; give one of at least 1 × 1 that has loaded ` +
        `(await image.decode(), or a video's first frame).`,
    );
  }
  try {
    const own = 'getContext' in picture ? contextOf(picture) : null;
    if (own !== null) return own.getImageData(0, 0, width, height, SRGB);
    const scale = Math.min(1, Math.sqrt(MAX_PIXELS / (width * height)));
    const context = contextOf(canvasOf(Math.ceil(width * scale), Math.ceil(height * scale)));
    if (context === null) throw new Error(`no 2D canvas of ${width} × ${height}`);
    context.imageSmoothingQuality = 'high';
    context.drawImage(picture, 0, 0, context.canvas.width, context.canvas.height);
    return context.getImageData(0, 0, context.canvas.width, context.canvas.height, SRGB);
  } catch (cause) {
    throw new UsageError(
      `${caller}: the picture may not be read (${String(cause)}); give one that has loaded, and one of another site with ` +
        `crossorigin="anonymous", from a server that allows it (CORS).`,
      { cause },
    );
  }
}

/** The 2D context of a canvas; `null` for one with a context of another kind. Both kinds of canvas have the methods used here. */
function contextOf(canvas: HTMLCanvasElement | OffscreenCanvas): OffscreenCanvasRenderingContext2D | null {
  return (canvas as OffscreenCanvas).getContext('2d', { ...SRGB, willReadFrequently: true });
}

/** The size in the picture's own pixels; 0 before it has loaded. */
function sizeOf(picture: CanvasImageSource): readonly [width: number, height: number] {
  if ('naturalWidth' in picture) return [picture.naturalWidth, picture.naturalHeight];
  if ('videoWidth' in picture) return picture.readyState < 2 ? [0, 0] : [picture.videoWidth, picture.videoHeight];
  if ('displayWidth' in picture) return [picture.displayWidth, picture.displayHeight];
  if ('href' in picture) return [picture.width.baseVal.value, picture.height.baseVal.value];
  return [picture.width, picture.height];
}

/** Makes a canvas: a worker has one kind only, some browsers the other. */
function canvasOf(width: number, height: number): HTMLCanvasElement | OffscreenCanvas {
  if ('OffscreenCanvas' in globalThis) return new OffscreenCanvas(width, height);
  if ('document' in globalThis) return Object.assign(document.createElement('canvas'), { width, height });
  throw new Error('only a browser draws pictures: give their pixels, as ImageData has them');
}
