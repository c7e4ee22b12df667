/**
 * Lowers a simplified graph to the kinds of op that kernels compute: maps, index maps, reductions in one form, matmuls, sources.
 * A lowered graph has no `expand`; every reduction drops its axes, and aliases only change shapes.
 */
import type { ReduceKernel } from '../../graph/op.ts';
import { isConstant } from '../../graph/sources.ts';
import { Tensor } from '../../graph/tensor.ts';
import { rebuild, topologicalOrder } from '../../graph/walk.ts';
import { datasetRowsOp, copyOf, foldAxis, reduce, type DatasetRowsAttrs } from './internal-ops.ts';
import { elementsOf, reshapeTo, sizesOf } from '../../compile/known-shapes.ts';
import { largestDivisor, splitProduct, sumLength } from './split-k.ts';
import { mergeReshapes, simplify } from '../../compile/simplify.ts';
import { mergeCommon, withInputs } from '../../compile/structure.ts';
import { baseOf, viewOf } from './matrix-view.ts';

/** A kernel reduces rows, one invocation a row, if there are at least so many rows or a row has at most so many elements. */
export const MIN_PARALLEL_ROWS = 1024;
export const MAX_SERIAL_ROW = 1024;

/** Split-K: products of at least so many terms an element and at most so many elements are split, each split about so long. */
const MIN_SPLIT_K = 2048;
const MAX_SPLIT_RESULTS = 16384;
const SPLIT_LENGTH = 512;
const MAX_SPLITS = 32;

/** Returns the lowered roots, in order. */
export function lower(roots: readonly Tensor[]): Tensor[] {
  let expanded = [...roots];
  while (topologicalOrder(expanded).some((node) => node.op.kernel.kind === 'expand')) {
    const replaced = rebuild(expanded, (node, inputs) =>
      node.op.kernel.kind === 'expand' ? node.op.kernel.expand(inputs, node.attrs) : withInputs(node, inputs),
    );
    expanded = simplify(expanded.map((root) => replaced.get(root) ?? root));
  }
  const lowered = rebuild(expanded, (node, inputs) => lowerNode(withInputs(node, inputs)));
  const lowerRoots = expanded.map((root) => lowered.get(root) ?? root);
  const merged = mergeCommon(lowerRoots);
  return lowerRoots.map((root) => merged.get(root) ?? root);
}

function lowerNode(node: Tensor): Tensor {
  if (node.op.kernel.kind === 'alias') {
    const [input] = node.inputs;
    return input === undefined ? node : reshaped(input, sizesOf(node));
  }
  if (node.op.kernel.kind === 'matmul') return splitLongSums(withInputs(node, node.inputs.map(readableOperand)));
  if (node.op.kernel.kind === 'map') return pushReshapeBelow(node) ?? node;
  return node.op.kernel.kind === 'reduce' ? lowerReduce(node, node.op.kernel) : node;
}

/**
 * Pushes reshapes below a map: computes the map in its producer's shape, then reshapes the result. So a bias is fused with a
 * convolution's product, and an update with the gradient of its filters.
 */
function pushReshapeBelow(node: Tensor): Tensor | undefined {
  const size = elementsOf(node);
  const producer = node.inputs
    .filter((input) => input.op.kernel.kind === 'alias' && elementsOf(input) === size)
    .map(baseOf)
    .find((base) => base.op.kernel.kind !== 'source');
  if (producer === undefined || size === 1) return undefined;
  const shape = sizesOf(producer);
  const inputs = node.inputs.map((input) => {
    const count = elementsOf(input);
    if (count === size) return reshaped(input, shape);
    if (count === 1) return reshaped(input, []);
    const alongLast = [node.shape, shape, input.shape].every((sizes) => sizes.at(-1) === count);
    return alongLast ? reshaped(input, [count]) : undefined;
  });
  if (!inputs.every((input) => input !== undefined)) return undefined;
  return reshapeTo(new Tensor(node.op, inputs, node.attrs, shape, node.dtype, node.name), sizesOf(node));
}

function reshaped(x: Tensor, shape: readonly number[]): Tensor {
  const node = reshapeTo(x, shape);
  return mergeReshapes(node) ?? node;
}

/** Products read stored tensors, and rows of a column where the data set has them; any other source is copied first. */
function readableOperand(operand: Tensor): Tensor {
  const { base } = viewOf(operand);
  if (base !== baseOf(operand) || base.op.kernel.kind !== 'source') return operand;
  const { format, rowSize } = base.attrs as DatasetRowsAttrs;
  const inPlace =
    base.op === datasetRowsOp
      ? format !== 'labels' && operand.shape[1] === rowSize
      : !isConstant(base) || elementsOf(base) > 1;
  return inPlace ? operand : reshapeTo(copyOf(base), sizesOf(operand));
}

/** Splits products of a long K with few results, enough to keep a device busy, and sums the splits in order. */
function splitLongSums(product: Tensor): Tensor {
  const length = sumLength(product);
  if (length < MIN_SPLIT_K || elementsOf(product) > MAX_SPLIT_RESULTS) return product;
  const splits = largestDivisor(length, Math.min(MAX_SPLITS, Math.floor(length / SPLIT_LENGTH)));
  return splits === 1 ? product : reduce('sum', splitProduct(product, splits), [0]);
}

/**
 * Reduces in stages where a long reduction has few results, so that many invocations work on it: first all axes but the first,
 * or runs of a single axis, then the rest. Each stage is reduced in stages again if it is still long.
 */
function reduceInStages(
  combine: ReduceKernel['combine'],
  x: Tensor,
  axes: readonly number[],
  compensated?: true,
): Tensor {
  const [first = 0, ...others] = axes;
  const length = termsOf(x, axes);
  const isShort = length <= MAX_SERIAL_ROW || elementsOf(x) / length >= MIN_PARALLEL_ROWS;
  if (isShort || combine === 'argMax') return reduce(combine, x, axes, compensated);
  const partial =
    others.length > 0 ? reduceInStages(combine, x, others, compensated) : reduceRuns(combine, x, first, compensated);
  return reduceInStages(combine, partial, [first], compensated);
}

/**
 * Reduces one axis in runs, about as many as a run has elements. The elements of the runs are interleaved, so that neighbouring
 * invocations read neighbouring words.
 */
function reduceRuns(combine: ReduceKernel['combine'], x: Tensor, axis: number, compensated?: true): Tensor {
  const length = termsOf(x, [axis]);
  const most = Math.min(MAX_SERIAL_ROW, Math.ceil(Math.sqrt(length)));
  const divisor = largestDivisor(length, most);
  const run = 4 * divisor < most ? most : divisor;
  const zero = x.dtype === 'int32' ? '0i' : '0.0';
  const folded = foldAxis(x, axis, [run, Math.ceil(length / run)], combine === 'sum' ? zero : undefined);
  return reduce(combine, folded, [axis], compensated);
}

/** The number of elements that a reduction over `axes` combines to one result. */
function termsOf(x: Tensor, axes: readonly number[]): number {
  return axes.reduce((product, axis) => product * (sizesOf(x)[axis] ?? 1), 1);
}

/**
 * Lowers a reduction. One over the last axis and others reduces the last axis first: other kernels can fuse row reductions, and
 * a loss becomes the same sum whether it is written row by row or at once.
 */
function lowerReduce(node: Tensor, kernel: Tensor['op']['kernel'] & { kind: 'reduce' }): Tensor {
  const [input] = node.inputs;
  if (input === undefined) return node;
  const axes = kernel.axes(sizesOf(input), node.attrs);
  const last = input.shape.length - 1;
  const rest = axes.filter((axis) => axis !== last);
  if (axes.length === 0) return reshapeTo(input, sizesOf(node));
  const { combine } = kernel;
  const isLong = combine === 'sum' && input.dtype === 'float32' && termsOf(input, axes) > MAX_SERIAL_ROW;
  const over = (x: Tensor, axes: readonly number[]) => reduceInStages(combine, x, axes, isLong || undefined);
  const lastFirst = combine !== 'argMax' && rest.length > 0 && axes.includes(last);
  const result = lastFirst ? over(over(input, [last]), rest) : over(input, axes);
  return result.shape.length === node.shape.length ? result : reshapeTo(result, sizesOf(node));
}
