/**
 * Reading and decoding of listed files to rows, several at a time; archives are opened on the way.
 */
import { DataError, InklingError, UsageError } from '../../errors.ts';
import type { LoadProgress } from '../mnist.ts';
import { prepare } from '../prepare.ts';
import type { Preprocessing } from '../preprocessing.ts';
import type { RowShape } from '../resample.ts';
import { readFile } from '../source.ts';
import { unlessAborted } from './aborted.ts';
import { type Decoder, pixelsOfFile } from './decode.ts';
import { foreignReason, isNamedAsPicture } from './foreign.ts';
import type { Labels } from './labels.ts';
import type { ImageFile, Listing, SkippedImage } from './tree.ts';

/** Options of the conversion of files to rows. */
export interface LoadingTask {
  readonly shape: RowShape;
  readonly preprocessing: Preprocessing;
  readonly labels: Labels;
  readonly decoder: Decoder;
  readonly onError: 'throw' | 'skip';
  readonly onProgress: ((progress: LoadProgress) => void) | undefined;
  readonly signal: AbortSignal;
}

/** An image as a row. */
export interface Row {
  readonly path: string;
  readonly label: string;
  readonly values: Uint8Array<ArrayBuffer>;
}

type Outcome = Row | SkippedImage;

/** The largest image file, compressed or not: a larger one is a mistake, or a decompression bomb. */
const MAX_FILE_BYTES = 64 * 2 ** 20;
const MAX_ARCHIVE_BYTES = 2 ** 30;
/** The most bytes of all images together, within the limits of arrays in all engines. */
const MAX_BYTES = 2 ** 31 - 1;
/** The number of files that are read and decoded at a time. */
const LANES = 4;

export class Loading {
  readonly #task: LoadingTask;
  #loaded = 0;
  #total = 0;

  constructor(task: LoadingTask) {
    this.#task = task;
  }

  /**
   * Loads a row of each file, or the reason to skip it, in the order of the files.
   *
   * @throws DataError for the first file that fails, unless `onError` is 'skip'; UsageError for too many images; the signal's
   * reason once it is aborted
   */
  async run(listing: Listing): Promise<Outcome[]> {
    // Classes are checked before anything is read; that of a possible archive only once it turns out to be an image.
    const labels = listing.map((file) => {
      const isPicture = 'open' in file && (file.label !== undefined || isNamedAsPicture(file.path));
      return isPicture ? this.#labelOf(file) : undefined;
    });
    const files = listing.filter((file) => 'open' in file);
    this.#total += files.length;
    this.#checkTotal();
    const outcomes: Outcome[][] = [];
    // All lanes take from the same iterator.
    const rest = listing.entries();
    const lane = async (): Promise<void> => {
      for (const [i, file] of rest) outcomes[i] = 'open' in file ? await this.#load(file, labels[i]) : [file];
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    return outcomes.flat();
  }

  async #load(file: ImageFile, label: string | SkippedImage | undefined): Promise<Outcome[]> {
    const { onProgress, signal } = this.#task;
    signal.throwIfAborted();
    let outcome: Outcome | Listing;
    try {
      outcome = typeof label === 'object' ? label : await this.#read(file, label);
    } catch (error) {
      outcome = this.#skipped(file, error);
    }
    if (Array.isArray(outcome)) {
      this.#total--; // The archive itself is not an image.
      return this.run(outcome as Listing);
    }
    onProgress?.({ loaded: ++this.#loaded, total: this.#total });
    return [outcome as Outcome];
  }

  /** Reads the file's row, or lists the files of an archive. */
  async #read(file: ImageFile, label: string | undefined): Promise<Row | SkippedImage | Listing> {
    const { signal, decoder, shape, preprocessing } = this.#task;
    const name = nameOf(file);
    const source = await unlessAborted(file.open(signal), signal);
    const isBlob = source instanceof Blob;
    const maxBytes = isNamedAsPicture(file.path) ? MAX_FILE_BYTES : MAX_ARCHIVE_BYTES;
    // A slice has no name of its own, so messages have the file's path.
    const { bytes } = await readFile(isBlob ? source.slice() : source, { role: name, maxBytes, signal });
    if (bytes[0] === 0x50 && bytes[1] === 0x4b) {
      const files = await filesOfArchive(file, bytes);
      if (files !== undefined) return files;
    }
    if (bytes.length > MAX_FILE_BYTES)
      throw new DataError(`${name} has ${bytes.length} bytes, above the limit of ${MAX_FILE_BYTES}. Leave it out.`);
    const labelOrSkip = label ?? this.#labelOf(file);
    if (typeof labelOrSkip === 'object') return labelOrSkip;
    const pixels = await pixelsOfFile({ name, bytes, type: isBlob ? source.type : '' }, decoder, signal);
    const { buffer } = await prepare(pixels, shape, preprocessing);
    return { path: file.path, label: labelOrSkip, values: new Uint8Array(buffer) };
  }

  #labelOf(file: ImageFile): string | SkippedImage {
    try {
      return this.#task.labels.of(file);
    } catch (error) {
      return this.#skipped(file, error);
    }
  }

  /** @throws errors that are not the file's, and all errors unless files may be skipped */
  #skipped({ path }: ImageFile, error: unknown): SkippedImage {
    const { signal, onError } = this.#task;
    signal.throwIfAborted();
    if (onError === 'throw' || !(error instanceof InklingError)) throw error;
    return { path, reason: error.message };
  }

  #checkTotal(): void {
    const rowSize = this.#task.shape.reduce((size, n) => size * n);
    if (rowSize * this.#total <= MAX_BYTES) return;
    throw new UsageError(`${this.#total} images of ${rowSize} bytes are too many. Give fewer, or a smaller size.`);
  }
}

const nameOf = ({ path, archive }: ImageFile): string => (archive === undefined ? path : `${path} in ${archive}`);

/** The files in a zip archive, those that are not images by their paths as skipped; `undefined` for another file. */
async function filesOfArchive(file: ImageFile, bytes: Uint8Array<ArrayBuffer>): Promise<Listing | undefined> {
  const { isZip, zipEntries } = await import('../zip.ts');
  if (!isZip(bytes)) return undefined;
  const name = nameOf(file);
  if (file.archive !== undefined)
    throw new DataError(`${name} is an archive within another. Unpack it, or leave it out.`);
  return zipEntries({ name, bytes }, { maxBytes: MAX_FILE_BYTES }).map(({ path, read }) => {
    const reason = foreignReason(path);
    return reason === undefined ? { path, archive: name, label: file.label, open: read } : { path, reason };
  });
}
