/**
 * Puts groups in order: what depends on nothing but stored values runs side by side in one dispatch.
 */
import type { Tensor } from '../graph/tensor.ts';
import { rowsOf, type Fusion, type Group } from './fuse.ts';
import { drawOp, elementsOf } from './internal-ops.ts';
import { baseOf, viewOf } from './view.ts';

export interface Schedule extends Fusion {
  /** The groups of each dispatch, in order. */
  readonly stages: readonly (readonly Group[])[];
  /** The stage of each group. */
  readonly stageOf: ReadonlyMap<Group, number>;
  /** What groups leave in memory for later stages. */
  readonly stored: ReadonlyMap<Tensor, Group>;
  /** What each group reads but does not compute: members of other groups, and sources. */
  readonly reads: ReadonlyMap<Group, ReadonlySet<Tensor>>;
}

/** `kept`: tensors that must be in memory at the end (the fetches). */
export function schedule(fusion: Fusion, kept: readonly Tensor[]): Schedule {
  const reads = new Map(fusion.groups.map((group) => [group, externalInputs(group, fusion)]));
  const stageOf = new Map<Group, number>();
  const stageFor = (group: Group): number => {
    const known = stageOf.get(group);
    if (known !== undefined) return known;
    let stage = 0;
    for (const tensor of reads.get(group) ?? []) {
      const producer = fusion.groupOf.get(tensor);
      if (producer !== undefined && producer !== group) stage = Math.max(stage, stageFor(producer) + 1);
    }
    stageOf.set(group, stage);
    return stage;
  };
  const stages: Group[][] = [];
  for (const group of fusion.groups) (stages[stageFor(group)] ??= []).push(group);

  const stored = new Map<Tensor, Group>();
  const store = (tensor: Tensor): void => {
    const group = fusion.groupOf.get(tensor);
    if (group !== undefined) stored.set(tensor, group);
  };
  for (const tensors of reads.values()) for (const tensor of tensors) store(tensor);
  for (const tensor of kept) store(baseOf(tensor));
  for (const [draw, group] of drawers(fusion, reads, stageOf)) stored.set(draw, group);
  return { groups: fusion.groups, groupOf: fusion.groupOf, stages, stageOf, stored, reads };
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
  reads: ReadonlyMap<Group, ReadonlySet<Tensor>>,
  stageOf: ReadonlyMap<Group, number>,
): Map<Tensor, Group> {
  const found = new Map<Tensor, Group>();
  const draws = new Set(
    [...reads.values()].flatMap((tensors) => [...tensors].filter((tensor) => tensor.op === drawOp)),
  );
  for (const draw of draws) {
    const users = fusion.groups.filter((group) => reads.get(group)?.has(draw));
    const first = Math.min(...users.map((group) => stageOf.get(group) ?? 0));
    const later = users.some((group) => (stageOf.get(group) ?? 0) > first);
    const drawer = users.find((group) => stageOf.get(group) === first && meetsRows(group, draw));
    if (later && drawer !== undefined) found.set(draw, drawer);
  }
  return found;
}

/** Whether a group's rows are the rows of a draw, or parts of them. */
export function meetsRows(group: Group, draw: Tensor): boolean {
  const left = group.matmul?.inputs[0];
  if (left === undefined || group.matmul?.attrs.transposeA === true)
    return group.matmul === undefined && rowsOf(group) === elementsOf(draw);
  return viewOf(left).base.inputs[0] === draw;
}
