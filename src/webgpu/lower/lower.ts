/**
 * Lowers a simplified graph to what kernels are made of: maps, index maps, reductions in one form, matmuls, sources.
 * After it no `expand` is left, every reduction drops its axes, and aliases only change shapes.
 */
import type { ReduceKernel } from '../../graph/op.ts';
import { isConstant } from '../../graph/sources.ts';
import { Tensor } from '../../graph/tensor.ts';
import { rebuild } from '../../graph/walk.ts';
import { columnOp, copyOf, foldAxis, reduce, type ColumnAttrs } from './internal-ops.ts';
import { elementsOf, reshapeTo, sizesOf } from '../../compile/known-shapes.ts';
import { largestDivisor, partsOfProduct, sumLength } from './split-k.ts';
import { mergeReshapes, simplify } from '../../compile/simplify.ts';
import { mergeCommon, withInputs } from '../../compile/structure.ts';
import { baseOf, viewOf } from './matrix-view.ts';

/** A map takes on a reduction only where enough rows are left to compute in parallel, or rows are short. */
export const MIN_PARALLEL_ROWS = 1024;
export const MAX_SERIAL_ROW = 1024;

/** Products that sum at least so many terms to at most so many results are cut into parts of about this length. */
const MIN_SPLIT_LENGTH = 2048;
const MAX_SPLIT_RESULTS = 16384;
const PART_LENGTH = 512;
const MAX_PARTS = 32;

/** Returns the lowered roots, in order. */
export function lower(roots: readonly Tensor[]): Tensor[] {
  let expanded = [...roots];
  while (expanded.some(hasExpand)) {
    const replaced = rebuild(expanded, (node, inputs) =>
      node.op.kernel.kind === 'expand' ? node.op.kernel.expand(inputs, node.attrs) : withInputs(node, inputs),
    );
    expanded = simplify(expanded.map((root) => replaced.get(root) ?? root));
  }
  const lowered = rebuild(expanded, (node, inputs) => lowerNode(withInputs(node, inputs)));
  const merged = mergeCommon(expanded.map((root) => lowered.get(root) ?? root));
  return expanded.map((root) => {
    const lower = lowered.get(root) ?? root;
    return merged.get(lower) ?? lower;
  });
}

function hasExpand(root: Tensor): boolean {
  let found = false;
  rebuild([root], (node) => {
    found ||= node.op.kernel.kind === 'expand';
    return node;
  });
  return found;
}

function lowerNode(node: Tensor): Tensor {
  if (node.op.kernel.kind === 'alias') {
    const [input] = node.inputs;
    return input === undefined ? node : reshaped(input, sizesOf(node));
  }
  if (node.op.kernel.kind === 'matmul') return inParts(withInputs(node, node.inputs.map(readable)));
  if (node.op.kernel.kind === 'map') return inOperandShape(node) ?? node;
  return node.op.kernel.kind === 'reduce' ? lowerReduce(node, node.op.kernel) : node;
}

/**
 * A map of something reshaped is done in the shape that was made in, and its result reshaped: so a bias rides on a
 * convolution's product, and an update on the gradient of its filters.
 */
function inOperandShape(node: Tensor): Tensor | undefined {
  const size = elementsOf(node);
  const made = node.inputs
    .filter((input) => input.op.kernel.kind === 'alias' && elementsOf(input) === size)
    .map(baseOf)
    .find((base) => base.op.kernel.kind !== 'source');
  if (made === undefined || size === 1) return undefined;
  const shape = sizesOf(made);
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

/** Products read what is stored, and rows of a column as they lie in the data set; any other source is copied first. */
function readable(operand: Tensor): Tensor {
  const { base } = viewOf(operand);
  if (base !== baseOf(operand) || base.op.kernel.kind !== 'source') return operand;
  const { format, rowSize } = base.attrs as ColumnAttrs;
  const inPlace =
    base.op === columnOp
      ? format !== 'labels' && operand.shape[1] === rowSize
      : !isConstant(base) || elementsOf(base) > 1;
  return inPlace ? operand : reshapeTo(copyOf(base), sizesOf(operand));
}

/** Long sums with few results are cut into parts, which are summed in order: enough to keep a device busy. */
function inParts(product: Tensor): Tensor {
  const length = sumLength(product);
  if (length < MIN_SPLIT_LENGTH || elementsOf(product) > MAX_SPLIT_RESULTS) return product;
  const parts = largestDivisor(length, Math.min(MAX_PARTS, Math.floor(length / PART_LENGTH)));
  return parts === 1 ? product : reduce('sum', partsOfProduct(product, parts), [0]);
}

/**
 * A long reduction that leaves little is made in parts, which many invocations share: all but its first axis, then that; one
 * axis in runs. So are the parts, if they are many.
 */
function reduceInParts(
  combine: ReduceKernel['combine'],
  x: Tensor,
  axes: readonly number[],
  compensated?: true,
): Tensor {
  const [first = 0, ...others] = axes;
  const length = termsOf(x, axes);
  const isShort = length <= MAX_SERIAL_ROW || elementsOf(x) / length >= MIN_PARALLEL_ROWS;
  if (isShort || combine === 'argMax') return reduce(combine, x, axes, compensated);
  const parts =
    others.length > 0 ? reduceInParts(combine, x, others, compensated) : reduceRuns(combine, x, first, compensated);
  return reduceInParts(combine, parts, [first], compensated);
}

/** One axis in runs of about as many elements as there are runs: those of all runs lie in turn, so that reads are side by side. */
function reduceRuns(combine: ReduceKernel['combine'], x: Tensor, axis: number, compensated?: true): Tensor {
  const length = termsOf(x, [axis]);
  const most = Math.min(MAX_SERIAL_ROW, Math.ceil(Math.sqrt(length)));
  const divisor = largestDivisor(length, most);
  const run = 4 * divisor < most ? most : divisor;
  const zero = x.dtype === 'int32' ? '0i' : '0.0';
  const folded = foldAxis(x, axis, [run, Math.ceil(length / run)], combine === 'sum' ? zero : undefined);
  return reduce(combine, folded, [axis], compensated);
}

/** How many elements a reduction over `axes` takes for one result. */
function termsOf(x: Tensor, axes: readonly number[]): number {
  return axes.reduce((product, axis) => product * (sizesOf(x)[axis] ?? 1), 1);
}

/**
 * A reduction over the last axis and others is done last axis first: rows are what other kernels can take on, and every way
 * of writing a loss (summed at once, or row by row) becomes the same sum.
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
  const over = (x: Tensor, axes: readonly number[]) => reduceInParts(combine, x, axes, isLong || undefined);
  const lastFirst = combine !== 'argMax' && rest.length > 0 && axes.includes(last);
  const result = lastFirst ? over(over(input, [last]), rest) : over(input, axes);
  return result.shape.length === node.shape.length ? result : reshapeTo(result, sizesOf(node));
}
