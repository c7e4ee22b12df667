/**
 * Facts about data sets that file names tell: EMNIST's transposition, first label and classes, and MNIST's own files.
 * Source: G. Cohen, S. Afshar, J. Tapson, A. van Schaik, "EMNIST: an extension of MNIST to handwritten letters", 2017.
 */
import type { LoadOptions } from '../load-options.ts';
import { MNIST, type Preprocessing } from '../preprocessing.ts';

/** Facts about a data set, by its name. */
export interface NameFacts {
  readonly transposed?: boolean;
  readonly firstLabel?: number;
  readonly classes?: readonly string[];
  readonly preprocessing?: Preprocessing;
}

const DIGITS = Array.from('0123456789');
const UPPER = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ');
/** The small letters that differ from the capital ones; each of the others is one class with its capital. */
const UNLIKE = Array.from('abdefghnqrt');
const MERGED = [...DIGITS, ...UPPER, ...UNLIKE];
const EMNIST_CLASSES = new Map<string | undefined, readonly string[]>([
  ['balanced', MERGED],
  ['bymerge', MERGED],
  ['byclass', [...DIGITS, ...UPPER, ...UPPER.map((letter) => letter.toLowerCase())]],
  ['letters', UPPER],
  ['digits', DIGITS],
  ['mnist', DIGITS],
]);
/** The preparation of EMNIST: letters fill the image up to 2 pixels on each side, centred by their box. Section II of the paper. */
const EMNIST: Preprocessing = { background: 'black', ink: 'light', handwriting: { box: 24, centre: 'box' } };

/** The facts that the names of a set's files tell. */
export function factsOfNames(...files: readonly string[]): NameFacts {
  for (const file of files) {
    const [, set] = /(?:^|[^a-z])emnist[-_. ]?(balanced|bymerge|byclass|letters|digits|mnist)/i.exec(file) ?? [];
    const classes = EMNIST_CLASSES.get(set?.toLowerCase());
    if (classes !== undefined) {
      return { transposed: true, firstLabel: classes === UPPER ? 1 : 0, classes, preprocessing: EMNIST };
    }
    // Fashion-MNIST and others use MNIST's other file names too; these are its alone.
    if (/(^|\/| of )mnist(\.npz|_(train|test)\.csv)$/i.test(file)) return { preprocessing: MNIST };
  }
  return {};
}

/** The preparation of images, by the options, or else as known. */
export function preprocessingOf(options: LoadOptions, known: Preprocessing | undefined): Preprocessing | undefined {
  const { background, ink, resampling, handwriting } = options;
  if ([background, ink, resampling, handwriting].every((option) => option === undefined)) return known;
  const hand =
    handwriting === true ? MNIST.handwriting : handwriting === false ? undefined : (handwriting ?? known?.handwriting);
  const itsInk = ink ?? known?.ink ?? (hand && 'light');
  const itsBackground = background ?? (ink === undefined ? known?.background : undefined);
  return {
    background: itsBackground ?? (itsInk === 'light' ? 'black' : 'white'),
    ...(itsInk && { ink: itsInk }),
    ...(resampling && { resampling }),
    ...(hand && { handwriting: { box: hand.box, centre: hand.centre } }),
  };
}
