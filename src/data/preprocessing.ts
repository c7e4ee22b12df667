/** The preparation of a data set's images, as plain data: pictures to classify are prepared in the same way. */

/** The size and position of handwriting in every image of a data set. */
export interface Handwriting {
  /** The longer side of the ink, in pixels: 20 of MNIST's 28. */
  readonly box: number;
  /** The point of the ink in the middle of the image: its centre of mass, as in MNIST, or of its bounding box, as in EMNIST. */
  readonly centre: 'mass' | 'box';
}

/** The resampling of a picture of another size: weighted means, or the nearest pixel, which keeps the edges of pixel art. */
export type Resampling = 'bilinear' | 'nearest';

/**
 * The preparation of a data set's images. A model has that of the data set it was trained on, and so has its file.
 */
export interface Preprocessing {
  /** The colour behind transparent pixels. */
  readonly background: 'white' | 'black';
  /** Light ink on dark paper, as in MNIST, or dark on light: a picture the other way round is inverted. Left out for photographs. */
  readonly ink?: 'light' | 'dark' | undefined;
  /** The resampling of a picture of another size; default `bilinear`. */
  readonly resampling?: Resampling | undefined;
  /** Stated for handwriting: the ink of a picture is found, scaled and centred. Without it pictures are stretched to the size. */
  readonly handwriting?: Handwriting | undefined;
  /** The measured placement of ink: strokes on a transparent canvas are placed so. Other pictures are stretched. */
  readonly drawing?: Handwriting | undefined;
}

/** The preparation of MNIST. Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits". */
export const MNIST = {
  background: 'black',
  ink: 'light',
  handwriting: { box: 20, centre: 'mass' },
} as const satisfies Preprocessing;
