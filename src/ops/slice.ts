/**
 * Slices and padding: each is the other's adjoint.
 * The `…ToShapeOf` ops take their sizes from another tensor once feeds are known.
 */
import { isList, show } from '../checks.ts';
import { GraphError } from '../errors.ts';
import { likeSecond } from '../graph/broadcast.ts';
import type { DType } from '../graph/dtype.ts';
import type { Attrs, Op } from '../graph/op.ts';
import type { Reshaped } from '../graph/shape-types.ts';
import { stridesOf, type Shape } from '../graph/shape.ts';
import { join, wgsl } from '../graph/snippet.ts';
import { checkTensor, createTensor, describeTensor, input, type Tensor } from '../graph/tensor.ts';
import { checkDType, literal, NUMBERS } from './elementwise.ts';
import { stridedKernel } from './strided.ts';

interface SliceAttrs extends Attrs {
  readonly begin: readonly number[];
  /** -1 is all elements from `begin` on. */
  readonly size: readonly number[];
}

interface PadAttrs extends Attrs {
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly value: number;
  readonly dtype: DType;
}

/** The position of the smaller tensor in the larger one: from `begin` on, or at its end. */
interface PositionAttrs extends Attrs {
  readonly begin: readonly number[] | 'end';
}

const sliceOp: Op<SliceAttrs> = {
  name: 'slice',
  infer(inputs, { begin, size }) {
    const x = input(inputs, 0);
    const shape = x.shape.map((dim, axis) => {
      const from = begin[axis] ?? 0;
      const count = size[axis] ?? -1;
      if (dim !== null && (from > dim || (count !== -1 && from + count > dim))) throw outside(x, begin, size);
      return count !== -1 ? count : dim === null ? null : dim - from;
    });
    return { shape, dtype: x.dtype };
  },
  gradient: (node, dy) => [padToShapeOf(dy, input(node.inputs, 0), node.attrs.begin as readonly number[])],
  kernel: /* @__PURE__ */ stridedKernel(({ inputs: [x = []] }, { begin }) => {
    const strides = stridesOf(x);
    return { strides, offset: strides.reduce((sum, stride, axis) => sum + stride * (begin[axis] ?? 0), 0) };
  }),
};

const padOp: Op<PadAttrs> = {
  name: 'pad',
  infer(inputs, { before, after }) {
    const x = input(inputs, 0);
    return {
      shape: x.shape.map((dim, axis) => (dim === null ? null : dim + (before[axis] ?? 0) + (after[axis] ?? 0))),
      dtype: x.dtype,
    };
  },
  gradient: (node, dy) => [sliceToShapeOf(dy, input(node.inputs, 0), node.attrs.before as readonly number[])],
  kernel: {
    kind: 'index',
    keepsSamples: ({ shape, inputs: [x = []] }) => shape[0] === x[0],
    wgsl({ shape, inputs: [x = []] }, { before, value, dtype }, index, load, write) {
      const outside = literal(value, dtype);
      if (x.includes(0)) return wgsl`${outside}`;
      const padded = shape.map((_, axis) => axis).filter((axis) => shape[axis] !== x[axis]);
      // Coordinates in x. Those in the margin before x wrap around, so they are beyond its end like those after it.
      const coordinates = shape.map((_, axis) => {
        const at = write.coordinate(index, shape, axis);
        return padded.includes(axis) ? write.named(wgsl`${write.named(at)} - ${before[axis] ?? 0}u`) : at;
      });
      const within = coordinates.map((at, axis) =>
        padded.includes(axis) ? wgsl`min(${at}, ${(x[axis] ?? 1) - 1}u)` : at,
      );
      // `&` instead of `&&`, which branches: kernels with many of these took minutes to compile.
      const inside = join(
        padded.map((axis) => wgsl`(${coordinates[axis]} < ${x[axis] ?? 1}u)`),
        ' & ',
      );
      const element = load(0, write.flat(within, x));
      return padded.length === 0 ? element : wgsl`select(${outside}, ${element}, ${inside})`;
    },
    js({ shape, inputs: [x = []] }, { before, value }) {
      const [divisors, strides] = [stridesOf(shape), stridesOf(x)];
      const axes = shape.map((size, axis) => ({
        size,
        divisor: divisors[axis] ?? 1,
        first: before[axis] ?? 0,
        count: x[axis] ?? 1,
        stride: strides[axis] ?? 1,
      }));
      return (index, load) => {
        let flat = 0;
        for (const { size, divisor, first, count, stride } of axes) {
          const c = (Math.floor(index / divisor) % size) - first;
          if (c < 0 || c >= count) return value;
          flat += c * stride;
        }
        return load(0, flat);
      };
    },
  },
};

const sliceToShapeOfOp: Op<PositionAttrs> = {
  name: 'sliceToShapeOf',
  infer: likeSecond,
  gradient: (node, dy) => [padToShapeOf(dy, input(node.inputs, 0), positionOf(node)), null],
  resolve(inputs, { begin }) {
    const [x, { shape }] = [input(inputs, 0), input(inputs, 1)];
    return slice(x, beginOf(begin, x.shape, shape), sizes(shape));
  },
  kernel: { kind: 'source' },
};

const padToShapeOfOp: Op<PositionAttrs> = {
  name: 'padToShapeOf',
  infer: likeSecond,
  gradient: (node, dy) => [sliceToShapeOf(dy, input(node.inputs, 0), positionOf(node)), null],
  resolve(inputs, { begin }) {
    const [x, { shape }] = [input(inputs, 0), input(inputs, 1)];
    const before = beginOf(begin, shape, x.shape);
    return pad(
      x,
      before.map((first, axis) => [first, (shape[axis] ?? 0) - first - (x.shape[axis] ?? 0)]),
    );
  },
  kernel: { kind: 'source' },
};

/**
 * The slice of `x` that starts at `begin` and has `size` elements along each axis.
 *
 * @param size - -1 takes all elements from `begin` on.
 * @throws GraphError where the slice is not inside `x`.
 */
export function slice<S extends Shape, const Size extends readonly number[]>(
  x: Tensor<S>,
  begin: readonly number[],
  size: Size,
): Tensor<Reshaped<S, Size>> {
  checkTensor('slice', x);
  const wrong = (n: number, least: number): boolean => !Number.isInteger(n) || n < least;
  if (
    !isList(begin) ||
    !isList(size) ||
    begin.length !== x.shape.length ||
    size.length !== x.shape.length ||
    begin.some((n) => wrong(n, 0)) ||
    size.some((n) => wrong(n, -1))
  ) {
    throw outside(x, begin, size);
  }
  return createTensor(sliceOp, [x], { begin: [...begin], size: [...size] });
}

/**
 * `x` with a margin of `value`.
 *
 * @param margins - For each axis the number of elements before and after.
 * @throws GraphError where `margins` are not a pair of counts for each axis, or `x` is bool.
 */
export function pad(x: Tensor, margins: readonly (readonly number[])[], value = 0): Tensor {
  checkDType('pad', x, NUMBERS);
  if (
    !isList(margins) ||
    margins.length !== x.shape.length ||
    margins.some((pair) => !isList(pair) || pair.length !== 2 || pair.some((n) => !Number.isInteger(n) || n < 0))
  ) {
    throw new GraphError(
      `pad: margins ${show(margins)} do not fit ${describeTensor(x)}; give [before, after] for each axis.`,
    );
  }
  if (!Number.isFinite(value) || (x.dtype === 'int32' && !Number.isInteger(value))) {
    throw new GraphError(
      `pad: the value ${show(value)} does not fit ${describeTensor(x)} of ${x.dtype}; give a finite number of that dtype.`,
    );
  }
  const [before, after] = [margins.map(([first = 0]) => first), margins.map(([, last = 0]) => last)];
  return createTensor(padOp, [x], { before, after, value, dtype: x.dtype });
}

/** The slice of `x` in the shape of `like`, at `begin` or at the end. */
export function sliceToShapeOf(x: Tensor, like: Tensor, begin: readonly number[] | 'end'): Tensor {
  return createTensor(sliceToShapeOfOp, [x, like], { begin });
}

/** `x` padded with zeros to the shape of `like`, at `begin` or at the end. */
export function padToShapeOf(x: Tensor, like: Tensor, begin: readonly number[] | 'end'): Tensor {
  return createTensor(padToShapeOfOp, [x, like], { begin });
}

function positionOf(node: Tensor): readonly number[] | 'end' {
  return (node.attrs as PositionAttrs).begin;
}

function beginOf(begin: readonly number[] | 'end', large: Shape, small: Shape): readonly number[] {
  return begin === 'end' ? large.map((dim, axis) => (dim ?? 0) - (small[axis] ?? 0)) : begin;
}

function sizes(shape: Shape): number[] {
  return shape.map((dim) => dim ?? -1);
}

function outside(x: Tensor, begin: readonly number[], size: readonly number[]): GraphError {
  return new GraphError(
    `slice: begin ${show(begin)} and size ${show(size)} do not fit ${describeTensor(x)}; ` +
      `give a begin and a size (-1: all that follow) for each axis, inside the shape.`,
  );
}
