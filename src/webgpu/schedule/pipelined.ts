/**
 * Software pipelining of a step whose first layer is a product of drawn rows with a variable: the product for the next batch
 * is made where the variable's next value is, so that one dispatch does a whole step. Each workgroup owns a slice of the
 * features: it works out the gradient of the logits for the whole batch, updates its rows of the variable, and multiplies its
 * features of the next batch by them. The parts are summed where the next step begins.
 */
import { Variable } from '../../graph/sources.ts';
import { Tensor } from '../../graph/tensor.ts';
import { rebuild, topologicalOrder } from '../../graph/walk.ts';
import type { Op } from '../../graph/op.ts';
import type { Fusion, Group } from './fuse.ts';
import { columnOp, drawOp, reduce } from '../lower/internal-ops.ts';
import { sizesOf } from '../../compile/known-shapes.ts';
import { partsOfProduct } from '../lower/split-k.ts';
import { mapRoots, rootsOf, type Program } from '../../compile/program.ts';
import type { PlanFacts } from '../../compile/request.ts';
import { complete, flopsOf, producersOf, readsOf, type Link, type Schedule } from './stages.ts';
import { slicedReads } from './batch-slices.ts';
import { withInputs } from '../../compile/structure.ts';
import { viewOf } from '../lower/matrix-view.ts';

/** A step that begins with parts of a product and ends with those of the next. */
export interface Pipelined {
  readonly program: Program;
  /** [parts, batch, units]: what a step finds and what it leaves. */
  readonly found: Tensor;
  readonly left: Tensor;
  /** What the first step finds. */
  readonly prologue: Tensor;
  /** The next value of the variable. */
  readonly value: Tensor;
  readonly parts: number;
}

/** What a step leaves for the next one, in the plan's own memory: two generations of it, as of variables. */
export const carryOp: Op = {
  name: 'carry',
  infer: () => ({ shape: [], dtype: 'float32' }),
  kernel: { kind: 'source' },
};

/** What every workgroup may do of what one would be enough for. */
const MAX_REPEATED_FLOPS = 2e6;

/** The pipelined form of a step, if it has one that cuts the features into about `wanted` slices. */
export function pipeline(
  program: Program,
  { countsStep, draw }: Pick<PlanFacts, 'countsStep' | 'draw'>,
  wanted: number,
): Pipelined | undefined {
  if (!countsStep || draw === undefined || draw.kind === 'rows') return undefined;
  const roots = rootsOf(program);
  const [product, another] = topologicalOrder(roots).filter((node) => isFirstLayer(node, draw.batch));
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

  const parts = partsFor(sizesOf(weights)[0] ?? 1, wanted);
  const prologue = partsOfProduct(product, parts);
  const found = new Tensor(carryOp, [], {}, prologue.shape, 'float32', 'parts of the product');
  const replaced = rebuild(roots, (node, inputs) =>
    node === product ? reduce('sum', found, [0]) : withInputs(node, inputs),
  );
  const now = (tensor: Tensor): Tensor => replaced.get(tensor) ?? tensor;
  const ahead = rebuild([rows], (node, inputs) =>
    node.op === drawOp
      ? new Tensor(drawOp, [], { ...node.attrs, ahead: draw.batch }, node.shape, node.dtype, node.name)
      : withInputs(node, inputs),
  );
  const value = now(update.value);
  return {
    program: mapRoots(program, (roots) => roots.map(now)),
    found,
    left: partsOfProduct(product, parts, [ahead.get(rows) ?? rows, value]),
    prologue,
    value,
    parts,
  };
}

function isFirstLayer({ op, inputs: [rows, weights], attrs }: Tensor, batch: number): boolean {
  return (
    op.kernel.kind === 'matmul' &&
    rows !== undefined &&
    attrs.transposeA !== true &&
    attrs.transposeB !== true &&
    sizesOf(rows)[0] === batch &&
    viewOf(rows).base.op === columnOp &&
    weights instanceof Variable
  );
}

/** A divisor of the number of features near `wanted`; with slices of whole words of bytes, if there is one. */
function partsFor(features: number, wanted: number): number {
  const cost = (parts: number): number => Math.abs(Math.log(parts / wanted)) + ((features / parts) % 4 === 0 ? 0 : 1);
  return Array.from({ length: 2 * wanted }, (_, i) => i + 1)
    .filter((parts) => features % parts === 0)
    .reduce((best, parts) => (cost(parts) < cost(best) ? parts : best), 1);
}

/** One dispatch for all groups of a pipelined step, if its slices need nothing of one another and repeat little. */
export function schedulePipelined(
  fusion: Fusion,
  { value, left, parts, program }: Pick<Pipelined, 'value' | 'left' | 'parts' | 'program'>,
): Schedule | undefined {
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

  const place = (group: Group): Link | undefined => {
    const known = links.get(group);
    if (known !== undefined) return known;
    const before = producersOf(group, reads, fusion).map(([tensor, producer]) => ({ tensor, link: place(producer) }));
    const own = slicedReads(group, fusion, parts);
    const inSlices = before.every(
      ({ tensor, link }) => link?.share === 'all' || (link?.share === 'slice' && own?.get(tensor) === true),
    );
    const whole = before.every(({ link }) => link?.share === 'all' || link?.share === 'first');
    const share = repeated.has(group) ? 'all' : own !== undefined && inSlices ? 'slice' : whole ? 'first' : undefined;
    if (share === undefined) return undefined;
    const link = {
      chain: 'slices',
      share,
      phase: Math.max(0, ...before.map((each) => (each.link?.phase ?? 0) + 1)),
    } as const;
    links.set(group, link);
    return link;
  };
  const shareOf = (group: Group | undefined): string | undefined => group && place(group)?.share;
  const fits = fusion.groups.every((group) => place(group) !== undefined);
  const sliced = shareOf(updating) === 'slice' && shareOf(fusion.groupOf.get(left)) === 'slice';
  const more = fusion.groups
    .filter((group) => shareOf(group) !== 'slice')
    .reduce((sum, group) => sum + flopsOf(group), 0);
  if (!fits || !sliced || more > MAX_REPEATED_FLOPS) return undefined;
  return complete(fusion, program.fetches, reads, {
    stages: [fusion.groups],
    stageOf: new Map(fusion.groups.map((group) => [group, 0])),
    links,
    slicing: { parts, partsPerSlice: 1, slices: parts },
  });
}
