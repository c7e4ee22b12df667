/**
 * `inkling/data`: data sets to train on. The public names, nothing else.
 *
 * @module inkling/data
 */
export { Dataset, type Batch, type Example, type NormalizedDataset } from './dataset.ts';
export type { DatasetOptions, LabelOptions, TargetOptions } from './dataset-from.ts';
export type { DatasetParts, Statistics } from './dataset-parts.ts';
export type { ByteArray, Numbers } from './numbers.ts';
export type { MapOptions } from './map.ts';
export type { IterableOptions, IterableRow } from './read/iterable.ts';
export type { SplitOptions } from './split.ts';
export { digitFrom } from './digit.ts';
export type { ImageInput } from './input.ts';
export { inputFrom } from './input-from.ts';
export type { ImageDataset } from './images/dataset.ts';
export type { DecodedImage, DecodeImage } from './images/decode.ts';
export type { ImageSource, ImageSources, LabelledImage } from './images/listing.ts';
export type { SkippedImage } from './images/tree.ts';
export { loadImages, type LoadImagesOptions } from './load-images.ts';
export { loadIdx, type LoadIdxOptions } from './load-idx.ts';
export type { FileProgress, LoadedDataset, LoadOptions, ReadOptions, Rows } from './load-options.ts';
export { loadCifar, type LoadCifarOptions } from './load-cifar.ts';
export { loadCsv, type LoadCsvOptions } from './load-csv.ts';
export { loadDataset, type LoadDatasetOptions } from './load-dataset.ts';
export { loadNpy, type LoadNpyOptions, loadNpz } from './load-npz.ts';
export { loadMnist, type LoadMnistOptions, type LoadProgress, type Mnist } from './mnist.ts';
export type { Picture } from './picture.ts';
export type { Handwriting, Preprocessing, Resampling } from './preprocessing.ts';
export type { FileSource } from './source.ts';
export type { Column, ColumnSource } from '../graph/column.ts';
export { DataError, UsageError } from '../errors.ts';
