/**
 * Where a graph begins: placeholders (fed at each run), variables (state of a session), constants, and the key of a step's
 * random numbers.
 */
import { GraphError, UsageError } from '../errors.ts';
import type { DType, TypedArray } from './dtype.ts';
import { toNDArray, type NDArray, type NestedArray } from './ndarray.ts';
import type { Op } from './op.ts';
import type { RandomStream } from './random.ts';
import { formatShape, sizeOfShape, type Shape } from './shape.ts';
import type { Tuple } from './shape-types.ts';
import { Tensor } from './tensor.ts';

/** A value given at each run; `null` sizes are decided by what is fed. */
export class Placeholder<S extends Shape = Shape> extends Tensor<S> {
  declare readonly name: string;
}

/** State that a session keeps from run to run: weights, biases, an optimizer's moments. */
export class Variable<S extends Shape = Shape> extends Tensor<S> {
  declare readonly name: string;
  readonly initial: Initializer;
  /** Whether `minimize` updates it by default. */
  readonly trainable: boolean;

  /** Internal: use {@link variable}. */
  constructor(name: string, shape: S, initial: Initializer, trainable: boolean) {
    super(variableOp, [], {}, shape, 'float32', name);
    this.initial = initial;
    this.trainable = trainable;
  }
}

/** Initial values of a variable: a pure function of the random numbers that (seed, variable name) decide. */
export interface Initializer<S extends readonly number[] = readonly number[]> {
  readonly shape: S;
  values(random: RandomStream): Float32Array;
}

const placeholderOp = sourceOp('placeholder');
const variableOp = sourceOp('variable');
const constantOp = sourceOp('constant');
/** What backends compute from their seed and the step's number; see {@link stepKey}. */
export const stepKeyOp = sourceOp('stepKey');

function sourceOp(name: string): Op {
  return {
    name,
    infer() {
      throw new GraphError(`A ${name} has no inputs to infer a type from; make one with ${name}().`);
    },
    kernel: { kind: 'source' },
  };
}

/** The 32 bits that a session's seed and the number of its step decide, an int32 scalar: `stepKeyOf` in permutation.ts. */
export function stepKey(): Tensor {
  return new Tensor(stepKeyOp, [], {}, [], 'int32');
}

/** Whether the tensor is a constant: its value is {@link constantValue}. */
export function isConstant(tensor: Tensor): boolean {
  return tensor.op === constantOp;
}

/** The elements of a constant, row-major. */
export function constantValue(tensor: Tensor): TypedArray {
  return tensor.attrs.value as TypedArray;
}

/**
 * A value to be fed at each run.
 *
 * @param name - Unique within what is fetched together; the key of the feed.
 * @param shape - Sizes, `null` where the feed decides: `[null, 784]` takes batches of any size.
 * @throws GraphError on an empty name or a size that is not a non-negative integer.
 */
export function placeholder<const S extends Shape>(
  name: string,
  shape: S,
  dtype: DType = 'float32',
): Placeholder<Tuple<S>> {
  checkName('placeholder', name);
  checkSizes(`placeholder '${name}'`, shape);
  return new Placeholder(placeholderOp, [], {}, [...shape] as Shape as Tuple<S>, dtype, name);
}

/**
 * State kept by a session, float32. Its name is unique within a session.
 *
 * @param initial - An initializer such as `zeros([784, 10])`, or values: a number, nested arrays, a typed array.
 * @param options - `trainable: false` keeps `minimize` from updating it unless it is named there.
 */
export function variable<S extends readonly number[]>(
  name: string,
  initial: Initializer<S>,
  options?: { readonly trainable?: boolean },
): Variable<S>;
export function variable(
  name: string,
  initial: Initializer | NestedArray | ArrayLike<number> | NDArray,
  options?: { readonly trainable?: boolean },
): Variable;
export function variable(
  name: string,
  initial: Initializer | NestedArray | ArrayLike<number> | NDArray,
  options: { readonly trainable?: boolean } = {},
): Variable {
  checkName('variable', name);
  const initializer = isInitializer(initial) ? initial : literal(toNDArray(initial, 'float32', `variable '${name}'`));
  checkSizes(`variable '${name}'`, initializer.shape);
  return new Variable(name, initializer.shape, initializer, options.trainable ?? true);
}

/**
 * A fixed value: a number, nested arrays, or a typed array with its shape.
 * Numbers make float32, booleans bool, an `Int32Array` int32.
 *
 * @throws GraphError where nested arrays are ragged or the count does not fit the shape.
 */
export function constant(value: number | boolean): Tensor<[]>;
export function constant<const S extends readonly number[]>(
  value: NestedArray | ArrayLike<number> | NDArray,
  shape: S,
): Tensor<Tuple<S>>;
export function constant(value: NestedArray | ArrayLike<number> | NDArray, shape?: readonly number[]): Tensor;
export function constant(value: NestedArray | ArrayLike<number> | NDArray, shape?: readonly number[]): Tensor {
  const array = toNDArray(value, undefined, 'constant');
  const sizes = shape ?? array.shape;
  if (sizeOfShape(sizes) !== array.data.length) {
    throw new GraphError(
      `constant: ${array.data.length} values do not fill shape ${formatShape(sizes)}; give ${sizeOfShape(sizes)} values or another shape.`,
    );
  }
  return new Tensor(constantOp, [], { value: array.data }, sizes, array.dtype);
}

function literal(array: NDArray): Initializer {
  return { shape: array.shape, values: () => Float32Array.from(array.data) };
}

function isInitializer(value: unknown): value is Initializer {
  return (
    typeof value === 'object' &&
    value !== null &&
    'values' in value &&
    typeof value.values === 'function' &&
    'shape' in value
  );
}

function checkName(kind: string, name: string): void {
  if (typeof name !== 'string' || name === '') {
    throw new UsageError(`A ${kind} needs a name: a text that is not empty, e.g. ${kind}('x', …).`);
  }
}

function checkSizes(what: string, shape: Shape): void {
  if (!Array.isArray(shape) || shape.some((dim) => dim !== null && (!Number.isSafeInteger(dim) || dim < 0))) {
    throw new GraphError(
      `${what}: ${Array.isArray(shape) ? formatShape(shape) : String(shape)} is not a shape; ` +
        `give a list of sizes, whole numbers from 0 on (null where a placeholder's feed decides).`,
    );
  }
}
