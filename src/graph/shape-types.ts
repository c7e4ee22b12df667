/**
 * Arithmetic on shapes in types: what an op's result is, where the program's text tells the sizes, and the text an editor
 * shows where operands do not fit. Sizes decided at run time are `number`, those decided by feeds `null`; a shape of unknown
 * rank is `Shape`, fits everything, and makes results of unknown shape.
 */
import type { Dim, Shape } from './shape.ts';
import type { Tensor } from './tensor.ts';

/** `S` without `readonly`: as shapes stand in `Tensor<[null, 10]>`. */
export type Tuple<S extends Shape> = S extends readonly [...infer T extends Dim[]] ? T : S;

/** The shape of an operand; numbers are scalars. */
export type ShapeOf<T> = [T] extends [number] ? [] : [T] extends [Tensor<infer S>] ? S : Shape;

type IsLiteral<D extends Dim> = null extends D ? false : number extends D ? false : true;

/** Whether sizes may turn out equal. */
type MayEqual<A extends Dim, B extends Dim> =
  IsLiteral<A> extends true
    ? IsLiteral<B> extends true
      ? [Extract<A, B>] extends [never]
        ? false
        : true
      : true
    : true;

/** What two shapes broadcast to by NumPy's rules; a text in place of a size where they do not. */
type BroadcastDims<A extends Shape, B extends Shape, Out extends readonly unknown[] = []> = A extends readonly [
  ...infer RestA extends Shape,
  infer D extends Dim,
]
  ? B extends readonly [...infer RestB extends Shape, infer E extends Dim]
    ? BroadcastDims<RestA, RestB, [BroadcastDim<D, E>, ...Out]>
    : B extends readonly []
      ? [...A, ...Out]
      : Shape
  : A extends readonly []
    ? number extends B['length']
      ? Shape
      : [...B, ...Out]
    : Shape;

type BroadcastDim<A extends Dim, B extends Dim> = [B] extends [1]
  ? A
  : [A] extends [1]
    ? B
    : MayEqual<A, B> extends false
      ? `sizes ${A} and ${B} do not broadcast: they must be equal, or one of them 1`
      : IsLiteral<A> extends true
        ? A
        : IsLiteral<B> extends true
          ? B
          : A | B;

/** The shape two operands broadcast to. */
export type Broadcast<A extends Shape, B extends Shape> = BroadcastDims<A, B> extends infer S extends Shape ? S : Shape;

/** Asked of the second operand's type: nothing where it broadcasts to the first, else a text that says why not. */
export type Broadcasts<A, B> = Fault<Extract<BroadcastDims<ShapeOf<A>, ShapeOf<B>>[number], string>>;

type Fault<Text extends string> = [Text] extends [never] ? unknown : Text;

/** `A` with its two axes swapped if `T`. */
type Oriented<A extends Shape, T extends boolean> = A extends readonly [infer M extends Dim, infer K extends Dim]
  ? T extends true
    ? [K, M]
    : [M, K]
  : [Dim, Dim];

/** The shape of a matrix product. */
export type Product<A extends Shape, B extends Shape, TA extends boolean, TB extends boolean> = Tuple<
  [Oriented<A, TA>[0], Oriented<B, TB>[1]]
>;

/** Asked of a matrix product's operand: that it is a matrix. */
export type IsMatrix<A extends Shape> = Fault<
  number extends A['length'] ? never : A['length'] extends 2 ? never : 'matmul takes matrices: reshape this to two axes'
>;

/** Asked of a matrix product's second operand: that its rows fit the first's columns. */
export type Multiplies<A extends Shape, B extends Shape, TA extends boolean, TB extends boolean> = IsMatrix<B> &
  Fault<
    MayEqual<Oriented<A, TA>[1], Oriented<B, TB>[0]> extends true
      ? never
      : `matmul: columns of ${Oriented<A, TA>[1]} against rows of ${Oriented<B, TB>[0]} do not fit`
  >;

/** Axes as given to a reduction. */
export type Axes = number | readonly number[] | undefined;

type Negative<N extends number> = `-${N}` extends `${infer M extends number}` ? M : never;

/** `S` reduced over axes: without them, or with size 1 in their place if `Keep`. */
export type Reduced<S extends Shape, A extends Axes, Keep extends boolean> = boolean extends Keep
  ? Shape
  : [A] extends [undefined]
    ? Keep extends true
      ? { -readonly [Axis in keyof S]: 1 }
      : []
    : number extends AxisOf<A> | S['length']
      ? Shape
      : ReducedOver<S, AxisOf<A>, Keep>;

type AxisOf<A extends Axes> = A extends readonly number[] ? A[number] : A;

type ReducedOver<
  S extends Shape,
  A,
  Keep extends boolean,
  Done extends Shape = [],
  Out extends Shape = [],
> = S extends readonly [infer D extends Dim, ...infer Rest extends Shape]
  ? ReducedOver<
      Rest,
      A,
      Keep,
      [...Done, D],
      [Extract<A, Done['length'] | Negative<S['length']>>] extends [never]
        ? [...Out, D]
        : Keep extends true
          ? [...Out, 1]
          : Out
    >
  : Out;

/** `S` with a new axis of size 1. */
export type Expanded<S extends Shape, A extends Axes, Before extends Shape = []> = number extends S['length']
  ? Shape
  : [A] extends [Before['length'] | Negative<[...S, 1]['length']>]
    ? [...Before, 1, ...S]
    : S extends readonly [infer D extends Dim, ...infer Rest extends Shape]
      ? Expanded<Rest, A, [...Before, D]>
      : Shape;

/** The shape `T` asked of a tensor of shape `S`: `null` keeps a size, -1 takes what is left over. */
export type Reshaped<S extends Shape, T extends Shape> = Tuple<{
  [Axis in keyof T]: T[Axis] extends -1
    ? Dim
    : T[Axis] extends null
      ? Axis extends keyof S
        ? Extract<S[Axis], Dim>
        : Dim
      : T[Axis];
}>;

/** `S` with its axes in the order `P`, by default reversed. */
export type Transposed<S extends Shape, P extends readonly number[] | undefined> = number extends S['length']
  ? Shape
  : P extends readonly number[]
    ? number extends P['length']
      ? Shape
      : Tuple<{ [Axis in keyof P]: P[Axis] extends keyof S ? Extract<S[P[Axis]], Dim> : Dim }>
    : Reversed<S>;

type Reversed<S extends Shape> = S extends readonly [infer D extends Dim, ...infer Rest extends Shape]
  ? [...Reversed<Rest>, D]
  : [];

/** The shape of rows picked by indices of shape `I`. */
export type Gathered<S extends Shape, I extends Shape> = S extends readonly [Dim, ...infer Row extends Shape]
  ? number extends I['length']
    ? Shape
    : [...I, ...Row]
  : Shape;

/** Asked of labels: the shape of the logits. */
export type SameShape<A extends Shape, B extends Shape> = number extends A['length'] | B['length']
  ? unknown
  : A extends readonly [infer D extends Dim, ...infer RestA extends Shape]
    ? B extends readonly [infer E extends Dim, ...infer RestB extends Shape]
      ? MayEqual<D, E> extends true
        ? SameShape<RestA, RestB>
        : `sizes ${D} and ${E} differ: labels need the shape of the logits`
      : 'labels need as many axes as the logits'
    : B extends readonly []
      ? unknown
      : 'labels need as many axes as the logits';
