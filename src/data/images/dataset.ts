/**
 * A data set of image files, with the list of skipped files.
 */
import type { DatasetParts } from '../dataset-parts.ts';
import { Dataset } from '../dataset.ts';
import type { SkippedImage } from './tree.ts';

/** The data set of {@link loadImages}. Sets made of it by `split` or `shuffle` have no list of skipped files. */
export class ImageDataset extends Dataset {
  /** The skipped files with the reasons: a name of another kind, or with `onError: 'skip'` an error. */
  readonly skipped: readonly SkippedImage[];

  /** @internal */
  constructor(parts: DatasetParts, skipped: readonly SkippedImage[]) {
    super(parts);
    this.skipped = skipped;
  }
}
