/**
 * `inkling/elements`: importing it defines the elements.
 *
 * @module inkling/elements
 */
export { InklingChart, type CurvePoint } from './chart.ts';
export { InklingClassifier } from './classifier.ts';
export { InklingDigits, type DigitPick, type DigitSample } from './digits.ts';
export { InklingFilters } from './filters.ts';
export { InklingPad, type PadInput } from './pad.ts';
export { InklingProbabilities } from './probabilities.ts';
export type { Status } from './events.ts';
export type { Prediction } from '../layers/index.ts';
