/**
 * Puts groups in order: what depends on nothing but stored values runs side by side in one dispatch. Where it is told of
 * samples, what is done sample by sample is chained: one dispatch, in which each workgroup takes some samples all the way.
 */
import { sizeOfShape } from '../../graph/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { rowsOf, type Fusion, type Group } from './fuse.ts';
import { drawOp } from '../lower/internal-ops.ts';
import { elementsOf } from '../../compile/known-shapes.ts';
import { partsOf, sumLength } from '../lower/split-k.ts';
import { slicedReads } from './batch-slices.ts';
import { baseOf, viewOf } from '../lower/matrix-view.ts';

/** A group's place in a chain: groups that workgroups run one after the other, each workgroup a slice. */
export interface Link {
  /** Chains of one stage run side by side. */
  readonly chain: 'slices' | 'numbers';
  /** Its turn: how many groups one after the other it waits for. */
  readonly phase: number;
  /** `slice`: each workgroup does its part. `all`: each does all of it, for itself. `first`: the first one does it. */
  readonly share: 'slice' | 'all' | 'first';
}

export interface Schedule extends Fusion {
  /** The groups of each dispatch, in order. */
  readonly stages: readonly (readonly Group[])[];
  /** The stage of each group. */
  readonly stageOf: ReadonlyMap<Group, number>;
  /** The chained groups. */
  readonly links: ReadonlyMap<Group, Link>;
  /** How many slices a chain has. */
  readonly slicing: Slicing | undefined;
  /** What groups leave in memory for later stages. */
  readonly stored: ReadonlyMap<Tensor, Group>;
  /** What each group reads but does not compute: members of other groups, and sources. */
  readonly reads: ReadonlyMap<Group, ReadonlySet<Tensor>>;
}

/** How much of a chain one workgroup does. */
export interface Slicing {
  /** The equal parts that groups fall into, and how many of them make a slice; the last may have fewer. */
  readonly parts: number;
  readonly partsPerSlice: number;
  readonly slices: number;
}

/** `kept`: tensors that must be in memory at the end (the fetches). `slicing`: of a batch into samples; given, groups are chained. */
export function schedule(fusion: Fusion, kept: readonly Tensor[], slicing?: Slicing): Schedule {
  const reads = readsOf(fusion);
  const bySample = new Map(
    slicing === undefined ? [] : fusion.groups.map((group) => [group, slicedReads(group, fusion, slicing.parts)]),
  );
  const stageOf = new Map<Group, number>();
  const links = new Map<Group, Link>();
  const place = (group: Group): { readonly stage: number; readonly phase: number } => {
    const known = stageOf.get(group);
    if (known !== undefined) return { stage: known, phase: links.get(group)?.phase ?? 0 };
    const chain = isNumber(group) ? 'numbers' : 'slices';
    const before = producersOf(group, reads, fusion).map(([tensor, producer]) => {
      const follows =
        chain === 'numbers'
          ? slicing !== undefined && isNumber(producer)
          : !isNumber(producer) && bySample.get(producer) !== undefined && bySample.get(group)?.get(tensor) === true;
      return { producer, follows, ...place(producer) };
    });
    const stage = Math.max(0, ...before.map((other) => other.stage + (other.follows ? 0 : 1)));
    // All of this stage are of the same chain: after any other the group would be a stage later.
    const waits = before.filter((other) => other.stage === stage);
    const phase = Math.max(0, ...waits.map((other) => other.phase + 1));
    stageOf.set(group, stage);
    for (const { producer, phase } of waits) links.set(producer, { chain, phase, share: 'slice' });
    if (waits.length > 0) links.set(group, { chain, phase, share: 'slice' });
    return { stage, phase };
  };
  const stages: Group[][] = [];
  for (const group of fusion.groups) (stages[place(group).stage] ??= []).push(group);

  return complete(fusion, kept, reads, { stages, stageOf, links, slicing });
}

/** Adds what must be stored. */
export function complete(
  fusion: Fusion,
  kept: readonly Tensor[],
  reads: Schedule['reads'],
  order: Pick<Schedule, 'stages' | 'stageOf' | 'links' | 'slicing'>,
): Schedule {
  const stored = new Map<Tensor, Group>();
  const store = (tensor: Tensor): void => {
    const group = fusion.groupOf.get(tensor);
    if (group !== undefined) stored.set(tensor, group);
  };
  for (const tensors of reads.values()) for (const tensor of tensors) store(tensor);
  for (const tensor of kept) store(baseOf(tensor));
  for (const [draw, group] of drawers(fusion, reads, order)) stored.set(draw, group);
  return { groups: fusion.groups, groupOf: fusion.groupOf, ...order, stored, reads };
}

/** What each group reads but does not compute. */
export function readsOf(fusion: Fusion): Map<Group, Set<Tensor>> {
  return new Map(fusion.groups.map((group) => [group, externalInputs(group, fusion)]));
}

/** What a group reads of other groups. */
export function producersOf(group: Group, reads: Schedule['reads'], fusion: Fusion): [Tensor, Group][] {
  return [...(reads.get(group) ?? [])].flatMap((tensor): [Tensor, Group][] => {
    const producer = fusion.groupOf.get(tensor);
    return producer === undefined || producer === group ? [] : [[tensor, producer]];
  });
}

/** Operations of a group, elementwise ones counted as one an element. */
export function flopsOf({ matmul, domain, members }: Group): number {
  const length = matmul === undefined ? 0 : sumLength(matmul) / partsOf(matmul);
  return sizeOfShape(domain) * (members.size + 2 * length);
}

function isNumber({ domain, matmul }: Group): boolean {
  return matmul === undefined && domain.every((size) => size === 1);
}

/** Whether all that one group writes can be read by another: a stage before, or a turn before in the same workgroup. */
export function isBefore(group: Group, other: Group, { stageOf, links }: Pick<Schedule, 'stageOf' | 'links'>): boolean {
  const [stage = 0, later = 0] = [stageOf.get(group), stageOf.get(other)];
  const [link, next] = [links.get(group), links.get(other)];
  return stage < later || (stage === later && link?.share === 'all' && next !== undefined && link.phase < next.phase);
}

function externalInputs(group: Group, fusion: Fusion): Set<Tensor> {
  const found = new Set<Tensor>();
  const seen = new Set<Tensor>();
  const stack = [...group.members.keys()].flatMap((member) => member.inputs);
  for (let tensor = stack.pop(); tensor !== undefined; tensor = stack.pop()) {
    if (seen.has(tensor) || group.members.has(tensor)) continue;
    seen.add(tensor);
    if (fusion.groupOf.has(tensor) || tensor.op.kernel.kind === 'source') found.add(tensor);
    if (!fusion.groupOf.has(tensor)) stack.push(...tensor.inputs);
  }
  return found;
}

/**
 * Row numbers are computed in each kernel of the first stage that draws; one that meets each row once writes them down for
 * the later stages.
 */
function drawers(
  fusion: Fusion,
  reads: Schedule['reads'],
  order: Pick<Schedule, 'stageOf' | 'links'>,
): Map<Tensor, Group> {
  const found = new Map<Tensor, Group>();
  const draws = new Set(
    [...reads.values()].flatMap((tensors) => [...tensors].filter((tensor) => tensor.op === drawOp)),
  );
  for (const draw of draws) {
    const users = fusion.groups.filter((group) => reads.get(group)?.has(draw));
    const first = Math.min(...users.map((group) => order.stageOf.get(group) ?? 0));
    const drawer = users.find(
      (group) =>
        order.stageOf.get(group) === first &&
        meetsRows(group, draw) &&
        users.some((other) => isBefore(group, other, order)),
    );
    if (drawer !== undefined) found.set(draw, drawer);
  }
  return found;
}

/** Whether a group's rows are the rows of a draw, or parts of them. */
export function meetsRows(group: Group, draw: Tensor): boolean {
  const { matmul } = group;
  if (matmul === undefined) return rowsOf(group) === elementsOf(draw);
  const [left] = matmul.inputs;
  if (left === undefined || matmul.attrs.transposeA === true) return false;
  return partsOf(matmul) === 1 && viewOf(left).base.inputs[0] === draw;
}
