/** What files of earlier versions call otherwise. */
import type { Variable } from '../graph/sources.ts';

/** Gives the tensors of variables that were called otherwise the variables' names. */
export function renameFormer<T>(tensors: Map<string, T>, variables: Iterable<Variable>): void {
  for (const { name, slot } of variables) {
    const former = slot?.formerName ?? name;
    const tensor = tensors.get(former);
    if (tensor === undefined || tensors.has(name)) continue;
    tensors.delete(former);
    tensors.set(name, tensor);
  }
}
