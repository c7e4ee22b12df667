/**
 * A data set of image files, which knows what was left out.
 */
import type { DatasetParts } from '../dataset-parts.ts';
import { Dataset } from '../dataset.ts';
import type { SkippedImage } from './tree.ts';

/** The data set of {@link loadImages}. Sets made of it, by `split` or `shuffle`, have no list of what was left out. */
export class ImageDataset extends Dataset {
  /** The files that were left out, and why: those that are no pictures by their names, and with `onError: 'skip'` those that failed. */
  readonly skipped: readonly SkippedImage[];

  /** @internal */
  constructor(parts: DatasetParts, skipped: readonly SkippedImage[]) {
    super(parts);
    this.skipped = skipped;
  }
}
