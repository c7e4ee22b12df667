/** Common parts of reductions: options, the shape rule, and the axes of size 1 that adjoints need. */
import { checkOptions } from '../checks.ts';
import type { DType } from '../graph/dtype.ts';
import type { Attrs, Op, ReduceKernel, TensorType } from '../graph/op.ts';
import type { Axes } from '../graph/shape-types.ts';
import type { Shape } from '../graph/shape.ts';
import { calledAs, createTensor, input, type Tensor } from '../graph/tensor.ts';
import { resolveAxes } from './axes.ts';
import { checkDType, NUMBERS } from './elementwise.ts';
import { expandDims } from './reshape.ts';

export interface ReduceOptions<A extends Axes = Axes, Keep extends boolean = boolean> {
  /** The axes to reduce, negative ones from the end; all by default. */
  readonly axis?: A | undefined;
  /** Keeps the reduced axes, with size 1. */
  readonly keepDims?: Keep | undefined;
}

export interface ReduceAttrs extends Attrs {
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

/** An op that reduces over `attrs.axes`. */
export function reduceOp(
  name: string,
  combine: ReduceKernel['combine'],
  rest: Pick<Op<ReduceAttrs>, 'gradient' | 'simplify' | 'absorbedBy'> = {},
): Op<ReduceAttrs> {
  return {
    ...rest,
    name,
    infer(inputs, { axes, keepDims }) {
      const x = input(inputs, 0);
      checkDType(name, x, NUMBERS);
      return reducedType(x, axes, keepDims, combine === 'argMax' ? 'int32' : x.dtype);
    },
    kernel: { kind: 'reduce', combine, axes: (_, { axes }) => axes },
  };
}

/** A node of an op made by {@link reduceOp}. */
export function reduce<S extends Shape>(op: Op<ReduceAttrs>, x: Tensor, options: ReduceOptions = {}): Tensor<S> {
  checkOptions(calledAs(op.name), options, '{ axis: 1 }');
  const { axis, keepDims = false } = options;
  return createTensor(op, [x], { axes: resolveAxes(op.name, x, axis), keepDims });
}

/** `reduced` (a reduction's result, or its adjoint) with the reduced axes as axes of size 1. */
export function withReducedAxes(node: Tensor, reduced: Tensor): Tensor {
  const { axes, keepDims } = reduceAttrs(node);
  return keepDims ? reduced : expandDims(reduced, axes);
}

export function reduceAttrs(node: Tensor): ReduceAttrs {
  return node.attrs as ReduceAttrs;
}

function reducedType({ shape }: Tensor, axes: readonly number[], keepDims: boolean, dtype: DType): TensorType {
  return {
    shape: keepDims
      ? shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim))
      : shape.filter((_, axis) => !axes.includes(axis)),
    dtype,
  };
}
