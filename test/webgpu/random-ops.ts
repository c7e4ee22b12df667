/**
 * The parts of random graphs: each maker turns one or two values into another, or returns nothing if they do not fit. It
 * tracks the magnitude of the numbers, their exactness in float32, and whether their gradients are comparable: at a kink (of
 * relu, of a maximum) the gradient depends on a rounding error.
 */
import {
  abs,
  add,
  argMax,
  argMin,
  batchMatmul,
  cast,
  clip,
  concat,
  constant,
  div,
  dropout,
  elu,
  equal,
  exp,
  expandDims,
  gather,
  greater,
  identity,
  less,
  log,
  logSoftmax,
  matmul,
  maximum,
  minimum,
  mod,
  mul,
  neg,
  oneHot,
  pad,
  reduceMax,
  reduceMean,
  reduceMin,
  reduceSum,
  relu,
  reshape,
  reverse,
  sigmoid,
  sin,
  slice,
  softmax,
  square,
  squeeze,
  stack,
  sub,
  tanh,
  tile,
  topK,
  transpose,
  where,
  type Tensor,
} from '../../src/index.ts';

/** A value of a random graph. */
export interface Node {
  readonly tensor: Tensor;
  readonly shape: readonly number[];
  /** No element is larger. */
  readonly bound: number;
  /** Whole numbers that float32 has exactly, whatever order they are summed in. */
  readonly exact: boolean;
  /** Whether the gradients of what it depends on do not jump within rounding. */
  readonly smooth: boolean;
}

/** What a maker says of its result; what it leaves out is as in its operands. */
interface Made {
  readonly tensor: Tensor;
  readonly bound?: number;
  readonly exact?: boolean;
  readonly smooth?: boolean;
}

type Maker = (a: Node, b: Node, how: number) => Made | undefined;

/** Sums beyond this are cut off: float32 has whole numbers up to 2²⁴. */
const EXACT_LIMIT = 2 ** 22;

/** `clip(a)` where `a` may be larger than `limit`. */
function within(a: Node, limit: number): Made {
  return a.bound <= limit
    ? a
    : { tensor: clip(a.tensor, -limit, limit), bound: limit, exact: a.exact, smooth: a.smooth && a.exact };
}

export const product = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Whole numbers from -4 to 4. */
export function wholeNumbers(length: number, seed: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => (((i + 7 * seed) * 37 + seed) % 9) - 4);
}

/** One op on one of the values so far, or on two; all numbers are taken modulo what there is. */
export type Instruction = readonly [op: number, a: number, b: number, how: number];

/** What an instruction makes, if anything. */
export function perform([op, ia, ib, how]: Instruction, nodes: readonly Node[]): Node | undefined {
  // Half of the operands are among the latest values: graphs become deep.
  const pick = (i: number): Node | undefined =>
    i >= 16 ? nodes.at(-1 - (i % Math.min(3, nodes.length))) : nodes[i % nodes.length];
  const [a, b] = [pick(ia), pick(ib)];
  if (a === undefined || b === undefined) return undefined;
  try {
    const made = MAKERS[op % MAKERS.length]?.(a, b, how);
    if (made === undefined) return undefined;
    const { tensor, bound = a.bound, exact = a.exact && b.exact, smooth = a.smooth && b.smooth } = made;
    const shape = tensor.shape as readonly number[];
    return { shape, bound, exact, smooth, ...within({ tensor, shape, bound, exact, smooth }, EXACT_LIMIT) };
  } catch (error) {
    if (error instanceof Error && error.name === 'GraphError') return undefined;
    throw error;
  }
}

const one =
  (make: (x: Tensor) => Tensor, bound = (x: number): number => x, traits: Partial<Made> = {}): Maker =>
  (a) => ({ exact: a.exact, smooth: a.smooth, ...traits, tensor: make(a.tensor), bound: bound(a.bound) });

const two =
  (make: (x: Tensor, y: Tensor) => Tensor, bound: (x: number, y: number) => number): Maker =>
  (a, b) => ({ tensor: make(a.tensor, b.tensor), bound: bound(a.bound, b.bound) });

/** With a kink, where only exact operands are on a known side. */
const kinked =
  (maker: Maker): Maker =>
  (a, b, how) => {
    const made = maker(a, b, how);
    return made && { ...made, smooth: a.smooth && b.smooth && a.exact && b.exact };
  };

/** With a jump: only of exact operands. */
const jumping =
  (maker: Maker): Maker =>
  (a, b, how) =>
    a.exact && b.exact ? maker(a, b, how) : undefined;

const view =
  (make: (a: Node, how: number) => Tensor): Maker =>
  (a, _, how) => ({ tensor: make(a, how), exact: a.exact, smooth: a.smooth });

const reduction =
  (make: (x: Tensor, options: { axis: number[]; keepDims: boolean }) => Tensor, sums: boolean): Maker =>
  (a, _, how) => {
    const axis = a.shape.map((_size, i) => i).filter((i) => ((how >> i) & 1) === 1);
    const count = product(axis.map((i) => a.shape[i] ?? 1));
    const tensor = make(a.tensor, { axis, keepDims: (how & 8) !== 0 });
    return { tensor, bound: sums ? a.bound * count : a.bound, exact: a.exact, smooth: a.smooth };
  };

const inexact =
  (maker: Maker): Maker =>
  (a, b, how) => {
    const made = maker(a, b, how);
    return made && { ...made, exact: false };
  };

const SMALL = 8;
const small = (a: Node): Tensor => within(a, SMALL).tensor;

const MAKERS: readonly Maker[] = [
  two(
    (x, y) => add(x, y),
    (x, y) => x + y,
  ),
  two(
    (x, y) => sub(x, y),
    (x, y) => x + y,
  ),
  two(
    (x, y) => mul(x, y),
    (x, y) => x * y,
  ),
  kinked(two((x, y) => maximum(x, y), Math.max)),
  kinked(two((x, y) => minimum(x, y), Math.max)),
  one(neg),
  kinked(one(relu)),
  kinked(one(abs)),
  one(square, (x) => x * x),
  one(
    (x) => mul(x, 2),
    (x) => 2 * x,
  ),
  one(
    (x) => sub(3, x),
    (x) => x + 3,
  ),
  one((x) => identity(x, 'named')),
  one(
    (x) => dropout(x, 0.5),
    (x) => 2 * x,
  ),
  one(tanh, () => 1, { exact: false }),
  one(sigmoid, () => 1, { exact: false }),
  inexact(kinked((a) => ({ tensor: exp(small(a)), bound: Math.exp(SMALL) }))),
  inexact((a) => ({ tensor: log(add(1, square(small(a)))), bound: SMALL, smooth: a.smooth && a.bound <= SMALL })),
  inexact(two((x, y) => div(x, add(1, square(y))), Math.max)),
  jumping(
    two(
      (x, y) => cast(greater(x, y), 'float32'),
      () => 1,
    ),
  ),
  jumping(
    two(
      (x, y) => cast(equal(x, y), 'float32'),
      () => 1,
    ),
  ),
  jumping(two((x, y) => where(less(x, 0), y, x), Math.max)),
  reduction(reduceSum, true),
  reduction(reduceSum, true),
  inexact(reduction(reduceMean, false)),
  kinked(reduction(reduceMax, false)),
  kinked(reduction(reduceMin, false)),
  jumping((a, _, how) => ({ tensor: cast(argMax(a.tensor, how % a.shape.length), 'float32'), bound: 33 })),
  inexact(kinked((a) => ({ tensor: softmax(small(a)), bound: 1 }))),
  inexact(kinked((a) => ({ tensor: logSoftmax(small(a)), bound: 24 }))),
  matrices,
  matrices,
  matrices,
  view((a, how) => transpose(a.tensor, permutation(a.shape.length, how))),
  view((a, how) => transpose(a.tensor, permutation(a.shape.length, how))),
  view((a, how) => reshape(a.tensor, reshaped(a.shape, how))),
  view((a, how) => reshape(a.tensor, reshaped(a.shape, how))),
  view((a, how) => expandDims(a.tensor, how % (a.shape.length + 1))),
  view((a) => squeeze(a.tensor)),
  view((a, how) => {
    const begin = a.shape.map((size, i) => (how >> i) % size);
    return slice(
      a.tensor,
      begin,
      a.shape.map(() => -1),
    );
  }),
  view((a, how) =>
    pad(
      a.tensor,
      a.shape.map((_, i) => [(how >> i) & 1, (how >> (i + 2)) & 1]),
    ),
  ),
  (a, b, how) => ({
    tensor: concat([a.tensor, b.tensor], how % Math.max(1, a.shape.length)),
    bound: Math.max(a.bound, b.bound),
  }),
  jumping((a, b) => (product(b.shape) < 200 ? { tensor: gather(a.tensor, cast(b.tensor, 'int32')) } : undefined)),
  jumping((a) => (a.shape.length < 3 ? { tensor: oneHot(cast(a.tensor, 'int32'), 5), bound: 1 } : undefined)),
  (a, _, how) => {
    const width = a.shape.at(-1) ?? 1;
    return { tensor: mul(a.tensor, constant(wholeNumbers(width, how), [width])), bound: a.bound * 4 };
  },
  one(
    (x) => add(x, constant([[1], [2], [3]])),
    (x) => x + 3,
  ),
  inexact((a) => ({ tensor: sin(small(a)), bound: 1, smooth: a.smooth && a.bound <= SMALL })),
  inexact(kinked((a) => ({ tensor: elu(small(a)), bound: SMALL }))),
  jumping((a) => ({ tensor: mod(a.tensor, 3), bound: 3 })),
  jumping((a, _, how) => ({ tensor: cast(argMin(a.tensor, how % a.shape.length), 'float32'), bound: 33 })),
  jumping((a) => ({ tensor: topK(a.tensor, Math.min(2, a.shape.at(-1) ?? 0)).values })),
  view((a, how) => reverse(a.tensor, how % a.shape.length)),
  view((a, how) =>
    tile(
      a.tensor,
      Array.from(a.shape, (_, i) => 1 + ((how >> i) & 1)),
    ),
  ),
  view((a, how) => stack([a.tensor, a.tensor], how % (a.shape.length + 1))),
  (a, b, how) => ({
    tensor: batchMatmul(a.tensor, b.tensor, { transposeA: (how & 1) === 1, transposeB: (how & 2) === 2 }),
    bound: a.bound * b.bound * (a.shape.at((how & 1) === 1 ? -2 : -1) ?? 1),
  }),
];

/** A matrix product, in the first orientation that fits; operands are made matrices. */
function matrices(a: Node, b: Node, how: number): Made | undefined {
  const [x, y] = [a, b].map(({ tensor, shape }) => {
    const last = shape.at(-1) ?? 1;
    return shape.length === 2 ? tensor : reshape(tensor, [product(shape) / last, last]);
  });
  if (x === undefined || y === undefined) return undefined;
  for (let turn = how; turn < how + 4; turn++) {
    const [transposeA, transposeB] = [(turn & 1) === 1, (turn & 2) === 2];
    const length = x.shape[transposeA ? 0 : 1] ?? 1;
    if (length === y.shape[transposeB ? 1 : 0])
      return { tensor: matmul(x, y, { transposeA, transposeB }), bound: a.bound * b.bound * length };
  }
  return undefined;
}

function permutation(rank: number, how: number): number[] {
  const turned = Array.from({ length: rank }, (_, axis) => (axis + how) % rank);
  return (how & 32) !== 0 ? turned.reverse() : turned;
}

function reshaped(shape: readonly number[], how: number): number[] {
  const size = product(shape);
  const divisors = [1, 2, 3, 5, 7, 17, 33].filter((divisor) => size % divisor === 0);
  const first = divisors[how % divisors.length] ?? 1;
  return (how & 32) !== 0 ? [size] : (how & 16) !== 0 ? [first, size / first] : [size / first, first, 1];
}
