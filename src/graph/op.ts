/**
 * Tensors and the contract of ops. A tensor is a node that holds its op's definition; there is no registry.
 * Each op is one file in `src/ops/`: shape rule, gradient, the CPU's function and the kernel's expression side by side.
 */
import { describe, Printed } from '../print.ts';
import type { DType, TypedArray } from './dtype.ts';
import type { NDArray } from './ndarray.ts';
import type { Shape } from './shape.ts';
import type { Snippet } from './snippet.ts';

/** Parameters of an op besides its inputs: plain, comparable data. */
export type Attrs = Readonly<Record<string, AttrValue>>;
export type AttrValue = string | number | boolean | null | undefined | TypedArray | readonly AttrValue[];

/** Shape and dtype of a tensor. */
export interface TensorType {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** A call of a composite op: an op that is built from others. */
export interface Composition {
  readonly op: string;
}

/** A value that a graph computes, immutable. `S` is its shape as far as the program's types state it. */
export class Tensor<S extends Shape = Shape> extends Printed implements TensorType {
  readonly op: Op;
  readonly inputs: readonly Tensor[];
  readonly attrs: Attrs;
  readonly shape: S;
  readonly dtype: DType;
  /** The name given by the user, if any. */
  readonly name: string | undefined;
  /** The composite op that this tensor is a part of, if any. Only messages use it. */
  readonly from: Composition | undefined;

  /** Internal: make tensors with the functions that `inkling` exports. */
  constructor(
    op: Op,
    inputs: readonly Tensor[],
    attrs: Attrs,
    shape: S,
    dtype: DType,
    name?: string,
    from?: Composition,
    kind = 'Tensor',
  ) {
    super(describe(kind, name, { op: from?.op ?? op.name, shape, dtype }));
    this.op = op;
    this.inputs = inputs;
    this.attrs = attrs;
    this.shape = shape;
    this.dtype = dtype;
    this.name = name;
    this.from = from;
  }
}

/**
 * The definition of an op.
 *
 * Methods that return tensors build graph; they never compute. Shapes may contain `null` while a graph is built.
 * After {@link Op.resolve} every size is known.
 */
export interface Op<A extends Attrs = Attrs> {
  readonly name: string;

  /** Type of the result. Throws `GraphError` with the inputs' names and shapes where they do not fit. */
  infer(inputs: readonly Tensor[], attrs: A): TensorType;

  /**
   * The adjoint of each input given the adjoint `dy` of the output; `null` where none flows.
   * An `expand` op without this rule is differentiated through its expansion; any other op without it stops the gradient.
   */
  gradient?(node: Tensor, dy: Tensor): readonly (Tensor | null)[];

  /**
   * Replaces a node whose meaning depends on sizes or on the mode, once these are known, by ops without `resolve`.
   * `training` is set in training runs.
   */
  resolve?(inputs: readonly Tensor[], attrs: A, training: boolean): Tensor;

  /** For a node whose first input is a running statistic (a variable): the statistic's value after a training step. */
  update?(node: Tensor): Tensor | undefined;

  /** A simpler tensor equal to `node`, or `undefined`. All sizes are known. */
  simplify?(node: Tensor): Tensor | undefined;

  /**
   * A simpler tensor equal to `consumer`, whose first input is a node of this op, or `undefined`. Here `softmax` replaces
   * the logarithm of it, so `log` need not import `softmax`.
   */
  absorbedBy?(consumer: Tensor): Tensor | undefined;

  /** The op's meaning for the compiler, which imports no ops. Placeholders multiplied by log-probabilities are labels. */
  readonly role?: 'product' | 'logProbabilities';

  readonly kernel: Kernel<A>;
}

/** The computation of an op, for all backends. */
export type Kernel<A extends Attrs = Attrs> =
  | { readonly kind: 'source' }
  | { readonly kind: 'alias' }
  | MapKernel<A>
  | IndexKernel<A>
  | ReduceKernel<A>
  | { readonly kind: 'matmul' }
  | ExpandKernel<A>;

/** Element by element, inputs broadcast to the output's shape. */
export interface MapKernel<A extends Attrs = Attrs> {
  readonly kind: 'map';
  /** The functions of shaders/elementary.wgsl that the WGSL expression calls, itself or from the op's library. */
  readonly functions?: readonly string[] | undefined;
  /** A file of WGSL functions of the op's own, which are added to kernels with the expression. */
  readonly library?: { readonly functions: Readonly<Record<string, string>> } | undefined;
  /** A WGSL expression; each argument is a variable's name, of type `f32`, `i32` or `bool` by its dtype. */
  wgsl(args: readonly Snippet[], attrs: A, types: readonly DType[]): Snippet;
  /** The same for the CPU; a `bool` is 0 or 1. */
  js(attrs: A, types: readonly DType[]): (...args: number[]) => number;
}

/** The shapes of an {@link IndexKernel}'s result and inputs, all sizes known. */
export interface IndexContext {
  readonly shape: readonly number[];
  readonly inputs: readonly (readonly number[])[];
}

/** A view of an array: the element at coordinates c is the array's element at offset + Σ cᵢ · strideᵢ. */
export interface StridedView {
  readonly strides: readonly number[];
  readonly offset: number;
}

/** Writes index arithmetic for an {@link IndexKernel}. Its expressions are of type `u32`, and names or in parentheses. */
export interface IndexWriter {
  /** The name of a variable with the value of `expression`, for use more than once. */
  readonly named: (expression: Snippet) => Snippet;
  /** The coordinate along `axis` of the element at flat index `flat` (a variable's name) in an array of `shape`. */
  readonly coordinate: (flat: Snippet, shape: readonly number[], axis: number) => Snippet;
  /** The name of a variable with the flat index of the element at `coordinates` in an array of `shape`. */
  readonly flat: (coordinates: readonly Snippet[], shape: readonly number[]) => Snippet;
}

/** Each output element is an input element at an index computed from the output's (or a constant): views, slices, gathers. */
export interface IndexKernel<A extends Attrs = Attrs> {
  readonly kind: 'index';
  /** The strided view, where the result is one of the first input. Products read such operands in place. */
  view?(context: IndexContext, attrs: A): StridedView;
  /**
   * For ops without a view: tells whether the results of one sample (an index along the first axis) read only that sample of
   * the i-th input.
   */
  keepsSamples?(context: IndexContext, attrs: A, i: number): boolean;
  /** Number of terms, where a result is a sum. Results of many terms are computed once and stored. */
  terms?(attrs: A): number;
  /**
   * A WGSL expression of the output element at flat index `index` (the name of a `u32` variable).
   * `load(input, flat)` returns the expression of an input's element. Every load must be in bounds, even if its value is
   * not used. `term` is the index of the term where the result is a sum: a variable's name or a literal, `u32`.
   */
  wgsl(
    context: IndexContext,
    attrs: A,
    index: Snippet,
    load: (input: number, flat: Snippet) => Snippet,
    write: IndexWriter,
    term: Snippet,
  ): Snippet;
  /** The same for the CPU. */
  js(context: IndexContext, attrs: A): (index: number, load: (input: number, flat: number) => number) => number;
}

/** One result per index of the axes that are not reduced; reduces the first input. */
export interface ReduceKernel<A extends Attrs = Attrs> {
  readonly kind: 'reduce';
  /** `argMax` returns the index of the first of equal maxima, as int32. */
  readonly combine: 'sum' | 'max' | 'min' | 'argMax';
  /** The axes reduced, ascending, none negative. */
  axes(input: readonly number[], attrs: A): readonly number[];
}

/** Defined by simpler ops; the CPU may have a direct function. */
export interface ExpandKernel<A extends Attrs = Attrs> {
  readonly kind: 'expand';
  expand(inputs: readonly Tensor[], attrs: A): Tensor;
  cpu?(inputs: readonly NDArray[], out: NDArray, attrs: A): void;
}
