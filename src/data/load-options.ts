/**
 * Options and results that the loaders of data files share.
 */
import type { NDArray } from '../graph/ndarray.ts';
import type { ByteArray } from './numbers.ts';
import type { Dataset } from './dataset.ts';
import type { Handwriting, Resampling } from './preprocessing.ts';

/** The progress of loading files. */
export interface FileProgress {
  /** Bytes loaded, decompressed. */
  readonly loaded: number;
  /** Bytes in all; `undefined` where they are not known before, for URLs and gzipped files. */
  readonly total: number | undefined;
}

/** Options of reading files. */
export interface ReadOptions {
  /** The name in messages; default: the file's name. */
  readonly name?: string | undefined;
  /** The largest size of a decompressed file, and of all files of an archive together; default 256 MiB. */
  readonly maxBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called for each chunk that arrives. */
  readonly onProgress?: ((progress: FileProgress) => void) | undefined;
}

/** Facts about a data set that its files may lack. */
export interface LoadOptions extends ReadOptions {
  /** The classes' names, or their number; default: the files' names of classes, or else as many as the labels need. */
  readonly classes?: readonly string[] | number | undefined;
  /** The shape of one row, `[height, width, channels]` for images; default: the files' shape. */
  readonly shape?: readonly number[] | undefined;
  /** The position of the channels among four axes of a file; default: by the sizes, if they tell. Rows have channels last. */
  readonly channels?: 'first' | 'last' | undefined;
  /** True for transposed images, like EMNIST's; default: by the file's name (`emnist-…`). */
  readonly transposed?: boolean | undefined;
  /** The label of the first class; default 0, or by the file's name (1 for `emnist-letters-…`). */
  readonly firstLabel?: number | undefined;
  /** The colour behind the images, see {@link Preprocessing}; default: black for light ink, else white. */
  readonly background?: 'white' | 'black' | undefined;
  /** Light or dark ink, see {@link Preprocessing}; default for handwriting: `light`, as MNIST's. */
  readonly ink?: 'light' | 'dark' | undefined;
  /** The resampling of pictures to classify, see {@link Preprocessing}. */
  readonly resampling?: Resampling | undefined;
  /** Handwriting and its centring, see {@link Preprocessing}; `true` for MNIST's. */
  readonly handwriting?: boolean | Handwriting | undefined;
}

/** Rows without labels, `[n, …]`, to predict. */
export type Rows = ByteArray | NDArray;

/** The training, validation and test sets of a data set's files, with the same classes. */
export interface LoadedDataset {
  /** The training set; everything, if the files are not split. */
  readonly train: Dataset;
  readonly validation?: Dataset;
  readonly test?: Dataset;
  /** The rows of a table without labels, as Kaggle's `test.csv`. */
  readonly unlabelled?: Rows;
}
