/** Names of variables in files of earlier versions. */
import type { Variable } from '../graph/sources.ts';

/** Renames tensors with a variable's former name to its present one. */
export function renameFormer<T>(tensors: Map<string, T>, variables: Iterable<Variable>): void {
  for (const { name, slot } of variables) {
    const former = slot?.formerName ?? name;
    const tensor = tensors.get(former);
    if (tensor === undefined || tensors.has(name)) continue;
    tensors.delete(former);
    tensors.set(name, tensor);
  }
}
