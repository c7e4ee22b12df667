/**
 * Finds work that can be done sample by sample: where sample b's part of one group reads only sample b's part of another, one
 * workgroup can do both parts, with a barrier instead of a dispatch between them.
 */
import type { Tensor } from '../../graph/tensor.ts';
import { shapesEqual } from '../../graph/shape.ts';
import type { Fusion, Group } from './fuse.ts';
import { elementsOf, sizesOf } from '../../compile/known-shapes.ts';

/**
 * The tensors that a group reads, and for each whether sample b's part of the group reads only sample b's part of the tensor.
 * The parts are `samples` equal parts of the elements or rows. `undefined` if the group's work does not fall into them.
 */
export function slicedReads(group: Group, fusion: Fusion, samples: number): ReadonlyMap<Tensor, boolean> | undefined {
  const [first = 1] = group.domain;
  if (first % samples !== 0 || group.axes?.includes(0) === true) return undefined;
  const reads = new Map<Tensor, boolean>();
  const [seenSeparate, seenMixed] = [new Set<Tensor>(), new Set<Tensor>()];
  const visit = (node: Tensor, separate: boolean): void => {
    const visited = separate ? seenSeparate : seenMixed;
    if (visited.has(node)) return;
    visited.add(node);
    for (const [i, input] of node.inputs.entries()) {
      if (group.members.has(input)) continue;
      const isSeparate = separate && keepsSamples(node, i, samples);
      if (fusion.groupOf.has(input) || input.op.kernel.kind === 'source')
        reads.set(input, (reads.get(input) ?? true) && isSeparate);
      else visit(input, isSeparate);
    }
  };
  for (const member of group.members.keys()) visit(member, true);
  return reads;
}

/** Tells whether sample b's part of a node needs only sample b's part of input `i`. */
function keepsSamples(node: Tensor, i: number, samples: number): boolean {
  const [input, shape] = [node.inputs[i], sizesOf(node)];
  if (input === undefined || elementsOf(node) % samples !== 0 || elementsOf(input) % samples !== 0) return false;
  const [size, kernel] = [sizesOf(input), node.op.kernel];
  const divides = (count = 1): boolean => count % samples === 0;
  switch (kernel.kind) {
    case 'alias':
      return true;
    case 'map':
      return shapesEqual(shape, size) || (shape.length === size.length && divides(shape[0]) && shape[0] === size[0]);
    case 'reduce':
      return divides(size[0]) && !kernel.axes(size, node.attrs).includes(0);
    case 'matmul':
      // Split s of a product with as many splits reads only the s-th part of the rows of B.
      if (node.attrs.splits !== undefined)
        return i === 1 && node.attrs.transposeB !== true && node.attrs.splits === samples;
      return i === 0 && node.attrs.transposeA !== true && divides(shape[0]);
    case 'index': {
      const context = { shape, inputs: node.inputs.map(sizesOf) };
      if (kernel.view === undefined) return kernel.keepsSamples?.(context, node.attrs, i) === true && divides(shape[0]);
      const { strides, offset } = kernel.view(context, node.attrs);
      return divides(shape[0]) && staysWithin(shape, strides, offset, samples, elementsOf(input) / samples);
    }
    case 'source':
    case 'expand':
      return false;
    default:
      return kernel satisfies never;
  }
}

/** Tells whether a view's part for each sample is within the `sampleSize` elements of that sample. */
function staysWithin(
  [first = 1, ...rest]: readonly number[],
  [stride = 0, ...strides]: readonly number[],
  offset: number,
  samples: number,
  sampleSize: number,
): boolean {
  const rows = first / samples;
  const spans = [(rows - 1) * stride, ...rest.map((size, axis) => (size - 1) * (strides[axis] ?? 0))];
  const lowest = spans.reduce((sum, span) => sum + Math.min(0, span), offset);
  const highest = spans.reduce((sum, span) => sum + Math.max(0, span), offset);
  return rows * stride === sampleSize && lowest >= 0 && highest < sampleSize;
}
