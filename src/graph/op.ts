/**
 * Tensors and ops, which name each other: a tensor is a node that holds its op's definition itself (there is no registry).
 * The contract of an op: everything the engine needs to know of it.
 * One op, one file in `src/ops/`: shape rule, gradient, the CPU's function and the kernel's expression stand side by side.
 */
import { describe, Printed } from '../print.ts';
import type { DType, TypedArray } from './dtype.ts';
import type { NDArray } from './ndarray.ts';
import type { Shape } from './shape.ts';
import type { Snippet } from './snippet.ts';

/** What an op is told besides its inputs: plain, comparable data. */
export type Attrs = Readonly<Record<string, AttrValue>>;
export type AttrValue = string | number | boolean | null | undefined | TypedArray | readonly AttrValue[];

/** Shape and dtype of a tensor. */
export interface TensorType {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** One call of an op that is made of others. */
export interface Composition {
  readonly op: string;
}

/** A value that a graph computes, immutable: `S` is its shape where the program's text tells it. */
export class Tensor<S extends Shape = Shape> extends Printed implements TensorType {
  readonly op: Op;
  readonly inputs: readonly Tensor[];
  readonly attrs: Attrs;
  readonly shape: S;
  readonly dtype: DType;
  /** The name given by the user, if any. */
  readonly name: string | undefined;
  /** The op that the user called, where this is a part of what it is made of. Only messages look at it. */
  readonly from: Composition | undefined;

  /** Internal: use the functions that `inkling` exports to make tensors. */
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
 * Methods that make tensors build graph; they never compute. Shapes may hold `null` while a graph is built;
 * from {@link Op.resolve} on every size is known.
 */
export interface Op<A extends Attrs = Attrs> {
  readonly name: string;

  /** The type of the result. Throws `GraphError` with the inputs' names and shapes where they do not fit. */
  infer(inputs: readonly Tensor[], attrs: A): TensorType;

  /**
   * The adjoint of each input given the adjoint `dy` of the output; `null` where none flows.
   * An op without it whose kernel is an `expand` is differentiated through what it expands to; any other stops the gradient.
   */
  gradient?(node: Tensor, dy: Tensor): readonly (Tensor | null)[];

  /**
   * Replaces a node whose meaning depends on sizes or on the mode, once they are known; by ops that have no `resolve`.
   * `training`: whether the run is one of training.
   */
  resolve?(inputs: readonly Tensor[], attrs: A, training: boolean): Tensor;

  /** For a node whose first input is a variable that follows what is trained on: its value after a training step. */
  update?(node: Tensor): Tensor | undefined;

  /** A simpler tensor equal to `node`, or `undefined`. Sees sizes that are known. */
  simplify?(node: Tensor): Tensor | undefined;

  /**
   * How consumers of this op's result simplify, by the consumer's op name: `softmax` says here what `log` of it becomes,
   * so that `log` need not know `softmax`. The consumer's first input is the node of this op.
   */
  readonly absorbedBy?: Readonly<Record<string, (consumer: Tensor) => Tensor | undefined>>;

  /** How it is computed. */
  readonly kernel: Kernel<A>;
}

/** How an op is computed, on both backends. */
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
  /** A file of WGSL functions of the op's own, which come with the expression. */
  readonly library?: { readonly functions: Readonly<Record<string, string>> } | undefined;
  /** A WGSL expression; each argument is a variable's name, an `f32`, `i32` or `bool` by its dtype. */
  wgsl(args: readonly Snippet[], attrs: A, types: readonly DType[]): Snippet;
  /** The same for the CPU; a `bool` is 0 or 1. */
  js(attrs: A, types: readonly DType[]): (...args: number[]) => number;
}

/** What an {@link IndexKernel} is told: all shapes, sizes known. */
export interface IndexContext {
  readonly shape: readonly number[];
  readonly inputs: readonly (readonly number[])[];
}

/** An output element at coordinates c is the input's element at offset + Σ cᵢ · strideᵢ. */
export interface StridedView {
  readonly strides: readonly number[];
  readonly offset: number;
}

/** Writes index arithmetic for an {@link IndexKernel}. Its expressions are of type `u32`, and names or in brackets. */
export interface IndexWriter {
  /** A variable's name for what is needed more than once. */
  readonly named: (expression: Snippet) => Snippet;
  /** Where along an axis the element at a flat index (a variable's name) in an array of `shape` lies. */
  readonly coordinate: (flat: Snippet, shape: readonly number[], axis: number) => Snippet;
  /** A variable's name for the flat index of the element at `coordinates` in an array of `shape`. */
  readonly flat: (coordinates: readonly Snippet[], shape: readonly number[]) => Snippet;
}

/** Each output element is an input element at an index computed from its own (or a constant): views, slices, gathers. */
export interface IndexKernel<A extends Attrs = Attrs> {
  readonly kind: 'index';
  /** For an op that only looks at its first input in another order: where. Products read such operands in place. */
  view?(context: IndexContext, attrs: A): StridedView;
  /** For another op, whether results of one sample (a part of the first axis) take only that sample's part of the i-th input. */
  keepsSamples?(context: IndexContext, attrs: A, i: number): boolean;
  /** How many terms a result has that is a sum: what has many is computed once and stored. */
  terms?(attrs: A): number;
  /**
   * A WGSL expression of the output element at flat index `index` (the name of a `u32` variable).
   * `load(input, flat)` gives the expression of an input's element. Every load must be in bounds, taken or not.
   * `term`: of a sum, which of its terms: a `u32`, by a variable's name or as a literal.
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

/** One result for each combination of the axes that are kept; the first input is reduced. */
export interface ReduceKernel<A extends Attrs = Attrs> {
  readonly kind: 'reduce';
  /** `argMax` gives the first of equal maxima, as int32. */
  readonly combine: 'sum' | 'max' | 'min' | 'argMax';
  /** The axes reduced, ascending, none negative. */
  axes(input: readonly number[], attrs: A): readonly number[];
}

/** Written in terms of simpler ops; the CPU may have a direct function. */
export interface ExpandKernel<A extends Attrs = Attrs> {
  readonly kind: 'expand';
  expand(inputs: readonly Tensor[], attrs: A): Tensor;
  cpu?(inputs: readonly NDArray[], out: NDArray, attrs: A): void;
}
