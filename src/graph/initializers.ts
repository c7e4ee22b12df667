/**
 * Initial values of variables. Each is a pure function of (seed, variable name, index), so it does not depend on other
 * variables or on their order.
 */
import { checkOptions, refuse } from '../checks.ts';
import { sizeOfShape } from './shape.ts';
import type { RandomStream } from './random.ts';
import type { Tuple } from './shape-types.ts';
import { checkSizes, type Initializer } from './sources.ts';

/** Initializes every element to 0. */
export function zeros<const S extends readonly number[]>(shape: S): Initializer<Tuple<S>> {
  return fill(shape, 0);
}

/** Initializes every element to 1. */
export function ones<const S extends readonly number[]>(shape: S): Initializer<Tuple<S>> {
  return fill(shape, 1);
}

/** Initializes every element to `value`. */
export function fill<const S extends readonly number[]>(shape: S, value: number): Initializer<Tuple<S>> {
  if (typeof value !== 'number') refuse('fill: the value', value, 'a number');
  return each(shape, () => value);
}

/**
 * Normal numbers around 0; numbers beyond two standard deviations are drawn again, as in TensorFlow's `truncated_normal`.
 * @param options - `stddev`: the standard deviation of the untruncated distribution (default 1).
 * @throws UsageError where `stddev` is negative or not finite.
 */
export function truncatedNormal<const S extends readonly number[]>(
  shape: S,
  options: { readonly stddev?: number } = {},
): Initializer<Tuple<S>> {
  checkOptions('truncatedNormal', options);
  const { stddev = 1 } = options;
  if (!Number.isFinite(stddev) || stddev < 0) refuse('truncatedNormal: stddev', stddev, 'a finite number from 0 on');
  return each(shape, (random, i) => stddev * random.normal(i));
}

/**
 * Uniform numbers in ±√(6 / (fanIn + fanOut)).
 * Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010.
 */
export function glorotUniform<const S extends readonly number[]>(shape: S): Initializer<Tuple<S>> {
  const { fanIn, fanOut } = fans(shape);
  const limit = Math.sqrt(6 / Math.max(1, fanIn + fanOut));
  return each(shape, (random, i) => (2 * random.uniform(i) - 1) * limit);
}

/**
 * Truncated normal numbers of standard deviation √(2 / fanIn) (after truncation, as in Keras).
 * He et al., "Delving Deep into Rectifiers", 2015.
 */
export function heNormal<const S extends readonly number[]>(shape: S): Initializer<Tuple<S>> {
  // 0.8796…: the standard deviation of a standard normal truncated to ±2.
  const stddev = Math.sqrt(2 / Math.max(1, fans(shape).fanIn)) / 0.87962566103423978;
  return each(shape, (random, i) => stddev * random.normal(i));
}

function each<S extends readonly number[]>(
  shape: S,
  value: (random: RandomStream, i: number) => number,
): Initializer<Tuple<S>> {
  checkSizes('An initializer', shape);
  return {
    shape: [...shape] as readonly number[] as Tuple<S>,
    values: (random) => Float32Array.from({ length: sizeOfShape(shape) }, (_, i) => value(random, i)),
  };
}

/** Inputs and outputs of one unit: the last two axes, times the window size of convolution filters [height, width, in, out]. */
function fans(shape: readonly number[]): { fanIn: number; fanOut: number } {
  checkSizes('An initializer', shape);
  const window = sizeOfShape(shape.slice(0, -2));
  const fanOut = shape.at(-1) ?? 1;
  return { fanIn: window * (shape.at(-2) ?? fanOut), fanOut: window * fanOut };
}
