/**
 * Where the values of a plan come from and go to, as its kernels need to know it.
 */
import type { Tensor } from '../../graph/tensor.ts';
import type { Group } from '../schedule/fuse.ts';
import type { Schedule } from '../schedule/stages.ts';

export interface Layout {
  readonly schedule: Schedule;
  /** The first word of stored tensors, array feeds and large constants in the arena. */
  readonly scratch: ReadonlyMap<Tensor, number>;
  /** The number of each variable, by which kernels name its words in the state: `from3`, `to3`. */
  readonly variables: ReadonlyMap<string, number>;
  /** The variables whose next value a tensor is. */
  readonly updates: ReadonlyMap<Tensor, readonly string[]>;
  /** The codes under which a tensor is checked to be finite. */
  readonly checks: ReadonlyMap<Tensor, number>;
  /** Small fetches, which are also written where reports are read. */
  readonly reported: ReadonlySet<Tensor>;
  /** Pipelined state: the tensor that this step writes, the one it reads, and the generation that is written. */
  readonly carry: { readonly left: Tensor; readonly found: Tensor; readonly into: 'next' | 'this' } | undefined;
  /** The number of each draw, by which kernels name its function: `draw0`. */
  readonly draws: ReadonlyMap<Tensor, number>;
}

/** Of `count` elements or rows of a group, those that one workgroup takes where it is chained. */
export function shareOf(group: Group, count: number, { schedule }: Layout): number | undefined {
  const link = schedule.links.get(group);
  if (link === undefined || schedule.slicing === undefined) return undefined;
  if (link.share !== 'slice' || link.chain === 'numbers') return count;
  return (count / schedule.slicing.parts) * schedule.slicing.partsPerSlice;
}
