/** Random tensors: pure functions of the step's key, a name and the element's index, so there is no state. */
import { checkOptions, checkText, refuse } from '../checks.ts';
import type { Attrs, Op } from '../graph/op.ts';
import { hashName, randomWord } from '../graph/random.ts';
import type { Shape } from '../graph/shape.ts';
import { u32, wgsl } from '../graph/snippet.ts';
import { checkSizes, stepKey } from '../graph/sources.ts';
import { compose, createTensor, input, Tensor } from '../graph/tensor.ts';
import { add } from './add.ts';
import { log } from './log.ts';
import { mul } from './mul.ts';
import { reshape } from './reshape.ts';
import { cos } from './sin.ts';
import { sqrt } from './sqrt.ts';
import { sub } from './sub.ts';

interface UniformAttrs extends Attrs {
  /** The salt of the random numbers, 32 bits. */
  readonly place: number;
}

/** Input: the tensor whose shape the random numbers have. */
const uniformLikeOp: Op<UniformAttrs> = {
  name: 'randomUniform',
  infer: (inputs) => ({ shape: input(inputs, 0).shape, dtype: 'float32' }),
  // The key has an axis, so evaluate() refuses to compute the numbers chunk by chunk: they would depend on the chunks.
  resolve: (inputs, { place }) =>
    createTensor(uniformOp, [reshape(stepKey(), [1])], { place, shape: input(inputs, 0).shape }),
  kernel: { kind: 'source' },
};

/** Input: the step's key. Numbers are multiples of 2⁻²⁴, which float32 has exactly. */
const uniformOp: Op<UniformAttrs & { readonly shape: Shape }> = {
  name: 'randomUniform',
  infer: (_, { shape }) => ({ shape, dtype: 'float32' }),
  kernel: {
    kind: 'index',
    wgsl: (_, { place }, index, load) =>
      wgsl`f32(randomWord(u32(${load(0, u32(0))}), ${place}u, ${index}) >> 8u) * 0.000000059604644775390625`,
    js:
      (_, { place }) =>
      (index, load) =>
        (randomWord(load(0, 0), place, index) >>> 8) / 2 ** 24,
  },
};

interface Named {
  /** Tells random tensors apart: those of one name have the same random numbers. */
  readonly name: string;
}

export interface RandomUniformOptions extends Named {
  /** The least number; by default 0. */
  readonly low?: number | undefined;
  /** The bound that the numbers stay below, but for rounding; by default 1. */
  readonly high?: number | undefined;
}

export interface RandomNormalOptions extends Named {
  /** By default 0. */
  readonly mean?: number | undefined;
  /** The standard deviation; by default 1. */
  readonly stddev?: number | undefined;
}

/**
 * Random numbers from `low` to `high`, evenly distributed, float32.
 *
 * They depend on the session's seed, the number of the step, the element's index and `name`, in training and outside of it. So
 * they change with each step of an optimizer, and are the same in all runs between two steps. `evaluate` refuses them in the
 * shape of the samples, since they would depend on its chunks. No gradient flows through them.
 *
 * @param shape - Sizes, or a tensor whose shape the result has, once feeds are known: `randomUniform(x, { name: 'u' })`.
 * @throws GraphError where the shape is not one; UsageError where an option is not valid.
 */
export function randomUniform<const S extends readonly number[]>(
  shape: S,
  options: RandomUniformOptions,
): Tensor<[...S]>;
export function randomUniform<S extends Shape>(shape: Tensor<S>, options: RandomUniformOptions): Tensor<S>;
export function randomUniform(shape: readonly number[] | Tensor, options: RandomUniformOptions): Tensor {
  checkOptions('randomUniform', options, "{ name: 'noise' }");
  const { low = 0, high = 1, name } = options;
  checkNumber('randomUniform: `low`', low);
  checkNumber('randomUniform: `high`', high);
  return compose({ op: 'randomUniform' }, () => {
    const numbers = uniform('randomUniform', shape, name, '');
    return scaled(numbers, high - low, low);
  });
}

/**
 * Random numbers of a normal distribution, float32; none is farther than 5.8 standard deviations from the mean.
 *
 * They depend on the session's seed, the number of the step, the element's index and `name`, in training and outside of it. So
 * they change with each step of an optimizer, and are the same in all runs between two steps. `evaluate` refuses them in the
 * shape of the samples, since they would depend on its chunks. No gradient flows through them. The backends' numbers are equal up
 * to rounding.
 *
 * Source: Box and Muller, "A note on the generation of random normal deviates" (1958).
 *
 * @param shape - Sizes, or a tensor whose shape the result has, once feeds are known: `add(x, randomNormal(x, { name: 'noise' }))`.
 * @throws GraphError where the shape is not one; UsageError where an option is not valid.
 */
export function randomNormal<const S extends readonly number[]>(shape: S, options: RandomNormalOptions): Tensor<[...S]>;
export function randomNormal<S extends Shape>(shape: Tensor<S>, options: RandomNormalOptions): Tensor<S>;
export function randomNormal(shape: readonly number[] | Tensor, options: RandomNormalOptions): Tensor {
  checkOptions('randomNormal', options, "{ name: 'noise' }");
  const { mean = 0, stddev = 1, name } = options;
  checkNumber('randomNormal: `mean`', mean);
  checkNumber('randomNormal: `stddev`', stddev);
  return compose({ op: 'randomNormal' }, () => {
    // From 2⁻²⁴ to 1, so that the logarithm is finite.
    const radius = sub<number, Tensor>(1, uniform('randomNormal', shape, name, ' radius'));
    const angle = mul<Tensor, number>(uniform('randomNormal', shape, name, ' angle'), 2 * Math.PI);
    const numbers = mul<Tensor, Tensor>(sqrt(mul<Tensor, number>(log(radius), -2)), cos(angle));
    return scaled(numbers, stddev, mean);
  });
}

function uniform(op: string, shape: readonly number[] | Tensor, name: string, part: string): Tensor {
  checkText(`${op}: the name`, name);
  const place = hashName(name + part);
  if (shape instanceof Tensor) return createTensor(uniformLikeOp, [shape], { place });
  checkSizes(op, shape);
  return createTensor(uniformOp, [stepKey()], { place, shape: [...shape] });
}

/** `numbers · scale + offset`. */
function scaled(numbers: Tensor, scale: number, offset: number): Tensor {
  return scale === 1 && offset === 0 ? numbers : add<Tensor, number>(mul<Tensor, number>(numbers, scale), offset);
}

function checkNumber(what: string, given: unknown): void {
  if (typeof given !== 'number' || !Number.isFinite(Math.fround(given))) refuse(what, given, 'a finite number');
}
