/**
 * Shape arithmetic in types: the shape of an op's result, and the message an editor shows where operands do not fit.
 * A size known only at run time is `number`, a size that feeds decide is `null`. A shape of unknown rank is `Shape`: it fits
 * everything, and results computed from it have unknown shapes.
 */
import type { Dim, Shape } from './shape.ts';
import type { Tensor } from './tensor.ts';

/** `S` without `readonly`, the form of shapes in `Tensor<[null, 10]>`. */
export type Tuple<S extends Shape> = S extends readonly [...infer T extends Dim[]] ? T : S;

/** The shape of an operand; numbers are scalars. */
export type ShapeOf<T> = [T] extends [number] ? [] : [T] extends [Tensor<infer S>] ? S : Shape;

type IsLiteral<D extends Dim> = null extends D ? false : number extends D ? false : true;

/** `true` where the sizes may be equal at run time. */
type MayEqual<A extends Dim, B extends Dim> =
  IsLiteral<A> extends true
    ? IsLiteral<B> extends true
      ? [Extract<A, B>] extends [never]
        ? false
        : true
      : true
    : true;

/** The shape that two shapes broadcast to by NumPy's rules; a message in place of a size where they do not. */
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

/** The shape that two operands broadcast to. */
export type Broadcast<A extends Shape, B extends Shape> = BroadcastDims<A, B> extends infer S extends Shape ? S : Shape;

/** Constraint on a second operand: `unknown` where it broadcasts to the first, else a message with the reason. */
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

/** The shape of products of the matrices in the last two axes; one of the operands may be a single matrix. */
export type BatchProduct<
  A extends Shape,
  B extends Shape,
  TA extends boolean,
  TB extends boolean,
> = A extends readonly [...infer LeadA extends Shape, infer A1 extends Dim, infer A2 extends Dim]
  ? B extends readonly [...infer LeadB extends Shape, infer B1 extends Dim, infer B2 extends Dim]
    ? [...(LeadA extends readonly [] ? LeadB : LeadA), ...Product<[A1, A2], [B1, B2], TA, TB>]
    : Shape
  : Shape;

/** Constraint on an operand of a matrix product: it is a matrix. */
export type IsMatrix<A extends Shape> = Fault<
  number extends A['length'] ? never : A['length'] extends 2 ? never : 'matmul takes matrices: reshape this to two axes'
>;

/** Constraint on the second operand of a matrix product: its rows fit the first operand's columns. */
export type Multiplies<A extends Shape, B extends Shape, TA extends boolean, TB extends boolean> = IsMatrix<B> &
  Fault<
    MayEqual<Oriented<A, TA>[1], Oriented<B, TB>[0]> extends true
      ? never
      : `matmul: columns of ${Oriented<A, TA>[1]} against rows of ${Oriented<B, TB>[0]} do not fit`
  >;

/** The `axis` argument of a reduction. */
export type Axes = number | readonly number[] | undefined;

type Negative<N extends number> = `-${N}` extends `${infer M extends number}` ? M : never;

/** `S` without the reduced axes, or with size 1 in their place if `Keep`. */
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

/** The result of reshaping `S` to `T`: `null` keeps a size, -1 is inferred from the others. */
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

/** The shape of rows of `S` selected by indices of shape `I`. */
export type Gathered<S extends Shape, I extends Shape> = S extends readonly [Dim, ...infer Row extends Shape]
  ? number extends I['length']
    ? Shape
    : [...I, ...Row]
  : Shape;

/** Constraint on labels: they have the shape of the logits. */
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
