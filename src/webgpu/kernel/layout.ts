/**
 * The layout of a plan: the memory and the names of its values, for its kernels.
 */
import type { Tensor } from '../../graph/tensor.ts';
import type { Group } from '../schedule/fuse.ts';
import type { KernelSchedule } from '../schedule/stages.ts';

/** The layout of a plan's values. */
export interface Layout {
  readonly schedule: KernelSchedule;
  /** The first word of stored tensors, array feeds and large constants in the arena. */
  readonly scratch: ReadonlyMap<Tensor, number>;
  /** The index of each variable, which is in the names of its offsets in the state: `from3`, `to3`. */
  readonly variables: ReadonlyMap<string, number>;
  /** The names of the variables whose next value a tensor is. */
  readonly updates: ReadonlyMap<Tensor, readonly string[]>;
  /** The code of each tensor that is checked to be finite. */
  readonly checks: ReadonlyMap<Tensor, number>;
  /** Small fetches, which are also written behind the records in `control`, where a report reads them. */
  readonly reported: ReadonlySet<Tensor>;
  /** Pipelined state: the tensor that this step writes, the one it reads, and the generation that is written. */
  readonly carry:
    { readonly carryOut: Tensor; readonly carryIn: Tensor; readonly writesTo: 'next' | 'this' } | undefined;
  /** The index of each batch's row numbers, which is in the name of their function: `batchRow0`. */
  readonly batchRows: ReadonlyMap<Tensor, number>;
}

/** The number of a chained group's `count` elements or rows that one workgroup takes; `undefined` if it is not chained. */
export function countPerWorkgroup(group: Group, count: number, { schedule }: Layout): number | undefined {
  const link = schedule.links.get(group);
  if (link === undefined || schedule.slicing === undefined) return undefined;
  if (link.runBy !== 'own-slice' || link.chain === 'scalars') return count;
  return (count / schedule.slicing.items) * schedule.slicing.itemsPerSlice;
}
