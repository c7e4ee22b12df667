/**
 * Software pipelining of a step whose first layer is a product of a batch's rows with a variable. A step ends with the product
 * of the next batch and the variable's next value, so that one dispatch does a whole step. Each workgroup owns a slice of the
 * features: it computes the gradient of the logits for the whole batch, updates its rows of the variable, and multiplies its
 * features of the next batch by them. The partial products (split-K) are the carry; the next step begins by summing them.
 */
import { Variable } from '../../graph/sources.ts';
import { Tensor } from '../../graph/tensor.ts';
import { rebuild, topologicalOrder } from '../../graph/walk.ts';
import type { Op } from '../../graph/op.ts';
import type { Fusion, Group } from './fuse.ts';
import { batchRowsOp, datasetRowsOp, reduce } from '../lower/internal-ops.ts';
import { sizesOf } from '../../compile/known-shapes.ts';
import { splitProduct } from '../lower/split-k.ts';
import { mapRoots, rootsOf, type Program } from '../../compile/program.ts';
import type { PlanFacts } from '../../compile/request.ts';
import { flopsOf, producersOf, readsOf, withStored, type KernelSchedule, type Link } from './stages.ts';
import { slicedReads } from './batch-slices.ts';
import { withInputs } from '../../compile/structure.ts';
import { viewOf } from '../lower/matrix-view.ts';

/** A step that begins with the partial products of its batch and ends with those of the next batch. */
export interface Pipelined {
  readonly program: Program;
  /** The partial products that a step reads and those that it writes: [splits, batch, units]. */
  readonly carryIn: Tensor;
  readonly carryOut: Tensor;
  /** The `carryIn` of the first step, which a dispatch of its own computes. */
  readonly prologue: Tensor;
  /** The next value of the variable. */
  readonly value: Tensor;
  readonly splits: number;
}

/** The carry from step to step. It is double-buffered in the plan's own memory, as variables are in the state. */
export const carryOp: Op = {
  name: 'carry',
  infer: () => ({ shape: [], dtype: 'float32' }),
  kernel: { kind: 'source' },
};

/** The most work that every workgroup may repeat for itself. */
const MAX_REPEATED_FLOPS = 2e6;

/** Returns the pipelined form of a step, with about `wanted` slices of the features; `undefined` if it has none. */
export function pipeline(
  program: Program,
  { countsStep, sampling }: Pick<PlanFacts, 'countsStep' | 'sampling'>,
  wanted: number,
): Pipelined | undefined {
  if (!countsStep || sampling === undefined || sampling.kind === 'range') return undefined;
  const roots = rootsOf(program);
  const [product, another] = topologicalOrder(roots).filter((node) => isFirstLayer(node, sampling.batch));
  const [rows, weights] = product?.inputs ?? [];
  const update = program.updates.find(({ variable }) => variable === weights);
  if (
    product === undefined ||
    rows === undefined ||
    weights === undefined ||
    update === undefined ||
    another !== undefined
  )
    return undefined;

  const splits = splitsFor(sizesOf(weights)[0] ?? 1, wanted);
  const prologue = splitProduct(product, splits);
  const carryIn = new Tensor(carryOp, [], {}, prologue.shape, 'float32');
  const replaced = rebuild(roots, (node, inputs) =>
    node === product ? reduce('sum', carryIn, [0]) : withInputs(node, inputs),
  );
  const rebuilt = (tensor: Tensor): Tensor => replaced.get(tensor) ?? tensor;
  const nextBatch = rebuild([rows], (node, inputs) =>
    node.op === batchRowsOp
      ? new Tensor(batchRowsOp, [], { ...node.attrs, ahead: sampling.batch }, node.shape, node.dtype, node.name)
      : withInputs(node, inputs),
  );
  const value = rebuilt(update.value);
  return {
    program: mapRoots(program, (roots) => roots.map(rebuilt)),
    carryIn,
    carryOut: splitProduct(product, splits, [nextBatch.get(rows) ?? rows, value]),
    prologue,
    value,
    splits,
  };
}

function isFirstLayer({ op, inputs: [rows, weights], attrs }: Tensor, batch: number): boolean {
  return (
    op.kernel.kind === 'matmul' &&
    rows !== undefined &&
    attrs.transposeA !== true &&
    attrs.transposeB !== true &&
    sizesOf(rows)[0] === batch &&
    viewOf(rows).base.op === datasetRowsOp &&
    weights instanceof Variable
  );
}

/** The divisor of the number of features that is nearest to `wanted`; slices of whole words of bytes are preferred. */
function splitsFor(features: number, wanted: number): number {
  const cost = (splits: number): number =>
    Math.abs(Math.log(splits / wanted)) + ((features / splits) % 4 === 0 ? 0 : 1);
  return Array.from({ length: 2 * wanted }, (_, i) => i + 1)
    .filter((splits) => features % splits === 0)
    .reduce((best, splits) => (cost(splits) < cost(best) ? splits : best), 1);
}

/** Schedules all groups of a pipelined step in one dispatch; `undefined` if slices depend on each other or repeat too much. */
export function schedulePipelined(
  fusion: Fusion,
  { value, carryOut, splits, program }: Pick<Pipelined, 'value' | 'carryOut' | 'splits' | 'program'>,
): KernelSchedule | undefined {
  const reads = readsOf(fusion);
  const updating = fusion.groupOf.get(value);
  const links = new Map<Group, Link>();
  const repeated = new Set<Group>();
  const repeat = (group: Group): void => {
    for (const [, producer] of producersOf(group, reads, fusion)) {
      if (repeated.has(producer)) continue;
      repeated.add(producer);
      repeat(producer);
    }
  };
  if (updating !== undefined) repeat(updating);

  const assignLink = (group: Group): Link | undefined => {
    const known = links.get(group);
    if (known !== undefined) return known;
    const before = producersOf(group, reads, fusion).map(([tensor, producer]) => ({
      tensor,
      link: assignLink(producer),
    }));
    const own = slicedReads(group, fusion, splits);
    const inSlices = before.every(
      ({ tensor, link }) => link?.runBy === 'every' || (link?.runBy === 'own-slice' && own?.get(tensor) === true),
    );
    const inFirst = before.every(({ link }) => link?.runBy === 'every' || link?.runBy === 'first');
    const runBy = repeated.has(group)
      ? 'every'
      : own !== undefined && inSlices
        ? 'own-slice'
        : inFirst
          ? 'first'
          : undefined;
    if (runBy === undefined) return undefined;
    const link = {
      chain: 'slices',
      runBy,
      turn: Math.max(0, ...before.map((each) => (each.link?.turn ?? 0) + 1)),
    } as const;
    links.set(group, link);
    return link;
  };
  const isSliced = (group: Group | undefined): boolean =>
    group !== undefined && assignLink(group)?.runBy === 'own-slice';
  const fits = fusion.groups.every((group) => assignLink(group) !== undefined);
  const repeatedFlops = fusion.groups
    .filter((group) => !isSliced(group))
    .reduce((sum, group) => sum + flopsOf(group), 0);
  const inOwnSlice = isSliced(updating) && isSliced(fusion.groupOf.get(carryOut));
  if (!fits || !inOwnSlice || repeatedFlops > MAX_REPEATED_FLOPS) return undefined;
  return withStored(fusion, program.fetches, reads, {
    stages: [fusion.groups],
    stageOf: new Map(fusion.groups.map((group) => [group, 0])),
    links,
    slicing: { items: splits, itemsPerSlice: 1, slices: splits },
  });
}
