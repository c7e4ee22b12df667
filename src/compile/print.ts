/**
 * Prints graphs as stable text, one line a node.
 */
import type { Tensor } from '../graph/tensor.ts';
import { formatShape } from '../graph/shape.ts';
import { topologicalOrder } from '../graph/walk.ts';

/** `%3 = add(%1, %2) float32 [null, 10]`, with names where the user gave any. */
export function printGraph(roots: readonly Tensor[]): string {
  const numbers = new Map<Tensor, number>();
  return topologicalOrder(roots)
    .map((node) => {
      numbers.set(node, numbers.size);
      const inputs = node.inputs.map((input) => `%${numbers.get(input) ?? '?'}`).join(', ');
      const name = node.name === undefined ? '' : ` '${node.name}'`;
      return `%${numbers.size - 1} = ${node.op.name}${node.inputs.length === 0 ? '' : `(${inputs})`}${name} ${node.dtype} ${formatShape(node.shape)}`;
    })
    .join('\n');
}

/** A node for tables: its name, or its op and shape. */
export function labelOf(node: Tensor): string {
  return node.name ?? `${node.op.name} ${formatShape(node.shape)}`;
}
