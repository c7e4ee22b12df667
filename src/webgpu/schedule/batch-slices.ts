/**
 * What of a graph can be done sample by sample: where slice s of a kernel's work reads only slice s of what another kernel
 * makes, one workgroup can do both, with a barrier between them in place of a dispatch.
 */
import type { Tensor } from '../../graph/tensor.ts';
import { shapesEqual } from '../../graph/shape.ts';
import type { Fusion, Group } from './fuse.ts';
import { elementsOf, sizesOf } from '../../compile/known-shapes.ts';

/**
 * What a group reads, and whether sample b's part of the group (the b-th of `samples` equal parts of its elements or rows)
 * reads only sample b's part of it. `undefined` where the group's work has no such parts.
 */
export function slicedReads(group: Group, fusion: Fusion, samples: number): ReadonlyMap<Tensor, boolean> | undefined {
  const [first = 1] = group.domain;
  if (first % samples !== 0 || group.axes?.includes(0) === true) return undefined;
  const reads = new Map<Tensor, boolean>();
  const seen = { apart: new Set<Tensor>(), mixed: new Set<Tensor>() };
  const visit = (node: Tensor, apart: boolean): void => {
    const visited = apart ? seen.apart : seen.mixed;
    if (visited.has(node)) return;
    visited.add(node);
    for (const [i, input] of node.inputs.entries()) {
      if (group.members.has(input)) continue;
      const stays = apart && keepsSamples(node, i, samples);
      if (fusion.groupOf.has(input) || input.op.kernel.kind === 'source')
        reads.set(input, (reads.get(input) ?? true) && stays);
      else visit(input, stays);
    }
  };
  for (const member of group.members.keys()) visit(member, true);
  return reads;
}

/** Whether sample b's part of a node needs only sample b's part of input `i`. */
function keepsSamples(node: Tensor, i: number, samples: number): boolean {
  const [input, shape] = [node.inputs[i], sizesOf(node)];
  if (input === undefined || elementsOf(node) % samples !== 0 || elementsOf(input) % samples !== 0) return false;
  const [size, of] = [sizesOf(input), node.op.kernel];
  const divides = (count = 1): boolean => count % samples === 0;
  switch (of.kind) {
    case 'alias':
      return true;
    case 'map':
      return shapesEqual(shape, size) || (shape.length === size.length && divides(shape[0]) && shape[0] === size[0]);
    case 'reduce':
      return divides(size[0]) && !of.axes(size, node.attrs).includes(0);
    case 'matmul':
      // Part p of a product that is made in as many parts takes only the p-th part of the right operand's rows of k.
      if (node.attrs.parts !== undefined)
        return i === 1 && node.attrs.transposeB !== true && node.attrs.parts === samples;
      return i === 0 && node.attrs.transposeA !== true && divides(shape[0]);
    case 'index': {
      const context = { shape, inputs: node.inputs.map(sizesOf) };
      if (of.view === undefined) return of.keepsSamples?.(context, node.attrs, i) === true && divides(shape[0]);
      const { strides, offset } = of.view(context, node.attrs);
      return divides(shape[0]) && staysWithin(shape, strides, offset, samples, elementsOf(input) / samples);
    }
    case 'source':
    case 'expand':
      return false;
    default:
      return of satisfies never;
  }
}

/** Whether a view's part for each sample lies within the `part` elements of that sample. */
function staysWithin(
  [first = 1, ...rest]: readonly number[],
  [stride = 0, ...strides]: readonly number[],
  offset: number,
  samples: number,
  part: number,
): boolean {
  const rows = first / samples;
  const spans = [(rows - 1) * stride, ...rest.map((size, axis) => (size - 1) * (strides[axis] ?? 0))];
  const lowest = spans.reduce((sum, span) => sum + Math.min(0, span), offset);
  const highest = spans.reduce((sum, span) => sum + Math.max(0, span), offset);
  return rows * stride === part && lowest >= 0 && highest < part;
}
