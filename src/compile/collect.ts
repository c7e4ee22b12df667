/**
 * Collects the placeholders and variables of a graph by name.
 */
import { GraphError } from '../errors.ts';
import { otherName, Placeholder, Variable } from '../graph/sources.ts';
import { describeTensor, type Tensor } from '../graph/tensor.ts';
import { topologicalOrder } from '../graph/walk.ts';

export interface Sources {
  readonly placeholders: ReadonlyMap<string, Placeholder>;
  readonly variables: ReadonlyMap<string, Variable>;
}

/** @throws GraphError where two placeholders, or two variables, share a name. */
export function collectSources(roots: readonly Tensor[]): Sources {
  const placeholders = new Map<string, Placeholder>();
  const variables = new Map<string, Variable>();
  for (const node of topologicalOrder(roots)) {
    if (node instanceof Placeholder) addOnce(placeholders, 'placeholders', node);
    if (node instanceof Variable) addOnce(variables, 'variables', node);
  }
  return { placeholders, variables };
}

function addOnce<T extends Tensor & { readonly name: string }>(known: Map<string, T>, kind: string, node: T): void {
  const other = known.get(node.name);
  if (other !== undefined && other !== node) {
    throw new GraphError(
      `Two ${kind} are called '${node.name}': ${describeTensor(other)} and ${describeTensor(node)}. ${node instanceof Variable ? otherName(node) : 'Use the same one, or another name'}.`,
    );
  }
  known.set(node.name, node);
}
