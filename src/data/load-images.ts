/**
 * Data sets of image files: in a page or a worker decoded by the browser, in Node by an optional package.
 */
import { checkCallback, checkOptions, checkSignal, checkText, refuse, show } from '../checks.ts';
import { DataError, UsageError } from '../errors.ts';
import { checkPreprocessing } from './check-preprocessing.ts';
import { checkInteger } from './dataset-parts.ts';
import { ImageDataset } from './images/dataset.ts';
import { type DecodeImage, findDecoder } from './images/decode.ts';
import { checkClasses, type LabelFrom, Labels } from './images/labels.ts';
import { captured, type ImageSources, listed } from './images/listing.ts';
import { Loading, type Row } from './images/loading.ts';
import type { SkippedImage } from './images/tree.ts';
import type { LoadProgress } from './mnist.ts';
import type { Handwriting, Preprocessing, Resampling } from './preprocessing.ts';
import type { RowShape } from './resample.ts';

export interface LoadImagesOptions {
  /** `[height, width]`, or both in one number: every image is stretched to it. */
  readonly size: number | readonly [number, number];
  /** 1 for grey (0.299 R + 0.587 G + 0.114 B, as in ITU-R BT.601), 3 for RGB. */
  readonly channels: 1 | 3;
  /**
   * The class of an image that is given without one: `'folder'` for the name of the folder it lies in (the default), or a
   * function of its path: the URL's, a file's in the folder or archive that was given, or else its name.
   */
  readonly labelFrom?: LabelFrom | undefined;
  /**
   * The classes' names in the order of their ids, so that test images have those of the training images; an image of another
   * class fails. Default: those that are found, sorted.
   */
  readonly classes?: readonly string[] | undefined;
  /**
   * What to do where a file cannot be read or decoded, or has no class: `'throw'` (the default), or `'skip'` it, which puts it on
   * the data set's list `skipped`.
   */
  readonly onError?: 'throw' | 'skip' | undefined;
  /** Shows where an image is transparent; default `white`. */
  readonly background?: 'white' | 'black' | undefined;
  /** How images of another size are resampled; default `bilinear`, with antialiasing. `nearest` is for pixel art. */
  readonly resampling?: Resampling | undefined;
  /** Light ink on dark paper or dark on light: images the other way round are inverted. Leave it out for photographs. */
  readonly ink?: 'light' | 'dark' | undefined;
  /** Images of handwriting: of each the ink is found, scaled and centred; `true` for MNIST's proportions. */
  readonly handwriting?: boolean | Handwriting | undefined;
  /** Decodes the files, in place of the browser or of the package for Node. */
  readonly decode?: DecodeImage | undefined;
  /** What to call the set in messages; default `images`. */
  readonly name?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called after each image, skipped ones too, with how many there are; an archive's count from when it is opened. */
  readonly onProgress?: ((progress: LoadProgress) => void) | undefined;
}

/**
 * Loads a data set of image files: whatever the browser decodes, or in Node the package `sharp` once `inkling/node` is imported.
 * Folders and zip archives stand for the images in them; hidden files and those that are no pictures by their names are passed
 * over. Pixels are sRGB, images upright as their EXIF orientation says; of a moving picture the first frame is taken.
 *
 * @param files - Of a list the order is kept; a folder's files are sorted by name. What is dropped must be given in the event.
 * @returns The data set; its `skipped` lists what was left out, and why.
 * @throws DataError naming the file that cannot be read or decoded, or has no class among those it may have, and where no image
 * is left; UsageError for options that cannot be used, and where nothing decodes images; the signal's reason once it is aborted
 */
export async function loadImages(files: ImageSources, options: LoadImagesOptions): Promise<ImageDataset> {
  checkOptions('loadImages', options, '{ size: 28, channels: 1 }');
  const { name = 'images', onError = 'throw', signal, onProgress } = options;
  checkText('name', name);
  checkSignal('loadImages', signal);
  checkCallback('onProgress', onProgress);
  checkCallback('decode', options.decode);
  if (!['throw', 'skip'].includes(onError)) refuse('loadImages: `onError`', onError, "'throw' or 'skip'");
  const sources = captured(files);
  const shape = shapeOf(options);
  const preprocessing = preprocessingOf(options, shape);
  const labels = labelsOf(options);

  // One file's failure ends the others, and so does the caller's signal.
  const failed = new AbortController();
  const either = AbortSignal.any([failed.signal, ...(signal ? [signal] : [])]);
  try {
    const decoder = await findDecoder(options.decode);
    const loading = new Loading({ shape, preprocessing, labels, decoder, onError, onProgress, signal: either });
    const found = await loading.run(await listed(sources, either));
    const rows = found.filter((one) => 'values' in one);
    const skipped = found.filter((one) => 'reason' in one);
    if (rows.length === 0) throw nothingLeft(skipped);
    warnOfPlain(rows, shape);
    const ids = labels.ids(rows.map(({ label }) => label));
    return new ImageDataset({ name, features: joined(rows), shape, preprocessing, ...ids }, skipped);
  } finally {
    failed.abort();
  }
}

function shapeOf({ size, channels }: LoadImagesOptions): RowShape {
  const given: unknown = size;
  const isPair = Array.isArray(given) && given.length === 2;
  if (typeof given !== 'number' && !isPair)
    refuse('loadImages: `size`', given, '[height, width], or both in one number');
  const [height, width] = typeof size === 'number' ? [size, size] : size;
  checkInteger('The height of size', height, 1, 4096);
  checkInteger('The width of size', width, 1, 4096);
  if (![1, 3].includes(channels)) throw new UsageError(`channels is ${show(channels)}. Give 1 (grey) or 3 (RGB).`);
  return [height, width, channels];
}

function labelsOf({ labelFrom = 'folder', classes }: LoadImagesOptions): Labels {
  if (labelFrom !== 'folder') checkCallback('labelFrom', labelFrom);
  checkClasses(classes);
  return new Labels(labelFrom, classes);
}

function preprocessingOf(options: LoadImagesOptions, [height, width]: RowShape): Preprocessing {
  const { background = 'white', ink, resampling, handwriting = false } = options;
  const isPlace = typeof handwriting !== 'boolean';
  checkPreprocessing(
    { ...options, handwriting: isPlace ? handwriting : undefined },
    (name) => `loadImages: \`${name}\``,
  );
  const stated = { background, ...(ink && { ink }), ...(resampling && { resampling }) };
  if (handwriting === false) return stated;
  const side = Math.min(height, width);
  if (handwriting === true)
    return { ...stated, handwriting: { box: Math.max(1, Math.round((20 / 28) * side)), centre: 'mass' } };
  checkInteger('The box of handwriting', handwriting.box, 1, side);
  return { ...stated, handwriting: { box: handwriting.box, centre: handwriting.centre } };
}

function joined(rows: readonly Row[]): Uint8Array<ArrayBuffer> {
  const size = rows[0]?.values.length ?? 0;
  const features = new Uint8Array(size * rows.length);
  rows.forEach(({ values }, row) => {
    features.set(values, row * size);
  });
  return features;
}

function nothingLeft(skipped: readonly SkippedImage[]): DataError {
  if (skipped.length === 0)
    return new DataError(`loadImages() was given folders or archives without files. Give one with images in it.`);
  const reasons = skipped.slice(0, 3).map(({ reason }) => reason);
  const more = skipped.length > 3 ? ` And ${skipped.length - 3} more.` : '';
  return new DataError(
    `loadImages() is left with no image of ${skipped.length} file${skipped.length === 1 ? '' : 's'}: ${reasons.join(' ')}${more} ` +
      `Give image files.`,
  );
}

/** An image without a picture is no error, but mostly a mistake: of what has exported it, or of the background. */
function warnOfPlain(rows: readonly Row[], [height, width, channels]: RowShape): void {
  if (height * width === 1) return;
  const plain = rows.filter(({ values }) => values.every((value, i) => value === values[i % channels]));
  if (plain.length === 0) return;
  const names = plain.slice(0, 3).map(({ path }) => path);
  const more = plain.length > 3 ? ` and ${plain.length - 3} more` : '';
  console.warn(
    `loadImages: ${plain.length} of ${rows.length} images ${plain.length === 1 ? 'is' : 'are'} all one colour: ` +
      `${names.join(', ')}${more}. Check that they were saved whole, and that what they show on a transparent ground is not ` +
      `of the colour of 'background'.`,
  );
}
