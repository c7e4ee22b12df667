/** How pictures are made into rows: a data set's statement of itself, by which a picture to classify is made one like them. */

/** The form in which handwriting stands in every image of a data set. */
export interface Handwriting {
  /** The longer side of the ink, in pixels: 20 of MNIST's 28. */
  readonly box: number;
  /** The point of the ink that lies in the middle of the image: its centre of mass, as MNIST's, or of its bounding box, as EMNIST's. */
  readonly centre: 'mass' | 'box';
}

/** What a picture of another size is made by: weighted means, or the nearest pixel, which keeps the edges of pixel art. */
export type Resampling = 'bilinear' | 'nearest';

/**
 * How the pictures of a data set were made into its rows. Plain data: a model keeps that of the data set it was trained on, and
 * its file too.
 */
export interface Preprocessing {
  /** The colour put behind what is transparent. */
  readonly background: 'white' | 'black';
  /** Light ink on dark paper, as MNIST's, or dark on light: a picture the other way round is inverted. Left out for photographs. */
  readonly ink?: 'light' | 'dark' | undefined;
  /** How a picture of another size is resampled; default `bilinear`, see {@link Resampling}. */
  readonly resampling?: Resampling | undefined;
  /** Stated for handwriting: of a picture, the ink is found, scaled and centred. Other pictures are stretched to the size. */
  readonly handwriting?: Handwriting | undefined;
  /** Where ink stands in every image, as it was measured: strokes on a clear canvas are put there. Other pictures are stretched. */
  readonly drawing?: Handwriting | undefined;
}

/** MNIST's. Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits". */
export const MNIST = {
  background: 'black',
  ink: 'light',
  handwriting: { box: 20, centre: 'mass' },
} as const satisfies Preprocessing;
