/**
 * Sources of a graph: placeholders (fed at each run), variables (state of a session), constants, and the key of a step's
 * random numbers.
 */
import { checkList, checkOptions, show } from '../checks.ts';
import { GraphError, UsageError } from '../errors.ts';
import { checkIsDType, type DType, type TypedArray } from './dtype.ts';
import { toNDArray, type NDArray, type NestedArray } from './ndarray.ts';
import type { Op } from './op.ts';
import type { RandomStream } from './random.ts';
import { formatShape, sizeOfShape, type Shape } from './shape.ts';
import type { Tuple } from './shape-types.ts';
import { describeTensor, Tensor } from './tensor.ts';

/** A value that is fed at each run; the feed decides `null` sizes. */
export class Placeholder<S extends Shape = Shape> extends Tensor<S> {
  declare readonly name: string;
}

/** State that a session keeps from run to run: weights, biases, an optimizer's moments. */
export class Variable<S extends Shape = Shape> extends Tensor<S> {
  declare readonly name: string;
  readonly initial: Initializer;
  /** Set where `minimize` updates it by default. */
  readonly trainable: boolean;
  /** For an optimizer's state: the optimizer's name, and the variable's name in files of earlier versions if it differed. */
  readonly slot: { readonly optimizer: string; readonly formerName?: string | undefined } | undefined;

  /** Internal: use {@link variable}. */
  constructor(name: string, shape: S, initial: Initializer, trainable: boolean, slot?: Variable['slot']) {
    super(variableOp, [], {}, shape, 'float32', name, undefined, 'Variable');
    this.initial = initial;
    this.trainable = trainable;
    this.slot = slot;
  }
}

/** Initial values of a variable: a pure function of the random numbers of (seed, variable name). */
export interface Initializer<S extends readonly number[] = readonly number[]> {
  readonly shape: S;
  values(random: RandomStream): Float32Array;
}

const placeholderOp = /* @__PURE__ */ sourceOp('placeholder');
const variableOp = /* @__PURE__ */ sourceOp('variable');
const constantOp = /* @__PURE__ */ sourceOp('constant');
/** The op of {@link stepKey}, which backends compute from their seed and the step's number. */
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

/** The key of a step's random numbers, an int32 scalar: `stepKeyOf` (permutation.ts) of the session's seed and step. */
export function stepKey(): Tensor {
  return new Tensor(stepKeyOp, [], {}, [], 'int32');
}

/** Tells whether the tensor is a constant, whose value is {@link constantValue}. */
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
 * @param name - The key of the feed; unique among the placeholders of one run.
 * @param shape - Sizes, `null` where the feed decides: `[null, 784]` takes batches of any size.
 * @throws GraphError on an empty name or a size that is not a non-negative integer.
 */
export function placeholder<const S extends Shape>(
  name: string,
  shape: S,
  dtype: DType = 'float32',
): Placeholder<Tuple<S>> {
  checkName('placeholder', name);
  checkSizes(`placeholder '${name}'`, shape, true);
  checkIsDType(`placeholder '${name}'`, dtype);
  const sizes = [...shape] as Shape as Tuple<S>;
  return new Placeholder(placeholderOp, [], {}, sizes, dtype, name, undefined, 'Placeholder');
}

/**
 * State of a session, float32. Its name is unique within a session.
 *
 * @param initial - An initializer such as `zeros([784, 10])`, or values: a number, nested arrays, a typed array.
 * @param options - With `trainable: false`, `minimize` updates it only if its `variables` name it.
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
  checkOptions(`variable '${name}'`, options);
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
  const { shape: sizes = array.shape } = { shape };
  checkSizes('constant', sizes);
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

/** The remedy where two variables have one name. */
export const otherName = ({ slot }: Variable): string =>
  slot === undefined
    ? 'Use the same variable, or another name'
    : `Two optimizers called '${slot.optimizer}' train it: use one for both, or give one another \`name\``;

/** @throws GraphError unless `given` is a variable. */
export function checkVariable(what: string, given: unknown): asserts given is Variable {
  if (!(given instanceof Variable))
    throw new GraphError(
      `${what}: ${given instanceof Tensor ? describeTensor(given as Tensor) : show(given)} is not a variable; give the result of variable().`,
    );
}

/** @throws UsageError, GraphError unless `given` is a list of variables. */
export function checkVariables(what: string, given: unknown): void {
  checkList(`${what}: \`variables\``, given, 'a list of variables, e.g. [W, b]');
  for (const one of given as readonly unknown[]) checkVariable(what, one);
}

function checkName(kind: string, name: string): void {
  if (typeof name !== 'string' || name === '') {
    throw new UsageError(`A ${kind} needs a name: a text that is not empty, e.g. ${kind}('x', …).`);
  }
}

/** @throws GraphError unless `shape` is a list of sizes, where `unknown` allows `null`. */
export function checkSizes(what: string, shape: Shape, unknown = false): void {
  const isSize = (dim: unknown): boolean =>
    dim === null ? unknown : Number.isSafeInteger(dim) && (dim as number) >= 0;
  // Not every(), which skips holes.
  if (Array.isArray(shape) && !Array.from<unknown>(shape).some((dim) => !isSize(dim))) return;
  throw new GraphError(
    `${what}: ${show(shape)} is not a shape; give a list of sizes, whole numbers from 0 on (null where a placeholder's feed decides).`,
  );
}
