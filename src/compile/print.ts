/**
 * Prints graphs as stable text, one line per node.
 */
import type { Tensor } from '../graph/tensor.ts';
import { formatShape } from '../graph/shape.ts';
import { topologicalOrder } from '../graph/walk.ts';

/** A graph as text, in lines like `%3 = matmul(%1, %2, transposeA) 'name' float32 [null, 10]`. */
export function printGraph(roots: readonly Tensor[]): string {
  const numbers = new Map<Tensor, number>();
  return topologicalOrder(roots)
    .map((node) => {
      numbers.set(node, numbers.size);
      const inputs = node.inputs.map((input) => `%${numbers.get(input) ?? '?'}`);
      const parts = [...inputs, ...attrsOf(node)].join(', ');
      const name = node.name === undefined ? '' : ` '${node.name}'`;
      return `%${numbers.size - 1} = ${node.op.name}${parts === '' ? '' : `(${parts})`}${name} ${node.dtype} ${formatShape(node.shape)}`;
    })
    .join('\n');
}

/** The op's attributes, without shape and dtype, which follow the node. */
function attrsOf({ attrs }: Tensor): string[] {
  return Object.entries(attrs).flatMap(([key, value]) => {
    if (value === false || value === undefined || key === 'shape' || key === 'dtype') return [];
    if (value === true) return [key];
    if (ArrayBuffer.isView(value)) {
      const values = value as ArrayLike<number> & ArrayBufferView;
      return [values.length === 1 ? String(Number((values[0] ?? 0).toPrecision(7))) : `${values.length} values`];
    }
    return [`${key} ${JSON.stringify(value)}`];
  });
}

/** A node's label in tables: its name, or its op and shape. */
export function labelOf(node: Tensor): string {
  return node.name ?? `${node.op.name} ${formatShape(node.shape)}`;
}
