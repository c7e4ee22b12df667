/**
 * Every op with its test inputs: the CPU against float64 differences here, WebGPU against the CPU elsewhere. A new op is a
 * new row; `table.test.ts` fails for an export without one. Sizes are odd on purpose: 1, 3, 7, 17, 65, 257. All rows run in
 * training mode.
 */
import {
  abs,
  add,
  argMax,
  argMin,
  avgPool2d,
  batchMatmul,
  batchNormalization,
  cast,
  ceil,
  clip,
  concat,
  conv2d,
  cos,
  div,
  dropout,
  elu,
  equal,
  erf,
  exp,
  expandDims,
  expm1,
  flatten,
  floor,
  gather,
  gelu,
  greater,
  greaterEqual,
  identity,
  isFinite,
  isNaN,
  leakyRelu,
  less,
  lessEqual,
  log,
  log1p,
  logicalAnd,
  logicalNot,
  logicalOr,
  logSoftmax,
  matmul,
  maximum,
  maxPool2d,
  minimum,
  mod,
  mul,
  neg,
  notEqual,
  oneHot,
  pad,
  placeholder,
  pow,
  randomNormal,
  randomUniform,
  range,
  reciprocal,
  reduceMax,
  reduceMean,
  reduceMin,
  reduceSum,
  relu,
  reshape,
  reverse,
  round,
  sigmoid,
  sigmoidCrossEntropy,
  sign,
  silu,
  sin,
  slice,
  softmax,
  softmaxCrossEntropy,
  softplus,
  split,
  sqrt,
  square,
  squeeze,
  stack,
  stopGradient,
  sub,
  tanh,
  tile,
  topK,
  transpose,
  unstack,
  variable,
  where,
  zeros,
  type Conv2dOptions,
  type DType,
  type Placeholder,
  type PoolOptions,
  type Shape,
  type Tensor,
  type Variable,
} from '../../src/index.ts';
import { bell, choose, damped, softsign } from './own-ops.ts';

/** An input: `null` sizes are the batch, one for all inputs of a case. */
export interface OpInput {
  readonly shape: Shape;
  readonly dtype: DType;
  /** The element at flat index i. */
  readonly values: (i: number) => number;
}

export interface OpCase {
  /** The export it tests. */
  readonly op: string;
  /** Unique in the table. */
  readonly name: string;
  readonly inputs: readonly OpInput[];
  build(...inputs: Tensor[]): Tensor;
  /** Whether gradients flow to its float32 inputs (and the values stay away from kinks). */
  readonly differentiable: boolean;
  /** Whether every backend gives the same bits. */
  readonly exact: boolean;
}

/** The batches a case with `null` sizes is run at. */
export const BATCHES = [1, 3];

/** A shape at a batch. */
export function shapeAt(shape: Shape, batch: number): number[] {
  return shape.map((dim) => dim ?? batch);
}

/** The elements of an input at a batch. */
export function valuesAt({ shape, values }: OpInput, batch: number): number[] {
  const length = shapeAt(shape, batch).reduce((product, dim) => product * dim, 1);
  return Array.from({ length }, (_, i) => values(i));
}

/** The batches a case is run at: one that means nothing where no size is `null`. */
export function batchesOf({ inputs }: OpCase): readonly number[] {
  return inputs.some(({ shape }) => shape.includes(null)) ? BATCHES : [1];
}

/** Placeholders for the inputs of a case, `null` where the batch is. */
export function placeholdersOf({ inputs }: OpCase): Placeholder[] {
  return inputs.map(({ shape, dtype }, i): Placeholder => placeholder(`input${i}`, shape, dtype));
}

/** Numbers in (low, high), no two alike, in no order; `phase` gives another sequence. */
export function between(low: number, high: number, phase = 0): (i: number) => number {
  return (i) => low + (high - low) * (((i + 1) * 0.6180339887498949 + phase) % 1);
}

/** Such numbers with magnitudes in (low, high), of either sign. */
function bothSigns(low: number, high: number, phase = 0): (i: number) => number {
  const magnitude = between(low, high, phase);
  return (i) => (i % 3 === 1 ? -1 : 1) * magnitude(i);
}

/** Whole numbers from low to high, both included. */
function whole(low: number, high: number, phase = 0): (i: number) => number {
  const number = between(low, high + 1, phase);
  return (i) => Math.floor(number(i));
}

function float(shape: Shape, values = bothSigns(0.1, 2)): OpInput {
  return { shape, dtype: 'float32', values };
}

function int(shape: Shape, values = whole(-9, 9)): OpInput {
  return { shape, dtype: 'int32', values };
}

function bool(shape: Shape): OpInput {
  return { shape, dtype: 'bool', values: (i) => Number(i % 3 === 0 || i % 7 === 2) };
}

type Build = (...inputs: Tensor[]) => Tensor;
interface Traits {
  readonly exact?: boolean;
  readonly differentiable?: boolean;
}

/** A row. Differentiable, and equal up to rounding, unless told otherwise. */
function row(op: string, what: string, inputs: readonly OpInput[], build: Build, traits: Traits = {}): OpCase {
  return { op, name: `${op}: ${what}`, inputs, build, differentiable: true, exact: false, ...traits };
}

const EXACT = { exact: true };
const DISCRETE = { exact: true, differentiable: false };

/** An elementwise op of one operand: a batch of rows, and a scalar. */
function unary(op: string, build: (x: Tensor) => Tensor, values: (i: number) => number, traits?: Traits): OpCase[] {
  return [
    row(op, 'rows', [float([null, 17], values)], (x) => build(x), traits),
    row(op, 'scalar', [float([], values)], (x) => build(x), traits),
  ];
}

/** An elementwise op of two operands: alike, broadcast both ways, with a batch of either, and with a number. */
function binary(
  op: string,
  build: (a: Tensor | number, b: Tensor | number) => Tensor,
  a: (i: number) => number,
  b: (i: number) => number,
  traits?: Traits,
): OpCase[] {
  const of: Build = (x, y) => build(x, y);
  return [
    row(op, 'alike', [float([null, 7], a), float([null, 7], b)], of, traits),
    row(op, 'by a row', [float([null, 65], a), float([65], b)], of, traits),
    row(op, 'of a row', [float([7], a), float([null, 7], b)], of, traits),
    row(op, 'both ways', [float([7, 1, 3], a), float([null, 1], b)], of, traits),
    row(op, 'by a batch', [float([3, 7], a), float([null, 7], b)], of, traits),
    row(op, 'by a scalar', [float([257], a), float([], b)], of, traits),
    row(op, 'by a number', [float([null, 3], a)], (x) => build(x, 1.5), traits),
    row(op, 'of a number', [float([null, 3], b)], (x) => build(1.5, x), traits),
  ];
}

/** The same on whole numbers. */
function integers(op: string, build: (a: Tensor, b: Tensor) => Tensor): OpCase {
  return row(op, 'int32', [int([null, 17]), int([17], whole(1, 6, 0.3))], (a, b) => build(a, b), DISCRETE);
}

/** A comparison: of numbers some of which are equal. */
function comparison(op: string, build: (a: Tensor, b: Tensor) => Tensor): OpCase[] {
  const of: Build = (a, b) => build(a, b);
  return [
    row(op, 'float32', [float([null, 17], whole(-2, 2)), float([17], whole(-2, 2, 0.4))], of, DISCRETE),
    row(op, 'int32', [int([7, 1], whole(-2, 2)), int([null, 1, 3], whole(-2, 2, 0.4))], of, DISCRETE),
  ];
}

/** A reduction: over all axes, the last, a leading and a middle one, several, with and without keepDims. */
function reduction(
  op: string,
  build: (x: Tensor, options?: { axis?: number | number[]; keepDims?: boolean }) => Tensor,
  traits?: Traits,
): OpCase[] {
  return [
    row(op, 'all', [float([null, 65])], (x) => build(x), traits),
    row(op, 'all, kept', [float([3, 7])], (x) => build(x, { keepDims: true }), traits),
    row(op, 'the last', [float([null, 257])], (x) => build(x, { axis: -1 }), traits),
    row(op, 'the first', [float([null, 17])], (x) => build(x, { axis: 0 }), traits),
    row(op, 'a middle one, kept', [float([null, 7, 3])], (x) => build(x, { axis: 1, keepDims: true }), traits),
    row(op, 'first and last', [float([3, null, 7])], (x) => build(x, { axis: [-1, 0] }), traits),
    row(op, 'a scalar', [float([])], (x) => build(x), traits),
    row(op, 'none', [float([null, 3])], (x) => build(x, { axis: [] }), traits),
  ];
}

/** Products of all four orientations, at sizes that fill no tile. */
function products(): OpCase[] {
  const sizes: readonly (readonly [number | null, number, number])[] = [
    [null, 7, 3],
    [17, 65, 1],
    [1, 257, 17],
  ];
  return sizes.flatMap(([M, K, N]) =>
    [false, true].flatMap((transposeA) =>
      [false, true].map((transposeB) =>
        row(
          'matmul',
          `${M ?? 'batch'}×${K}×${N}${transposeA ? ' Aᵀ' : ''}${transposeB ? ' Bᵀ' : ''}`,
          [float(transposeA ? [K, M] : [M, K]), float(transposeB ? [N, K] : [K, N], bothSigns(0.1, 1, 0.5))],
          (a, b) => matmul(a, b, { transposeA, transposeB }),
        ),
      ),
    ),
  );
}

/** Products of matrices by batches: all orientations, several leading axes, and a single matrix on either side. */
function batchProducts(): OpCase[] {
  const sizes: readonly (readonly [Shape, Shape, number, number, number])[] = [
    [[null], [null], 3, 7, 5],
    [[3, null], [3, null], 1, 17, 3],
    [[null], [], 3, 7, 5],
    [[], [null, 2], 3, 7, 1],
  ];
  return sizes.flatMap(([leadA, leadB, M, K, N]) =>
    [false, true].flatMap((transposeA) =>
      [false, true].map((transposeB) =>
        row(
          'batchMatmul',
          `${leadA.length} and ${leadB.length} more axes, ${M}×${K}×${N}${transposeA ? ' Aᵀ' : ''}${transposeB ? ' Bᵀ' : ''}`,
          [
            float([...leadA, ...(transposeA ? [K, M] : [M, K])]),
            float([...leadB, ...(transposeB ? [N, K] : [K, N])], bothSigns(0.1, 1, 0.5)),
          ],
          (a, b) => batchMatmul(a, b, { transposeA, transposeB }),
        ),
      ),
    ),
  );
}

/** Convolutions: odd images, filters and strides, both paddings, filters as large as the image. */
function convolutions(): OpCase[] {
  const cases: readonly (readonly [[number, number, number], [number, number, number], Conv2dOptions])[] = [
    [[7, 5, 3], [3, 3, 5], {}],
    [[7, 5, 3], [3, 2, 5], { padding: 'same' }],
    [[8, 7, 1], [5, 3, 2], { padding: 'same', strides: [3, 2] }],
    [[9, 7, 2], [2, 3, 3], { strides: [2, 3] }],
    [[3, 5, 2], [3, 5, 7], {}],
    [[5, 4, 3], [1, 1, 33], { strides: 3 }],
    // Filters whose adjoint is a loop.
    [[9, 8, 2], [7, 6, 3], { padding: 'same' }],
    [[9, 9, 1], [9, 7, 2], { padding: 'same', strides: [1, 2] }],
  ];
  return cases.map(([[h, w, c], [fh, fw, n], options]) =>
    row(
      'conv2d',
      `${h}×${w}×${c} by ${fh}×${fw}×${n} ${JSON.stringify(options)}`,
      [float([null, h, w, c]), float([fh, fw, c, n], bothSigns(0.1, 1, 0.5))],
      (x, filters) => conv2d(x, filters, options),
    ),
  );
}

/** Batch normalisations: a batch of rows, one row, images; far from zero, where a variance by squares would be lost. */
function normalizations(): OpCase[] {
  const cases: readonly (readonly [string, Shape, (i: number) => number, number?])[] = [
    ['rows', [null, 7], bothSigns(0.1, 2)],
    ['many rows', [257, 3], bothSigns(0.1, 2)],
    ['images', [null, 5, 3, 9], bothSigns(0.1, 2)],
    ['far from zero', [17, 3], between(10, 11), 0.01],
  ];
  return cases.map(([what, shape, values, epsilon]) => {
    const channels = shape.slice(-1).map(Number);
    const moving = (name: string): Variable => variable(`${what} ${name}`, zeros(channels), { trainable: false });
    const options = { movingMean: moving('mean'), movingVariance: moving('variance'), epsilon };
    return row(
      'batchNormalization',
      what,
      [float(shape, values), float(channels, between(0.5, 2)), float(channels)],
      (x, gamma, beta) => batchNormalization(x, { gamma, beta, ...options }),
    );
  });
}

/** Poolings: windows that tile, leave a rest, overlap, reach into the margin. */
function poolings(op: string, pool: typeof maxPool2d, facts: Partial<OpCase> = {}): OpCase[] {
  const cases: readonly PoolOptions[] = [
    { size: 2 },
    { size: [3, 2], padding: 'same' },
    { size: 3, strides: [1, 2] },
    { size: [2, 3], strides: [3, 1], padding: 'same' },
    { size: 3, strides: 2, padding: 'same' },
    { size: 7, strides: 1, padding: 'same' },
  ];
  return cases.map((options) =>
    row(op, JSON.stringify(options), [float([null, 7, 5, 3])], (x) => pool(x, options), facts),
  );
}

const logits = bothSigns(0.5, 4);
const soft = between(0, 1, 0.2);

/** The table. */
export const opCases: readonly OpCase[] = [
  ...binary('add', add, bothSigns(0.1, 2), bothSigns(0.1, 2, 0.3)),
  integers('add', add),
  ...binary('sub', sub, bothSigns(0.1, 2), bothSigns(0.1, 2, 0.3)),
  integers('sub', sub),
  ...binary('mul', mul, bothSigns(0.1, 2), bothSigns(0.1, 2, 0.3)),
  integers('mul', mul),
  ...binary('div', div, bothSigns(0.1, 2), bothSigns(0.5, 2, 0.3)),
  integers('div', div),
  ...binary('mod', mod, bothSigns(0.1, 9), bothSigns(0.5, 2, 0.3)),
  integers('mod', mod),
  row('mod', 'int32 of either sign', [int([null, 17]), int([17], whole(-3, 3, 0.3))], (a, b) => mod(a, b), DISCRETE),
  row(
    'mod',
    'large quotients',
    [float([257], between(-1e6, 1e6)), float([257], bothSigns(0.5, 2, 0.3))],
    (a, b) => mod(a, b),
    {
      differentiable: false,
    },
  ),
  ...binary('pow', pow, between(0.3, 2), bothSigns(0.5, 3, 0.3)),
  row('pow', 'negative bases', [float([null, 17], bothSigns(0.5, 2))], (x) => pow(x, 3)),
  row('pow', 'of 0', [float([3], () => 0)], (x) => pow(x, 3)),
  row('pow', 'exponents 0', [float([null, 7], between(0.3, 2)), float([7], () => 0)], (a, b) => pow(a, b)),
  row('pow', 'whole exponents', [float([257], bothSigns(0.5, 2)), float([], () => -2)], (a, b) => pow(a, b), {
    differentiable: false,
  }),
  ...binary('maximum', maximum, bothSigns(0.1, 2), bothSigns(0.1, 2, 0.31), EXACT),
  integers('maximum', maximum),
  ...binary('minimum', minimum, bothSigns(0.1, 2), bothSigns(0.1, 2, 0.31), EXACT),
  integers('minimum', minimum),

  ...unary('neg', neg, bothSigns(0, 2), EXACT),
  ...unary('exp', exp, bothSigns(0, 3)),
  row('exp', 'saturated', [float([7], (i) => -40 * i)], (x) => exp(x), { differentiable: false }),
  ...unary('log', log, between(0.1, 5)),
  ...unary('log1p', log1p, between(-0.9, 5)),
  row('log1p', 'near 0', [float([17], bothSigns(0, 1e-6))], (x) => log1p(x), { differentiable: false }),
  ...unary('expm1', expm1, bothSigns(0, 3)),
  row('expm1', 'saturated', [float([7], (i) => -40 * i)], (x) => expm1(x), { differentiable: false }),
  ...unary('sin', sin, bothSigns(0, 9)),
  row('sin', 'large angles', [float([257], bothSigns(0, 1e4))], (x) => sin(x), { differentiable: false }),
  ...unary('cos', cos, bothSigns(0, 9)),
  row('cos', 'large angles', [float([257], bothSigns(0, 1e4))], (x) => cos(x), { differentiable: false }),
  ...unary('sqrt', sqrt, between(0.1, 5)),
  ...unary('square', square, bothSigns(0, 2)),
  ...unary('abs', abs, bothSigns(0.1, 2), EXACT),
  ...unary('sign', sign, whole(-2, 2), DISCRETE),
  ...unary('floor', floor, bothSigns(0, 5), DISCRETE),
  ...unary('ceil', ceil, bothSigns(0, 5), DISCRETE),
  ...unary('round', round, bothSigns(0, 5), DISCRETE),
  row('round', 'halves', [float([17], (i) => (i - 8) / 2)], (x) => round(x), DISCRETE),
  ...unary('reciprocal', reciprocal, bothSigns(0.5, 2)),
  ...unary('clip', (x) => clip(x, -1, 0.5), bothSigns(0.1, 2), EXACT),
  row(
    'clip',
    'by rows',
    [float([null, 7]), float([7], between(-2, -1)), float([7], between(0, 1))],
    (x, low, high) => clip(x, low, high),
    EXACT,
  ),
  ...unary('sigmoid', sigmoid, bothSigns(0, 5)),
  row('sigmoid', 'saturated', [float([3], (i) => 100 * (i - 1))], (x) => sigmoid(x)),
  ...unary('tanh', tanh, bothSigns(0, 3)),
  row('tanh', 'saturated', [float([3], (i) => 100 * (i - 1))], (x) => tanh(x)),
  ...unary('relu', relu, bothSigns(0.1, 2), EXACT),
  ...unary('leakyRelu', leakyRelu, bothSigns(0.1, 2)),
  ...unary('elu', (x) => elu(x), bothSigns(0.1, 4)),
  row('elu', 'a slope of its own', [float([null, 7], bothSigns(0.1, 200))], (x) => elu(x, 0.3)),
  ...unary('silu', silu, bothSigns(0, 5)),
  row('silu', 'saturated', [float([3], (i) => 100 * (i - 1))], (x) => silu(x)),
  ...unary('gelu', gelu, bothSigns(0, 4)),
  ...unary('erf', erf, bothSigns(0, 3)),
  row('erf', 'saturated', [float([3], (i) => 100 * (i - 1))], (x) => erf(x)),
  ...unary('softplus', softplus, bothSigns(0, 5)),
  row('softplus', 'saturated', [float([3], (i) => 100 * (i - 1))], (x) => softplus(x)),

  ...comparison('equal', equal),
  row('equal', 'bool', [bool([null, 17]), bool([])], (a, b) => equal(a, b), DISCRETE),
  ...comparison('notEqual', notEqual),
  ...comparison('less', less),
  ...comparison('lessEqual', lessEqual),
  ...comparison('greater', greater),
  ...comparison('greaterEqual', greaterEqual),
  ...unary('isNaN', isNaN, bothSigns(0, 2), DISCRETE),
  ...unary('isFinite', isFinite, bothSigns(0, 2), DISCRETE),
  row('logicalNot', 'rows', [bool([null, 17])], (x) => logicalNot(x), DISCRETE),
  ...[logicalAnd, logicalOr].flatMap((op) => [
    row(op.name, 'rows', [bool([null, 17]), bool([17])], (a, b) => op(a, b), DISCRETE),
    row(op.name, 'both ways', [bool([7, 1]), bool([null, 1, 3])], (a, b) => op(a, b), DISCRETE),
    row(op.name, 'of comparisons', [float([null, 7])], (x) => op(greater(x, -1), less(x, 1)), DISCRETE),
  ]),
  row('where', 'alike', [bool([null, 7]), float([null, 7]), float([null, 7], between(3, 4))], where3, EXACT),
  row('where', 'by rows', [bool([null, 1]), float([7]), float([], between(3, 4))], where3, EXACT),
  row('where', 'int32', [bool([65]), int([65]), int([1])], where3, DISCRETE),
  ...(['float32', 'int32', 'bool'] as const).flatMap((dtype) => [
    row('cast', `float32 to ${dtype}`, [float([null, 17], bothSigns(0, 5))], (x) => cast(x, dtype), DISCRETE),
    row('cast', `int32 to ${dtype}`, [int([null, 17])], (x) => cast(x, dtype), DISCRETE),
    row('cast', `bool to ${dtype}`, [bool([null, 17])], (x) => cast(x, dtype), DISCRETE),
  ]),

  ...reduction('reduceSum', reduceSum),
  row('reduceSum', 'int32', [int([7, null])], (x) => reduceSum(x, { axis: 0 }), DISCRETE),
  ...reduction('reduceMean', reduceMean),
  ...reduction('reduceMax', reduceMax, EXACT),
  row('reduceMax', 'int32', [int([7, null])], (x) => reduceMax(x, { axis: 0 }), DISCRETE),
  row('reduceMax', 'ties', [float([null, 17], whole(0, 2))], (x) => reduceMax(x, { axis: 1 }), DISCRETE),
  ...reduction('reduceMin', reduceMin, EXACT),
  row('argMax', 'the last', [float([null, 257])], (x) => argMax(x, -1), DISCRETE),
  row('argMax', 'the first', [float([17, null])], (x) => argMax(x, 0), DISCRETE),
  row('argMax', 'a middle one', [float([3, 7, null])], (x) => argMax(x, 1), DISCRETE),
  row('argMax', 'ties', [float([null, 17], whole(0, 2))], (x) => argMax(x, 1), DISCRETE),
  row('argMax', 'int32', [int([null, 17])], (x) => argMax(x, 1), DISCRETE),
  row('argMin', 'the last', [float([null, 257])], (x) => argMin(x, -1), DISCRETE),
  row('argMin', 'the first', [float([17, null])], (x) => argMin(x, 0), DISCRETE),
  row('argMin', 'ties', [float([null, 17], whole(0, 2))], (x) => argMin(x, 1), DISCRETE),
  row('argMin', 'int32', [int([null, 17])], (x) => argMin(x, 1), DISCRETE),
  row('topK', 'values', [float([null, 17])], (x) => topK(x, 3).values, EXACT),
  row('topK', 'indices', [float([null, 17])], (x) => topK(x, 3).indices, DISCRETE),
  row('topK', 'the indices of ties', [float([3, null, 17], whole(-2, 2))], (x) => topK(x, 5).indices, DISCRETE),
  row('topK', 'all of a vector', [float([7])], (x) => topK(x, 7).values, EXACT),
  row('topK', 'one', [float([null, 65])], (x) => topK(x, 1).values, EXACT),
  row('oneHot', 'labels', [int([null], whole(0, 6))], (x) => oneHot(x, 7), DISCRETE),
  row('oneHot', 'some out of range', [int([3, null], whole(-2, 4))], (x) => oneHot(x, 3), DISCRETE),
  row('gather', 'rows', [float([7, 3]), int([null], whole(0, 6))], (x, i) => gather(x, i), EXACT),
  row('gather', 'of a vector', [float([17]), int([null, 3], whole(0, 16))], (x, i) => gather(x, i), EXACT),
  row('gather', 'of a batch', [float([null, 3, 2]), int([7], whole(0, 2))], (x, i) => gather(x, i), EXACT),
  row('gather', 'some out of range', [float([3, 65]), int([7], whole(-2, 4))], (x, i) => gather(x, i), EXACT),

  ...products(),
  ...batchProducts(),
  ...convolutions(),
  ...normalizations(),
  ...unary('defineOp', softsign, bothSigns(0.1, 3)),
  row('defineOp', 'bell', [float([null, 65], bothSigns(0.1, 2))], (x) => bell(x)),
  ...binary('defineOp', damped, bothSigns(0.3, 2), bothSigns(0.3, 2, 0.3)),
  row('defineOp', 'three', [float([null, 7]), float([3, 1, 1]), float([7])], (a, b, t) => choose(a, b, t)),
  ...poolings('maxPool2d', maxPool2d, EXACT),
  ...poolings('avgPool2d', avgPool2d),
  ...[softmax, logSoftmax].flatMap((op) => [
    row(op.name, 'rows', [float([null, 7], logits)], (x) => op(x)),
    row(op.name, 'a vector', [float([257], logits)], (x) => op(x)),
    row(op.name, 'one class', [float([null, 1], logits)], (x) => op(x)),
    row(op.name, 'three axes', [float([null, 3, 17], logits)], (x) => op(x)),
    row(op.name, 'saturated', [float([null, 3], bothSigns(200, 900))], (x) => op(x)),
  ]),
  row('softmaxCrossEntropy', 'any labels', [float([null, 7], logits), float([null, 7], soft)], crossEntropy),
  row('softmaxCrossEntropy', 'zero labels', [float([null, 17], logits), float([null, 17], () => 0)], crossEntropy),
  row('softmaxCrossEntropy', 'a vector', [float([65], logits), float([65], soft)], crossEntropy),
  row('softmaxCrossEntropy', 'by hand', [float([null, 7], logits), float([null, 7], soft)], (z, labels) =>
    neg(reduceSum(mul(labels, log(softmax(z))))),
  ),

  row('sigmoidCrossEntropy', 'rows', [float([null, 7], logits), float([null, 7], soft)], binaryLoss),
  row('sigmoidCrossEntropy', 'a scalar', [float([], logits), float([], soft)], binaryLoss),
  row('sigmoidCrossEntropy', 'saturated', [float([null, 3], bothSigns(40, 90)), float([null, 3], soft)], binaryLoss),

  row('dropout', 'rows', [float([null, 65])], (x) => dropout(x, 0.3)),
  row('dropout', 'images, named', [float([null, 7, 3, 2])], (x) => dropout(x, 0.5, { name: 'drop' })),
  row('dropout', 'a scalar', [float([])], (x) => dropout(x, 0.9)),
  row('dropout', 'of a dropout', [float([null, 17])], (x) => dropout(relu(dropout(x, 0.2)), 0.4)),
  row('dropout', 'by a rate that is computed', [float([null, 65]), int([], () => 3)], (x, tenths) =>
    dropout(x, div(cast(tenths, 'float32'), 10)),
  ),
  row('dropout', 'nothing', [float([null, 7])], (x) => dropout(x, 0), EXACT),

  row('reshape', 'to an image', [float([null, 63])], (x) => reshape(x, [null, 7, 9]), EXACT),
  row('reshape', 'left over', [float([null, 6])], (x) => reshape(x, [3, -1]), EXACT),
  row('reshape', 'to a vector', [float([null, 17])], (x) => reshape(x, [-1]), EXACT),
  row('reshape', 'to a scalar', [float([1, 1])], (x) => reshape(x, []), EXACT),
  row('flatten', 'images', [float([null, 7, 3, 1])], (x) => flatten(x), EXACT),
  row('flatten', 'a vector', [float([17])], (x) => flatten(x), EXACT),
  row('expandDims', 'the last', [float([null, 7])], (x) => expandDims(x, -1), EXACT),
  row('expandDims', 'several', [float([null, 7])], (x) => expandDims(x, [0, 2]), EXACT),
  row('squeeze', 'all', [float([1, 7, 1, 3])], (x) => squeeze(x), EXACT),
  row('squeeze', 'one', [float([1, null, 1])], (x) => squeeze(x, -1), EXACT),
  row('transpose', 'a matrix', [float([null, 65])], (x) => transpose(x), EXACT),
  row('transpose', 'three axes', [float([3, null, 7])], (x) => transpose(x, [1, -1, 0]), EXACT),
  row('transpose', 'int32', [int([7, null])], (x) => transpose(x), DISCRETE),
  row('concat', 'rows', [float([null, 7]), float([3, 7])], (a, b) => concat([a, b], 0), EXACT),
  row('concat', 'columns', [float([null, 7]), float([null, 1])], (a, b) => concat([a, b], -1), EXACT),
  row('concat', 'a middle axis', [float([3, 2, 7]), float([3, 3, 7])], (a, b) => concat([a, b], 1), EXACT),
  row(
    'concat',
    'several',
    [float([null, 3]), float([null, 1]), float([null, 7])],
    (...parts) => concat([...parts, ...parts, ...parts.slice(0, 1)], 1),
    EXACT,
  ),
  row('concat', 'an empty one', [float([null, 3]), float([null, 0])], (a, b) => concat([b, a], 1), EXACT),
  row('stack', 'rows', [float([null, 7]), float([null, 7])], (a, b) => stack([a, b, a]), EXACT),
  row('stack', 'a last axis', [float([null, 3]), float([null, 3])], (a, b) => stack([a, b], -1), EXACT),
  row('stack', 'scalars', [float([]), float([])], (a, b) => stack([a, b]), EXACT),
  row('stack', 'int32', [int([null, 3]), int([null, 3])], (a, b) => stack([a, b], 1), DISCRETE),
  row('unstack', 'rows', [float([3, null])], (x) => sumOf(unstack(x)), {}),
  row('unstack', 'a middle axis', [float([null, 3, 7])], (x) => unstack(x, 1)[2] ?? x, EXACT),
  row('split', 'equal parts', [float([null, 6])], (x) => split(x, 3, 1)[1] ?? x, EXACT),
  row('split', 'parts by size', [float([null, 7])], (x) => concat(split(x, [1, 4, 2], -1).reverse(), 1), EXACT),
  row('split', 'bool', [bool([7])], (x) => split(x, [3, 4])[1] ?? x, DISCRETE),
  row('tile', 'rows', [float([null, 7])], (x) => tile(x, [1, 3]), EXACT),
  row('tile', 'a batch', [float([null, 3])], (x) => tile(x, [5, 1]), EXACT),
  row('tile', 'all axes', [float([3, null, 2])], (x) => tile(x, [2, 3, 4]), EXACT),
  row('tile', 'int32', [int([17])], (x) => tile(x, [3]), DISCRETE),
  row('reverse', 'rows', [float([null, 7])], (x) => reverse(x, -1), EXACT),
  row('reverse', 'a batch', [float([null, 3])], (x) => reverse(x, 0), EXACT),
  row('reverse', 'two axes', [float([3, null, 5])], (x) => reverse(x, [0, 2]), EXACT),
  row('reverse', 'int32', [int([65])], (x) => reverse(x, 0), DISCRETE),
  row('range', 'int32', [int([null, 7])], (x) => add(x, range(3, -4, -1)), DISCRETE),
  row('range', 'float32', [float([null, 7])], (x) => mul(x, range(0.5, 4, 0.5))),
  row('randomUniform', 'a vector', [], () => randomUniform([257], { name: 'u' }), DISCRETE),
  row('randomUniform', 'like a batch', [float([null, 65])], (x) =>
    mul(x, randomUniform(x, { low: -1, high: 3, name: 'u' })),
  ),
  row('randomNormal', 'a matrix', [], () => randomNormal([17, 65], { name: 'n' }), { differentiable: false }),
  row('randomNormal', 'like a batch', [float([null, 257])], (x) =>
    add(x, randomNormal(x, { mean: 1, stddev: 0.1, name: 'n' })),
  ),
  row('slice', 'a box', [float([7, 17])], (x) => slice(x, [2, 3], [3, 13]), EXACT),
  row('slice', 'columns', [float([null, 7])], (x) => slice(x, [0, 2], [-1, 3]), EXACT),
  row('slice', 'int32', [int([65])], (x) => slice(x, [64], [1]), DISCRETE),
  row(
    'pad',
    'around',
    [float([null, 7])],
    (x) =>
      pad(x, [
        [1, 2],
        [0, 3],
      ]),
    EXACT,
  ),
  row(
    'pad',
    'columns, with a value',
    [float([null, 3])],
    (x) =>
      pad(
        x,
        [
          [0, 0],
          [2, 0],
        ],
        -1.5,
      ),
    EXACT,
  ),
  row('pad', 'int32', [int([7])], (x) => pad(x, [[3, 0]], 5), DISCRETE),
  row('identity', 'named', [float([null, 7])], (x) => identity(x, 'again'), EXACT),
  row('stopGradient', 'rows', [float([null, 7])], (x) => stopGradient(x), DISCRETE),
];

function where3(condition: Tensor, a: Tensor, b: Tensor): Tensor {
  return where(condition, a, b);
}

function sumOf(parts: readonly Tensor[]): Tensor {
  return parts.reduce((sum, part, i) => add(sum, mul(part, i + 2)));
}

function binaryLoss(z: Tensor, labels: Tensor): Tensor {
  return sigmoidCrossEntropy(z, labels);
}

function crossEntropy(z: Tensor, labels: Tensor): Tensor {
  return softmaxCrossEntropy(z, labels);
}
