/**
 * Checks of WebGPU's passes. They run in tests and in development; the package is built without them. A pass that
 * breaks an invariant is named by the first check behind it.
 */
import { elementsOf } from '../compile/known-shapes.ts';
import { labelOf } from '../compile/print.ts';
import { rootsOf, type Program } from '../compile/program.ts';
import { invariant } from '../errors.ts';
import { sizeOfShape } from '../graph/shape.ts';
import { topologicalOrder } from '../graph/walk.ts';
import { batchRowsOp, datasetRowsOp } from './lower/internal-ops.ts';
import { baseOf } from './lower/matrix-view.ts';
import { rowsOf, type Group } from './schedule/fuse.ts';
import type { MemoryLayout } from './schedule/memory.ts';
import { producersOf, type KernelSchedule } from './schedule/stages.ts';

/** A lowered program has only ops that a kernel computes, and its aliases are of the tensors below them. */
export function verifyLowered(program: Program): void {
  for (const node of topologicalOrder(rootsOf(program))) {
    const { kind } = node.op.kernel;
    const rank = node.inputs[0]?.shape.length ?? 0;
    invariant(kind !== 'expand', `${labelOf(node)} was not lowered`);
    invariant(kind !== 'reduce' || node.shape.length < rank, `${labelOf(node)} keeps the axes that it sums`);
    invariant(kind !== 'alias' || elementsOf(node) === elementsOf(baseOf(node)), `${labelOf(node)} is not an alias`);
  }
}

/**
 * Each group is in one stage, has members of its own size, and reads values that are stored by a group before it: of an earlier
 * stage, or of an earlier turn of its chain. Each stored tensor is written by the group that computes it.
 */
export function verifySchedule(schedule: KernelSchedule, program: Program): void {
  const { groups, groupOf, stages, stageOf, stored, reads } = schedule;
  invariant(
    stages.flat().length === groups.length && new Set(stages.flat()).size === groups.length,
    'a group is in no stage, or in two',
  );
  for (const group of groups) {
    for (const [member, extent] of group.members) {
      const elements = extent === 'row' ? rowsOf(group) : sizeOfShape(group.domain);
      invariant(groupOf.get(member) === group, `${labelOf(member)} is in two groups`);
      invariant(elementsOf(member) === elements, `${labelOf(member)} does not have the size of its group`);
    }
    for (const [tensor, producer] of producersOf(group, reads, schedule)) {
      invariant(stored.has(tensor), `${labelOf(tensor)} is read and not stored`);
      invariant(
        isBefore(stored.get(tensor) ?? producer, group, schedule),
        `${labelOf(tensor)} is read before it is written`,
      );
    }
  }
  for (const [tensor, group] of stored) {
    if (tensor.op === batchRowsOp) continue;
    invariant(
      tensor.op !== datasetRowsOp && group.members.has(tensor),
      `${labelOf(tensor)} is stored by another group`,
    );
    invariant((stageOf.get(group) ?? -1) >= 0, `${labelOf(tensor)} is stored by a group without a stage`);
  }
  for (const root of rootsOf(program).map(baseOf))
    invariant(groupOf.has(root) || root.op.kernel.kind === 'source', `${labelOf(root)} is computed by no group`);
  for (const fetch of program.fetches.map(baseOf))
    invariant(stored.has(fetch) || fetch.op.kernel.kind === 'source', `${labelOf(fetch)} is fetched and not stored`);
}

/** Whether a group has written its values when another runs. */
function isBefore(group: Group, other: Group, { stageOf, links }: KernelSchedule): boolean {
  const [stage = NaN, later = NaN] = [stageOf.get(group), stageOf.get(other)];
  const [link, next] = [links.get(group), links.get(other)];
  return (
    stage < later || (stage === later && link !== undefined && link.chain === next?.chain && link.turn < next.turn)
  );
}

/** All that the groups of a stage read and write in the arena lies in words of its own, within the arena. */
export function verifyMemory(
  { offsets, buffers, totalWords }: MemoryLayout,
  { stages, reads, stored }: KernelSchedule,
): void {
  const wordsOf = new Map([...offsets.keys()].map((tensor, i) => [tensor, (buffers[i]?.bytes ?? NaN) / 4]));
  for (const groups of stages) {
    const written = [...stored].flatMap(([tensor, group]) => (groups.includes(group) ? tensor : []));
    const touched = new Set([...groups.flatMap((group) => [...(reads.get(group) ?? [])]), ...written]);
    let end = 0;
    for (const tensor of [...touched].sort((a, b) => (offsets.get(a) ?? 0) - (offsets.get(b) ?? 0))) {
      const [offset, words = NaN] = [offsets.get(tensor), wordsOf.get(tensor)];
      if (offset === undefined || words === 0) continue;
      invariant(offset >= end, `${labelOf(tensor)} shares words with another tensor`);
      invariant(offset + words <= totalWords, `${labelOf(tensor)} lies outside of the arena`);
      end = offset + words;
    }
  }
}
