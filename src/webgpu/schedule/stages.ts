/**
 * Puts groups in order. Groups that depend only on stored values run side by side in one dispatch. With `slicing`, groups that
 * work sample by sample are chained: in one dispatch, each workgroup takes some samples through all of them.
 */
import { sizeOfShape } from '../../graph/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { rowsOf, type Fusion, type Group } from './fuse.ts';
import { batchRowsOp } from '../lower/internal-ops.ts';
import { elementsOf } from '../../compile/known-shapes.ts';
import { splitsOf, sumLength } from '../lower/split-k.ts';
import { slicedReads } from './batch-slices.ts';
import { baseOf, viewOf } from '../lower/matrix-view.ts';

/** A group's position in a chain: a sequence of groups that each workgroup runs in turn, for its own slice. */
export interface Link {
  /** The chain of the group's stage: that of slices, or that of scalars in a single workgroup. They run side by side. */
  readonly chain: 'slices' | 'scalars';
  /** The length of the longest sequence of groups before it in the chain. Groups of one turn do not depend on each other. */
  readonly turn: number;
  /**
   * `own-slice`: each workgroup runs it for its slice. `every`: each runs all of it, for its own copy of the results. `first`:
   * the first workgroup runs all of it.
   */
  readonly runBy: 'own-slice' | 'every' | 'first';
}

/** The groups of each dispatch, and their reads and stores. */
export interface KernelSchedule extends Fusion {
  /** The groups of each dispatch, in order. */
  readonly stages: readonly (readonly Group[])[];
  /** The stage of each group. */
  readonly stageOf: ReadonlyMap<Group, number>;
  /** The chained groups. */
  readonly links: ReadonlyMap<Group, Link>;
  /** The division of chained work among workgroups. */
  readonly slicing: Slicing | undefined;
  /** The tensors that groups store for later stages and turns, and the group that stores each. */
  readonly stored: ReadonlyMap<Tensor, Group>;
  /** The tensors that each group reads but does not compute: members of other groups, and sources. */
  readonly reads: ReadonlyMap<Group, ReadonlySet<Tensor>>;
}

/** The division of chained work: each workgroup takes one slice. */
export interface Slicing {
  /** The number of equal parts of the work of each group: samples, or the ranges of features of a pipelined step. */
  readonly items: number;
  /** Consecutive items in a slice; the last slice may have fewer. */
  readonly itemsPerSlice: number;
  readonly slices: number;
}

/**
 * Assigns groups to stages.
 *
 * @param fetches - Tensors that must be in memory at the end.
 * @param slicing - The division of a batch into samples; if given, groups are chained.
 */
export function schedule(fusion: Fusion, fetches: readonly Tensor[], slicing?: Slicing): KernelSchedule {
  const reads = readsOf(fusion);
  const bySample = new Map(
    slicing === undefined ? [] : fusion.groups.map((group) => [group, slicedReads(group, fusion, slicing.items)]),
  );
  const stageOf = new Map<Group, number>();
  const links = new Map<Group, Link>();
  const assignStage = (group: Group): { readonly stage: number; readonly turn: number } => {
    const known = stageOf.get(group);
    if (known !== undefined) return { stage: known, turn: links.get(group)?.turn ?? 0 };
    const chain = isScalarGroup(group) ? 'scalars' : 'slices';
    const before = producersOf(group, reads, fusion).map(([tensor, producer]) => {
      const isChained =
        chain === 'scalars'
          ? slicing !== undefined && isScalarGroup(producer)
          : !isScalarGroup(producer) &&
            bySample.get(producer) !== undefined &&
            bySample.get(group)?.get(tensor) === true;
      return { producer, isChained, ...assignStage(producer) };
    });
    const stage = Math.max(0, ...before.map((other) => other.stage + (other.isChained ? 0 : 1)));
    // Those of this stage are in the group's chain: any other producer would put the group a stage later.
    const chained = before.filter((other) => other.stage === stage);
    const turn = Math.max(0, ...chained.map((other) => other.turn + 1));
    stageOf.set(group, stage);
    for (const { producer, turn } of chained) links.set(producer, { chain, turn, runBy: 'own-slice' });
    if (chained.length > 0) links.set(group, { chain, turn, runBy: 'own-slice' });
    return { stage, turn };
  };
  const stages: Group[][] = [];
  for (const group of fusion.groups) (stages[assignStage(group).stage] ??= []).push(group);

  return withStored(fusion, fetches, reads, { stages, stageOf, links, slicing });
}

/** Returns the schedule of groups in an order, with the tensors that they must store. */
export function withStored(
  fusion: Fusion,
  fetches: readonly Tensor[],
  reads: KernelSchedule['reads'],
  order: Pick<KernelSchedule, 'stages' | 'stageOf' | 'links' | 'slicing'>,
): KernelSchedule {
  const stored = new Map<Tensor, Group>();
  const store = (tensor: Tensor): void => {
    const group = fusion.groupOf.get(tensor);
    if (group !== undefined) stored.set(tensor, group);
  };
  for (const tensors of reads.values()) for (const tensor of tensors) store(tensor);
  for (const tensor of fetches) store(baseOf(tensor));
  for (const [rows, group] of batchRowWriters(fusion, reads, order)) stored.set(rows, group);
  return { groups: fusion.groups, groupOf: fusion.groupOf, ...order, stored, reads };
}

/** The tensors that each group reads but does not compute. */
export function readsOf(fusion: Fusion): Map<Group, Set<Tensor>> {
  return new Map(fusion.groups.map((group) => [group, externalInputs(group, fusion)]));
}

/** The tensors that a group reads of other groups, and the group that computes each. */
export function producersOf(group: Group, reads: KernelSchedule['reads'], fusion: Fusion): [Tensor, Group][] {
  return [...(reads.get(group) ?? [])].flatMap((tensor): [Tensor, Group][] => {
    const producer = fusion.groupOf.get(tensor);
    return producer === undefined || producer === group ? [] : [[tensor, producer]];
  });
}

/** The number of operations of a group; an elementwise op counts as one an element. */
export function flopsOf({ matmul, domain, members }: Group): number {
  const length = matmul === undefined ? 0 : sumLength(matmul) / splitsOf(matmul);
  return sizeOfShape(domain) * (members.size + 2 * length);
}

/** Tells whether a group computes single numbers, such as a loss. */
function isScalarGroup({ domain, matmul }: Group): boolean {
  return matmul === undefined && domain.every((size) => size === 1);
}

/** Tells whether the arena has a copy of a stored tensor for each workgroup: every workgroup computes all of it. */
export function isRepeated(tensor: Tensor, { stored, links }: Pick<KernelSchedule, 'stored' | 'links'>): boolean {
  const owner = stored.get(tensor);
  return owner !== undefined && links.get(owner)?.runBy === 'every';
}

/** Tells whether another group can read all that a group writes: in a later stage, or a later turn if every workgroup writes it. */
export function isBefore(
  group: Group,
  other: Group,
  { stageOf, links }: Pick<KernelSchedule, 'stageOf' | 'links'>,
): boolean {
  const [stage = 0, later = 0] = [stageOf.get(group), stageOf.get(other)];
  const [link, next] = [links.get(group), links.get(other)];
  return stage < later || (stage === later && link?.runBy === 'every' && next !== undefined && link.turn < next.turn);
}

function externalInputs(group: Group, fusion: Fusion): Set<Tensor> {
  const external = new Set<Tensor>();
  const seen = new Set<Tensor>();
  const stack = [...group.members.keys()].flatMap((member) => member.inputs);
  for (let tensor = stack.pop(); tensor !== undefined; tensor = stack.pop()) {
    if (seen.has(tensor) || group.members.has(tensor)) continue;
    seen.add(tensor);
    if (fusion.groupOf.has(tensor) || tensor.op.kernel.kind === 'source') external.add(tensor);
    if (!fusion.groupOf.has(tensor)) stack.push(...tensor.inputs);
  }
  return external;
}

/**
 * The group that stores the row numbers of each batch for later stages. Every kernel of the first stage that reads a batch
 * computes its row numbers; one of those that visit each row once stores them.
 */
function batchRowWriters(
  fusion: Fusion,
  reads: KernelSchedule['reads'],
  order: Pick<KernelSchedule, 'stageOf' | 'links'>,
): Map<Tensor, Group> {
  const writers = new Map<Tensor, Group>();
  const batches = new Set(
    [...reads.values()].flatMap((tensors) => [...tensors].filter((tensor) => tensor.op === batchRowsOp)),
  );
  for (const rows of batches) {
    const users = fusion.groups.filter((group) => reads.get(group)?.has(rows));
    const first = Math.min(...users.map((group) => order.stageOf.get(group) ?? 0));
    const writer = users.find(
      (group) =>
        order.stageOf.get(group) === first &&
        visitsBatchRows(group, rows) &&
        users.some((other) => isBefore(group, other, order)),
    );
    if (writer !== undefined) writers.set(rows, writer);
  }
  return writers;
}

/** Tells whether a group's rows are the rows of a batch, or parts of them. */
export function visitsBatchRows(group: Group, rows: Tensor): boolean {
  const { matmul } = group;
  if (matmul === undefined) return rowsOf(group) === elementsOf(rows);
  const [lhs] = matmul.inputs;
  if (lhs === undefined || matmul.attrs.transposeA === true) return false;
  return splitsOf(matmul) === 1 && viewOf(lhs).base.inputs[0] === rows;
}
