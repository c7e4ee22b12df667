/**
 * Loading of data sets of image files: the browser decodes them in a page or a worker, an optional package in Node.
 */
import { checkCallback, checkOptions, checkSignal, checkText, refuse, show } from '../checks.ts';
import { DataError, UsageError } from '../errors.ts';
import { checkPreprocessing } from './check-preprocessing.ts';
import { checkInteger } from './dataset-parts.ts';
import type { ImageDataset } from './images/dataset.ts';
import { type DecodeImage, findDecoder } from './images/decode.ts';
import { checkClasses, type LabelFrom, Labels } from './images/labels.ts';
import { captureSources, type ImageSources, listFiles } from './images/listing.ts';
import { Loading, type Row } from './images/loading.ts';
import type { SkippedImage } from './images/tree.ts';
import type { LoadProgress } from './mnist.ts';
import type { Handwriting, Preprocessing, Resampling } from './preprocessing.ts';
import type { RowShape } from './resample.ts';

export interface LoadImagesOptions {
  /** `[height, width]`, or a number for both: every image is stretched to it. */
  readonly size: number | readonly [number, number];
  /** 1 for grey (0.299 R + 0.587 G + 0.114 B, as in ITU-R BT.601), 3 for RGB. */
  readonly channels: 1 | 3;
  /**
   * The class of an image that is given without one: `'folder'` for the name of its folder (the default), or a function of its
   * path. This is the path of a URL, the path in the given folder or archive, or else the file's name.
   */
  readonly labelFrom?: LabelFrom | undefined;
  /**
   * The classes' names in the order of their ids, e.g. for test images those of the training set; an image of another class fails.
   * Default: the classes of the images, sorted.
   */
  readonly classes?: readonly string[] | undefined;
  /**
   * The treatment of a file that cannot be read or decoded, or has no class: `'throw'` (the default), or `'skip'`, which puts it
   * on the data set's list `skipped`.
   */
  readonly onError?: 'throw' | 'skip' | undefined;
  /** The colour behind transparent pixels; default `white`. */
  readonly background?: 'white' | 'black' | undefined;
  /** The resampling of images of another size; default `bilinear`, with antialiasing. `nearest` is for pixel art. */
  readonly resampling?: Resampling | undefined;
  /** Light ink on dark paper or dark on light: images the other way round are inverted. Leave it out for photographs. */
  readonly ink?: 'light' | 'dark' | undefined;
  /** Handwriting: the ink of each image is found, scaled and centred; `true` for MNIST's proportions. */
  readonly handwriting?: boolean | Handwriting | undefined;
  /** A decoder, in place of the browser or of the package for Node. */
  readonly decode?: DecodeImage | undefined;
  /** The name in messages; default `images`. */
  readonly name?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called after each image, skipped ones too, with the counts. Those of an archive are added once it is opened. */
  readonly onProgress?: ((progress: LoadProgress) => void) | undefined;
}

/**
 * Loads a data set of image files in any format of the browser, or in Node of the package `sharp` once `inkling/node` is imported.
 * Folders and zip archives are searched for images; hidden files and files with names of other kinds are skipped. Pixels are
 * sRGB, upright by their EXIF orientation. A moving picture yields its first frame.
 *
 * @param files - A list in its order; a folder's files are sorted by name. A drop must be passed in the event itself.
 * @returns The data set, with the list `skipped` of the files that were left out, and the reasons.
 * @throws DataError for a file that cannot be read or decoded, or is of no allowed class, and if no image is left; UsageError for
 * invalid options, and without a decoder; the signal's reason once it is aborted
 */
export async function loadImages(files: ImageSources, options: LoadImagesOptions): Promise<ImageDataset> {
  checkOptions('loadImages', options, '{ size: 28, channels: 1 }');
  const { name = 'images', onError = 'throw', signal, onProgress } = options;
  checkText('name', name);
  checkSignal('loadImages', signal);
  checkCallback('onProgress', onProgress);
  checkCallback('decode', options.decode);
  if (!['throw', 'skip'].includes(onError)) refuse('loadImages: `onError`', onError, "'throw' or 'skip'");
  const sources = captureSources(files);
  const shape = shapeOf(options);
  const preprocessing = preprocessingOf(options, shape);
  const labels = labelsOf(options);

  // One file's failure ends the others, and so does the caller's signal.
  const failed = new AbortController();
  const either = AbortSignal.any([failed.signal, ...(signal ? [signal] : [])]);
  try {
    const decoder = await findDecoder(options.decode);
    const loading = new Loading({ shape, preprocessing, labels, decoder, onError, onProgress, signal: either });
    const outcomes = await loading.run(await listFiles(sources, either));
    const rows = outcomes.filter((one) => 'values' in one);
    const skipped = outcomes.filter((one) => 'reason' in one);
    if (rows.length === 0) throw noImages(skipped);
    warnOfPlain(rows, shape);
    const ids = labels.ids(rows.map(({ label }) => label));
    const { ImageDataset: Images } = await import('./images/dataset.ts');
    return new Images({ name, features: join(rows), shape, preprocessing, ...ids }, skipped);
  } finally {
    failed.abort();
  }
}

function shapeOf({ size, channels }: LoadImagesOptions): RowShape {
  const given: unknown = size;
  const isPair = Array.isArray(given) && given.length === 2;
  if (typeof given !== 'number' && !isPair)
    refuse('loadImages: `size`', given, '[height, width], or a number for both');
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
  const isObject = typeof handwriting !== 'boolean';
  checkPreprocessing(
    { ...options, handwriting: isObject ? handwriting : undefined },
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

function join(rows: readonly Row[]): Uint8Array<ArrayBuffer> {
  const size = rows[0]?.values.length ?? 0;
  const features = new Uint8Array(size * rows.length);
  rows.forEach(({ values }, row) => {
    features.set(values, row * size);
  });
  return features;
}

function noImages(skipped: readonly SkippedImage[]): DataError {
  if (skipped.length === 0)
    return new DataError(`loadImages() was given folders or archives without files. Give one with images in it.`);
  const reasons = skipped.slice(0, 3).map(({ reason }) => reason);
  const more = skipped.length > 3 ? ` And ${skipped.length - 3} more.` : '';
  return new DataError(
    `loadImages() found no image in ${skipped.length} file${skipped.length === 1 ? '' : 's'}: ${reasons.join(' ')}${more} ` +
      `Give image files.`,
  );
}

/** Warns of images of a single colour, which are mostly a mistake of the export or of the option `background`. */
function warnOfPlain(rows: readonly Row[], [height, width, channels]: RowShape): void {
  if (height * width === 1) return;
  const plain = rows.filter(({ values }) => values.every((value, i) => value === values[i % channels]));
  if (plain.length === 0) return;
  const names = plain.slice(0, 3).map(({ path }) => path);
  const more = plain.length > 3 ? ` and ${plain.length - 3} more` : '';
  console.warn(
    `loadImages: ${plain.length} of ${rows.length} images ${plain.length === 1 ? 'is' : 'are'} all one colour: ` +
      `${names.join(', ')}${more}. Check that they were saved whole, and that 'background' differs from the colour of a drawing ` +
      `on a transparent ground.`,
  );
}
