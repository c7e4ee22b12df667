/**
 * Data sets of PNG and JPEG files, decoded by the browser, in a page or a worker.
 */
import { checkCallback, checkOptions, checkSignal, checkText, refuse, show } from '../checks.ts';
import { DataError, UsageError } from '../errors.ts';
import { checkInteger, type DatasetParts } from './dataset-parts.ts';
import { Dataset } from './dataset.ts';
import { formatOf } from './image-format.ts';
import type { LoadProgress } from './mnist.ts';
import { readFile, resolveUrl } from './source.ts';

/** An image file: one that the user has chosen or dropped, or a URL. */
export type ImageSource = Blob | string | URL;

export interface LoadImagesOptions {
  /** `[height, width]`, or both in one number: every image is stretched to it. */
  readonly size: number | readonly [number, number];
  /** 1 for grey (0.299 R + 0.587 G + 0.114 B, as in ITU-R BT.601), 3 for RGB. */
  readonly channels: 1 | 3;
  /**
   * The class of an image: `'folder'` for the name of the folder it lies in (the default), or a function of its path: the
   * URL's, a file's in the folder that was chosen (`webkitRelativePath`), or else its name.
   */
  readonly labelFrom?: 'folder' | ((path: string) => string);
  /** What to call the set in messages; default `images`. */
  readonly name?: string;
  readonly signal?: AbortSignal;
  /** Called after each image, with how many there are. */
  readonly onProgress?: (progress: LoadProgress) => void;
}

/** An image file that takes more, packed or unpacked, is no training image: a mistake, or a decompression bomb. */
const MAX_FILE_BYTES = 64 * 2 ** 20;
const MAX_PIXELS = 2 ** 26;
/** The most bytes of all images together, as arrays can hold them everywhere. */
const MAX_BYTES = 2 ** 31 - 1;
/** How many files are read and decoded at a time. */
const LANES = 4;

/** Turns a picture into `height × width × channels` bytes. */
type Scale = (picture: ImageBitmap) => Uint8Array;

/**
 * Loads a data set of PNG and JPEG files, in the order given; the classes are sorted by name. Pixels are sRGB, images
 * upright as their EXIF orientation says, and what is transparent shows white.
 *
 * @throws DataError naming the file that cannot be read or decoded, or has no folder to take its class from; UsageError
 * for options that cannot be used, and outside of browsers; the signal's reason once it is aborted
 */
export async function loadImages(files: Iterable<ImageSource>, options: LoadImagesOptions): Promise<Dataset> {
  checkOptions('loadImages', options, '{ size: 28, channels: 1 }');
  const { name = 'images', channels, signal, onProgress, labelFrom = 'folder' } = options;
  checkText('name', name);
  checkSignal('loadImages', signal);
  checkCallback('onProgress', onProgress);
  if (labelFrom !== 'folder') checkCallback('labelFrom', labelFrom);
  if (typeof files === 'string' || !isIterable(files))
    refuse('loadImages: the files', files, 'a list of them, or of URLs');
  const sources = Array.from(files);
  const paths = sources.map((source, row) => pathOf(source) ?? `image ${row}`);
  const [height = NaN, width = height] = [options.size].flat();
  checkInteger('The height of size', height, 1, 4096);
  checkInteger('The width of size', width, 1, 4096);
  if (![1, 3].includes(channels)) throw new UsageError(`channels is ${show(channels)}. Give 1 (grey) or 3 (RGB).`);
  if (sources.length === 0) throw new UsageError(`loadImages() was given no files. Give at least one.`);
  const rowSize = height * width * channels;
  if (rowSize * sources.length > MAX_BYTES) {
    throw new UsageError(`${sources.length} images of ${rowSize} bytes are too many. Give fewer, or a smaller size.`);
  }
  if (!('createImageBitmap' in globalThis && 'OffscreenCanvas' in globalThis)) {
    throw new UsageError(`loadImages() needs a browser to decode images. Elsewhere, use loadIdx() or Dataset.from().`);
  }
  const labels = labelsOf(paths, labelFrom);
  const scale = scaler(height, width, channels);
  const features = new Uint8Array(rowSize * sources.length);
  // One file's failure ends the others, and so does the caller's signal.
  const failed = new AbortController();
  const signals = AbortSignal.any([failed.signal, ...(signal ? [signal] : [])]);
  let loaded = 0;
  const rows = sources.entries();
  const lane = async (): Promise<void> => {
    // All lanes take from the same iterator.
    for (const [row, source] of rows) {
      features.set(await read(source, paths[row] ?? '', scale, signals), row * rowSize);
      onProgress?.({ loaded: ++loaded, total: sources.length });
    }
  };
  try {
    await Promise.all(Array.from({ length: LANES }, lane));
  } finally {
    failed.abort();
  }
  return new Dataset({ name, features, shape: [height, width, channels], ...labels });
}

const isIterable = (files: unknown): boolean => typeof files === 'object' && files !== null && Symbol.iterator in files;

async function read(source: ImageSource, name: string, scale: Scale, signal: AbortSignal): Promise<Uint8Array> {
  const { bytes } = await readFile(source, { role: name, maxBytes: MAX_FILE_BYTES, signal });
  const format = formatOf(bytes);
  if (format === undefined) {
    const { kindOfFile } = await import('../formats/file-kind.ts');
    const kind = kindOfFile(bytes);
    if (kind === 'a PNG image' || kind === 'a JPEG image') throw damaged(name);
    throw new DataError(
      `${name} is no PNG or JPEG image${kind === undefined ? '' : ` (it seems to be ${kind})`}. Leave it out, or convert it.`,
    );
  }
  const { type, width, height } = format;
  if (width * height > MAX_PIXELS) {
    throw new DataError(
      `${name} has ${width} × ${height} pixels, above the limit of ${MAX_PIXELS}. Leave it out, or make it smaller.`,
    );
  }
  let picture: ImageBitmap;
  try {
    picture = await createImageBitmap(new Blob([bytes], { type }), { imageOrientation: 'from-image' });
  } catch (cause) {
    signal.throwIfAborted();
    throw damaged(name, cause);
  }
  try {
    signal.throwIfAborted();
    return scale(picture);
  } finally {
    picture.close();
  }
}

const damaged = (name: string, cause?: unknown): DataError =>
  new DataError(`${name} is incomplete or damaged: it cannot be decoded. Leave it out, or save it again.`, { cause });

function scaler(height: number, width: number, channels: 1 | 3): Scale {
  const context = new OffscreenCanvas(width, height).getContext('2d', { colorSpace: 'srgb', willReadFrequently: true });
  if (!context) throw new UsageError(`loadImages() got no 2D canvas of ${width} × ${height}. Give a smaller size.`);
  context.imageSmoothingQuality = 'high';
  context.fillStyle = 'white';
  return (picture) => {
    context.fillRect(0, 0, width, height);
    context.drawImage(picture, 0, 0, width, height);
    const { data } = context.getImageData(0, 0, width, height);
    const at = (pixel: number, channel: number): number => data[4 * pixel + channel] ?? 0;
    const grey = (pixel: number): number =>
      Math.round(0.299 * at(pixel, 0) + 0.587 * at(pixel, 1) + 0.114 * at(pixel, 2));
    return Uint8Array.from({ length: height * width * channels }, (_, i) =>
      channels === 1 ? grey(i) : at(Math.floor(i / 3), i % 3),
    );
  };
}

/** Each file's class, found before any is read. */
function labelsOf(
  paths: readonly string[],
  labelFrom: 'folder' | ((path: string) => string),
): Pick<DatasetParts, 'labels' | 'classes'> {
  const texts = paths.map((path) => {
    const text: unknown = labelFrom === 'folder' ? path.split('/').at(-2) : labelFrom(path);
    if (typeof text === 'string' && text !== '') return text;
    if (labelFrom !== 'folder') throw new UsageError(`labelFrom('${path}') gave ${show(text)}. Return a class's name.`);
    throw new DataError(
      `${path} lies in no folder to name its class. Let the user choose a folder (<input webkitdirectory>), ` +
        `or give 'labelFrom' a function.`,
    );
  });
  const classes = [...new Set(texts)].sort();
  const ids = new Map(classes.map((text, id) => [text, id]));
  return { classes, labels: Int32Array.from(texts, (text) => ids.get(text) ?? 0) };
}

/** With `/` between folders; Blobs without a name and `data:` and `blob:` addresses have none. */
function pathOf(source: ImageSource): string | undefined {
  if (source instanceof File) return source.webkitRelativePath === '' ? source.name : source.webkitRelativePath;
  if (source instanceof Blob) return undefined;
  const { protocol, pathname } = resolveUrl(source);
  if (!/^(https?|file):$/.test(protocol)) return undefined;
  try {
    return decodeURIComponent(pathname);
  } catch {
    return pathname; // with a % that stands for itself
  }
}
