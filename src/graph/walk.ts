/**
 * Graph walks: topological order and rebuilding, without recursion since graphs may be deep.
 */
import type { Tensor } from './tensor.ts';

/** All tensors that `roots` depend on, each once, inputs before their consumers. */
export function topologicalOrder(roots: readonly Tensor[]): Tensor[] {
  const order: Tensor[] = [];
  const done = new Set<Tensor>();
  const stack: { node: Tensor; next: number }[] = [];
  for (const root of roots) {
    if (!done.has(root)) stack.push({ node: root, next: 0 });
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const input = top.node.inputs[top.next++];
      if (input === undefined) {
        stack.pop();
        if (!done.has(top.node)) order.push(top.node);
        done.add(top.node);
      } else if (!done.has(input)) {
        stack.push({ node: input, next: 0 });
      }
    }
  }
  return order;
}

/**
 * Rebuilds a graph: `visit` gets each node with its rebuilt inputs and returns the node's replacement.
 * Returns the map from old to new tensors.
 */
export function rebuild(
  roots: readonly Tensor[],
  visit: (node: Tensor, inputs: readonly Tensor[]) => Tensor,
): Map<Tensor, Tensor> {
  const replaced = new Map<Tensor, Tensor>();
  for (const node of topologicalOrder(roots)) {
    replaced.set(
      node,
      visit(
        node,
        node.inputs.map((input) => replaced.get(input) ?? input),
      ),
    );
  }
  return replaced;
}
