/**
 * What the loaders of data files have in common: their options, and data sets in the parts that files have them in.
 */
import type { NDArray } from '../graph/ndarray.ts';
import type { ByteArray } from './dataset-parts.ts';
import type { Dataset } from './dataset.ts';
import type { Handwriting, Resampling } from './preprocessing.ts';

/** How much of the files is there. */
export interface FileProgress {
  /** Bytes of content, decompressed. */
  readonly loaded: number;
  /** How many there will be; `undefined` where that is not known before: of addresses, and of what is gzipped. */
  readonly total: number | undefined;
}

/** How the loading itself goes. */
export interface ReadOptions {
  /** What to call the set in messages; default: the file's name. */
  readonly name?: string | undefined;
  /** The most bytes that each file may have when decompressed, and all files of an archive together; default 256 MiB. */
  readonly maxBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called for each piece that arrives. */
  readonly onProgress?: ((progress: FileProgress) => void) | undefined;
}

/** What is known of a data set that its files do not say. */
export interface LoadOptions extends ReadOptions {
  /** The classes' names, or how many there are; default: what the files name, or else as many as the labels need. */
  readonly classes?: readonly string[] | number | undefined;
  /** The shape of one row, `[height, width, channels]` for images; default: the files'. */
  readonly shape?: readonly number[] | undefined;
  /** Of four axes, where the channels are; default: told by the sizes where they can be. Rows have them last. */
  readonly channels?: 'first' | 'last' | undefined;
  /** Whether images lie transposed, as EMNIST's; default: told by the file's name (`emnist-…`). */
  readonly transposed?: boolean | undefined;
  /** The label of the first class; default 0, or told by the file's name (`emnist-letters-…` begins at 1). */
  readonly firstLabel?: number | undefined;
  /** What is behind the pictures, see {@link Preprocessing}; default: black for light ink, else white. */
  readonly background?: 'white' | 'black' | undefined;
  /** Whether the ink is light or dark, see {@link Preprocessing}. For handwriting the default is `light`, as MNIST's. */
  readonly ink?: 'light' | 'dark' | undefined;
  /** How pictures to classify are resampled, see {@link Preprocessing}. */
  readonly resampling?: Resampling | undefined;
  /** Whether it is handwriting that is centred, and how, see {@link Preprocessing}; `true` is as MNIST's. */
  readonly handwriting?: boolean | Handwriting | undefined;
}

/** Rows without labels, `[n, …]`, to predict. */
export type Rows = ByteArray | NDArray;

/** A data set in the parts that its files have it in. All have the same classes. */
export interface LoadedDataset {
  /** What is for training, or all there is where the files tell no parts. */
  readonly train: Dataset;
  readonly validation?: Dataset;
  readonly test?: Dataset;
  /** The rows of a table that has no labels, as Kaggle's `test.csv`. */
  readonly unlabelled?: Rows;
}
