/**
 * Analysis of how a graph's tensors depend on the samples of a data set. It compares the graph for the whole set with the
 * graph for twice as many rows: samples lie along the axis that grows with them.
 */
import { GraphError } from '../errors.ts';
import type { IndexContext, IndexKernel } from '../graph/op.ts';
import { sizeOfShape } from '../graph/shape.ts';
import { describeTensor, type Tensor } from '../graph/tensor.ts';
import { topologicalOrder } from '../graph/walk.ts';
import { sizesOf } from './known-shapes.ts';

/**
 * A tensor's dependence on samples:
 * - `same`: none;
 * - `join`: each sample's part along an axis depends on that sample only;
 * - `sum`, `max`, `min`: a reduction of a `join` tensor over all samples;
 * - `whole`: computed from reductions over all samples and `same` tensors;
 * - `mixed`: anything else, and all tensors computed from it.
 */
export type SampleKind =
  | { readonly is: 'same' | 'sum' | 'max' | 'min' | 'whole' }
  | { readonly is: 'join'; readonly axis: number }
  | { readonly is: 'mixed'; readonly why: string };

type Kinds = Map<Tensor, SampleKind>;

/** A tensor of the graph for the whole set, and its counterpart for twice as many rows. */
interface Pair {
  readonly node: Tensor;
  readonly twice: Tensor;
}

/** The axis of samples, for `join`. */
export function axisOf(kind: SampleKind | undefined): number | undefined {
  return kind?.is === 'join' ? kind.axis : undefined;
}

/**
 * Adds the kinds of all tensors that `roots` depend on to `kinds`.
 *
 * @param rows - The number of samples.
 * @param doubled - The same roots for twice as many samples.
 */
export function addSampleKinds(kinds: Kinds, roots: readonly Tensor[], doubled: readonly Tensor[], rows: number): void {
  for (const [node, twice] of inStep(roots, doubled))
    if (!kinds.has(node)) kinds.set(node, kindOf({ node, twice }, kinds, rows));
}

/**
 * The tensors of a graph, inputs first, each with its counterpart in the same graph for another number of rows.
 * @throws GraphError where the graphs differ in more than sizes.
 */
export function inStep(roots: readonly Tensor[], others: readonly Tensor[]): (readonly [Tensor, Tensor])[] {
  const order = topologicalOrder(others);
  return topologicalOrder(roots).map((node, i) => {
    const other = order[i];
    if (node.op !== other?.op)
      throw new GraphError(
        `${describeTensor(node)} has another graph for another number of rows; run it on the whole set.`,
      );
    return [node, other];
  });
}

function kindOf(pair: Pair, kinds: Kinds, rows: number): SampleKind {
  const { node } = pair;
  const inputs = node.inputs.map((input) => kinds.get(input));
  const mixed = inputs.find((kind) => kind?.is === 'mixed');
  if (mixed !== undefined) return mixed;
  const refuse = (why: string): SampleKind => ({ is: 'mixed', why: `${describeTensor(node)} ${why}` });
  const axes = growingAxes(pair);
  const [axis] = axes;
  const joins = inputs.some((kind) => kind?.is === 'join');
  if (axes.length > 1) return refuse('combines samples with samples');
  if (axes.some((grown) => !growsWithSamples(pair, grown, rows)))
    return refuse('uses some samples only, or several together');
  if (inputs.some((kind) => kind?.is !== 'join' && kind?.is !== 'same'))
    return joins || axis !== undefined ? refuse('combines each sample with a result of all samples') : { is: 'whole' };
  if (!joins && axis === undefined) return { is: 'same' };
  const combine = overSamples(pair, kinds);
  if (combine === 'argMax') return refuse('is an index among all samples');
  if (combine !== undefined) return { is: combine };
  return axis !== undefined && keepsSamples(pair, axis, kinds, rows)
    ? { is: 'join', axis }
    : refuse('uses some samples only, or several together');
}

/** The axes whose size depends on the number of rows. */
function growingAxes({ node, twice }: Pair): number[] {
  return node.shape.flatMap((size, axis) => (size === twice.shape[axis] ? [] : [axis]));
}

/** Tells whether each sample has an equal part of an axis. */
function growsWithSamples({ node, twice }: Pair, axis: number, rows: number): boolean {
  const [size = 0, doubled] = [sizesOf(node)[axis], twice.shape[axis]];
  return doubled === 2 * size && size % rows === 0;
}

/** The operation by which a node reduces over all samples, if it does. */
function overSamples({ twice, node }: Pair, kinds: Kinds): 'sum' | 'max' | 'min' | 'argMax' | undefined {
  const [input, wide] = [node.inputs[0], twice.inputs[0]];
  const axis = input && axisOf(kinds.get(input));
  const { kernel } = node.op;
  if (axis === undefined || wide === undefined) return undefined;
  if (kernel.kind === 'matmul') return axis === (node.attrs.transposeA === true ? 0 : 1) ? 'sum' : undefined;
  // The axes for twice as many rows, since a sum to a shape reduces no axis of a single row.
  return kernel.kind === 'reduce' && kernel.axes(sizesOf(wide), twice.attrs).includes(axis)
    ? kernel.combine
    : undefined;
}

/** Tells whether each sample's part of a node, along `axis`, depends on that sample's parts of the inputs only. */
function keepsSamples({ node, twice }: Pair, axis: number, kinds: Kinds, rows: number): boolean {
  const { kernel } = node.op;
  const from = node.inputs.map((input) => axisOf(kinds.get(input)));
  const [input] = node.inputs;
  switch (kernel.kind) {
    // Samples stay on their axis: if they moved to another one, two axes would grow.
    case 'source':
    case 'map':
    case 'reduce':
    case 'matmul':
      return true;
    case 'alias':
      return input !== undefined && from[0] !== undefined && before(input, from[0]) === before(node, axis);
    case 'index':
      if (kernel.view !== undefined)
        return from[0] !== undefined && viewKeepsSamples({ node, twice }, kernel, [from[0], axis], rows);
      // Random numbers depend on no element of an input.
      if (from.every((samples) => samples === undefined)) return node.inputs.every(({ shape }) => shape.length === 0);
      return from.every(
        (samples, i) =>
          samples === undefined || (samples + axis === 0 && kernel.keepsSamples?.(contextOf(node), node.attrs, i)),
      );
    case 'expand': {
      const expanded = [node, twice].map(({ inputs, attrs }) => kernel.expand(inputs, attrs));
      addSampleKinds(kinds, expanded.slice(0, 1), expanded.slice(1), rows);
      return expanded[0] !== undefined && axisOf(kinds.get(expanded[0])) === axis;
    }
    default:
      return kernel satisfies never;
  }
}

/** The number of elements of the axes before `axis`, which is the number of passes through all samples. */
function before(node: Tensor, axis: number): number {
  return sizeOfShape(sizesOf(node).slice(0, axis));
}

function contextOf(node: Tensor): IndexContext {
  return { shape: sizesOf(node), inputs: node.inputs.map(sizesOf) };
}

/** Tells whether a view moves samples from one axis to another so that each sample has its own elements. */
function viewKeepsSamples(
  { node, twice }: Pair,
  kernel: IndexKernel,
  [from, to]: readonly [number, number],
  rows: number,
): boolean {
  const [view, wide] = [kernel.view?.(contextOf(node), node.attrs), kernel.view?.(contextOf(twice), twice.attrs)];
  const [input] = node.inputs;
  if (view === undefined || wide === undefined || input === undefined) return false;
  const length = sizeOfShape(sizesOf(input).slice(from)) / rows;
  const count = (sizesOf(node)[to] ?? 1) / rows;
  if (view.strides[to] !== wide.strides[to] || (view.strides[to] ?? 0) * count !== length) return false;
  // A stride that grows with the rows steps from one pass through all samples to the next; other strides stay in a sample.
  const first = 2 * view.offset - wide.offset;
  let last = first;
  for (const [axis, size] of sizesOf(node).with(to, count).entries()) {
    const [stride = 0, wideStride] = [view.strides[axis], wide.strides[axis]];
    if (size === 1 || wideStride === 2 * stride) continue;
    if (wideStride !== stride || stride < 0) return false;
    last += (size - 1) * stride;
  }
  return first >= 0 && last < length;
}
