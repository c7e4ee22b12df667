/**
 * The last passes for WebGPU: batches are sampled, the graph is lowered, fused, scheduled, laid out in memory and written as WGSL.
 */
import { DeviceError } from '../errors.ts';
import { columnWords } from '../graph/column.ts';
import type { Tensor } from '../graph/tensor.ts';
import { topologicalOrder } from '../graph/walk.ts';
import { arrange, type Arrangement } from './schedule/choose.ts';
import { sampleColumns } from './lower/batch-rows.ts';
import { dispatch } from './kernel/dispatch.ts';
import { kernelOf } from './kernel/kernel.ts';
import type { Layout } from './kernel/layout.ts';
import { printModule, type Commit, type ModuleSource } from './wgsl/module.ts';
import type { Kernel } from './wgsl/specialize.ts';
import { fuse, type Group } from './schedule/fuse.ts';
import { batchRowsOp, copyOf, type BatchRowsAttrs } from './lower/internal-ops.ts';
import { lower } from './lower/lower.ts';
import { isInlineConstant, type MemoryLayout } from './schedule/memory.ts';
import { dataBindings, partOf, samplesOf, type FeedType, type KernelSummary, type Plan } from '../compile/plan.ts';
import { REPORT_WORDS, stateWords, type Dispatch, type WebGpuFacts, type WebGpuProgram } from './plan.ts';
import { labelOf } from '../compile/print.ts';
import { mapRoots, type Program } from '../compile/program.ts';
import type { CompileRequest, PlanFacts } from '../compile/request.ts';
import { schedule, type KernelSchedule } from './schedule/stages.ts';
import { baseOf } from './lower/matrix-view.ts';
import { verifyLowered, verifyMemory, verifySchedule } from './verify.ts';

/**
 * What the kernels of one module may weigh: a software adapter takes about two seconds to compile the first, and six the second.
 * What is beside them goes into further dispatches; a chain, which cannot be cut, gives way to the plain schedule.
 */
const MAX_WEIGHT = { plain: 100_000, auto: 100_000, fused: 300_000 };

export function compileForWebGpu(request: CompileRequest, facts: PlanFacts, graph: Program): Plan {
  const target = { ...(partOf(request.target, 'webgpu') as WebGpuFacts), tiles: request.tiles };
  checkBindings(facts, target);
  const lowered = lowerProgram(request, graph);
  if (import.meta.env.DEV) verifyLowered(lowered);
  const { program: arranged, schedule: scheduled, memory, carry } = arrange(lowered, facts, target);
  if (import.meta.env.DEV) {
    verifySchedule(scheduled, arranged);
    verifyMemory(memory, scheduled);
  }
  checkRoom(memory, target);
  const reported = memory.resultWords <= REPORT_WORDS;
  const layout = {
    ...layoutOf(arranged, scheduled, memory.offsets, facts, carry && { ...carry, writesTo: 'next' }),
    reported: new Set(reported ? arranged.fetches : []),
  };
  const commit: Commit | undefined =
    arranged.updates.length === 0
      ? undefined
      : {
          steps: facts.countsStep ? 1 : 0,
          samples: samplesOf(facts),
          rows: facts.sampling?.rows ?? 0xffffffff,
        };
  const source = memorySource(target, facts, memory.totalWords);
  const modules = modulesOf(layout, target);
  if (scheduled.links.size > 0 && modules.some((made) => weightOf(made) > mostOf(target)))
    return compileForWebGpu({ ...request, target: { ...target, schedule: 'plain' } }, facts, graph);
  const emitted = modules.map((made, i) =>
    emitOne(made, i, layout, i === modules.length - 1 ? commit : undefined, target, source),
  );
  const before = carry && prologueOf(carry, memory.offsets, facts);
  const prologue =
    before && modulesOf(before, target).map((made, i) => emitOne(made, i, before, undefined, target, source));
  const program: WebGpuProgram = {
    backend: 'webgpu',
    dispatches: emitted.map((stage) => stage.dispatch),
    prologue: (prologue ?? []).map((stage) => stage.dispatch),
    scratchWords: memory.totalWords,
    resultWords: memory.resultWords,
    reported,
    fetchOffsets: arranged.fetches.map((fetch) => memory.offsets.get(fetch) ?? 0),
    feedOffsets: memory.feedOffsets,
    constants: memory.constants,
  };
  return {
    ...facts,
    dispatches: emitted.length,
    kernels: emitted.flatMap((stage) => stage.kernels),
    buffers: memory.buffers,
    peakBytes: 4 * memory.totalWords,
    program,
  };
}

/** @throws DeviceError where the arena exceeds what one binding may hold. */
function checkRoom(
  { totalWords }: MemoryLayout,
  { limits: { maxStorageBufferBindingSize: limit } }: WebGpuFacts,
): void {
  if (4 * totalWords <= limit) return;
  throw new DeviceError(
    `This run needs ${4 * totalWords} bytes at once; the device's limit maxStorageBufferBindingSize is ${limit}. Use a smaller batch, or evaluate() for a whole data set.`,
  );
}

/** A module's view of memory, the same for all modules of a plan: the words that it uses of each binding, and its variables. */
type MemorySource = Pick<ModuleSource, 'words' | 'sized' | 'variables'>;

function memorySource({ adapterClass }: WebGpuFacts, facts: PlanFacts, scratch: number): MemorySource {
  const data = Array.from({ length: dataBindings(facts) }, (_, binding) => {
    const columns = facts.feeds.flatMap(({ type }) => (type.kind === 'column' && type.binding === binding ? type : []));
    return Math.max(...columns.map(({ column, wordOffset }) => wordOffset + columnWords(column)));
  });
  return {
    words: { scratch, data },
    // Where the length is known, loads cost a software adapter half: a constant bound need not be looked up each time.
    sized: adapterClass === 'software',
    variables: facts.variables.map(({ shape }) => stateWords(shape)),
  };
}

/** The layout of the dispatches that compute the carry of a pipelined plan for its first step. */
function prologueOf(
  { prologue, carryIn }: NonNullable<Arrangement['carry']>,
  scratch: ReadonlyMap<Tensor, number>,
  facts: PlanFacts,
): Layout {
  const none = { fetches: [], updates: [], checks: [] };
  return layoutOf(none, schedule(fuse([prologue]), []), scratch, facts, {
    carryOut: prologue,
    carryIn,
    writesTo: 'this',
  });
}

/** Beside the data sets, every plan binds three storage buffers: control, state and scratch. */
function checkBindings(facts: PlanFacts, { limits }: WebGpuFacts): void {
  const [sets, limit] = [dataBindings(facts), limits.maxStorageBuffersPerShaderStage];
  if (sets + 3 <= limit) return;
  throw new DeviceError(
    `This run reads columns of ${sets} data sets, which takes ${sets + 3} storage buffers; ` +
      `the device's limit maxStorageBuffersPerShaderStage is ${limit}. Feed columns of fewer data sets at once, or arrays.`,
  );
}

/** Lowers all roots at once. Sources that are fetched or become a variable's value are copied by a kernel. */
function lowerProgram(request: CompileRequest, graph: Program): Program {
  const columns = new Map<string, FeedType & { kind: 'column' }>();
  for (const [name, feed] of request.feeds) if (feed.kind === 'column') columns.set(name, feed);
  const lowered = mapRoots(graph, (roots) => lower(sampleColumns(roots, columns)).map(baseOf));
  const copies = new Map<Tensor, Tensor>();
  const computed = (tensor: Tensor): Tensor => {
    if (tensor.op.kernel.kind !== 'source') return tensor;
    const copy = copies.get(tensor) ?? copyOf(tensor);
    copies.set(tensor, copy);
    return copy;
  };
  return {
    fetches: lowered.fetches.map(computed),
    updates: lowered.updates.map(({ variable, value }) => ({ variable, value: computed(value) })),
    checks: lowered.checks.map(({ name, tensor }) => ({ name, tensor: copies.get(tensor) ?? tensor })),
  };
}

function layoutOf(
  program: Program,
  scheduled: KernelSchedule,
  scratch: ReadonlyMap<Tensor, number>,
  facts: PlanFacts,
  carry: Layout['carry'],
): Layout {
  const updates = new Map<Tensor, string[]>();
  for (const { variable, value } of program.updates) updates.set(value, [...(updates.get(value) ?? []), variable.name]);
  const checks = new Map<Tensor, number>();
  // Of several checks that fail the largest code stays, so the most telling check has it.
  program.checks.forEach(({ tensor }, i) =>
    checks.set(tensor, Math.max(checks.get(tensor) ?? 0, program.checks.length - i)),
  );
  const batches = topologicalOrder([...scheduled.groupOf.keys()]).filter((node) => node.op === batchRowsOp);
  return {
    schedule: scheduled,
    carry,
    reported: new Set(),
    scratch,
    variables: new Map(facts.variables.map(({ name }, i) => [name, i])),
    updates,
    checks,
    batchRows: new Map(batches.map((rows, i) => [rows, i])),
  };
}

/** A group with its kernel. */
interface Made {
  readonly group: Group;
  readonly kernel: Kernel;
}

/** Each stage's kernels by the module: those that are chained together, of the others as many as one may hold. */
function modulesOf(layout: Layout, target: WebGpuFacts): Made[][] {
  return layout.schedule.stages.flatMap((groups) => {
    const made = groups.map((group, i) => ({ group, kernel: kernelOf(group, layout, target, `k${i}_`) }));
    if (weightOf(made) <= mostOf(target)) return [made];
    const isChained = ({ group }: Made): boolean => layout.schedule.links.has(group);
    const modules = [made.filter(isChained)];
    let weight = weightOf(modules[0] ?? []);
    for (const one of made.filter((each) => !isChained(each))) {
      const own = weightOf([one]);
      weight += own;
      if (weight > mostOf(target) && weight > own) {
        modules.push([]);
        weight = own;
      }
      modules.at(-1)?.push(one);
    }
    return modules;
  });
}

/** What a kernel costs a compiler beside its text. */
const KERNEL_WEIGHT = 1500;

function weightOf(made: readonly Made[]): number {
  return made.reduce((sum, { kernel }) => sum + KERNEL_WEIGHT + kernel.code.weight, 0);
}

function mostOf({ schedule = 'auto' }: WebGpuFacts): number {
  return MAX_WEIGHT[schedule];
}

interface EmittedModule {
  readonly dispatch: Dispatch;
  readonly kernels: readonly KernelSummary[];
}

function emitOne(
  made: readonly Made[],
  number: number,
  layout: Layout,
  commit: Commit | undefined,
  target: WebGpuFacts,
  memory: MemorySource,
): EmittedModule {
  const name = made.map(({ group }) => nameOf(group)).join(' | ');
  const kernels = made.map(({ kernel }) => kernel);
  const links = made.map(({ group }) => layout.schedule.links.get(group));
  const dispatched = dispatch(name, kernels, links, layout, target, commit !== undefined);
  const module = printModule({
    ...memory,
    ...dispatched,
    kernels: kernels.map((kernel) => kernel.code),
    batches: [...layout.batchRows.keys()].map(({ attrs }) => attrs as BatchRowsAttrs),
    commit,
  });
  const summaries = made.map(({ group, kernel }, i): KernelSummary => ({
    dispatch: number,
    name: nameOf(group),
    source: kernel.source,
    reads: [...(layout.schedule.reads.get(group) ?? [])].filter((read) => !isInlineConstant(read)).map(labelOf),
    writes: writesOf(group, layout),
    workgroups: dispatched.workgroupsOf[i] ?? 0,
    turn: layout.schedule.links.get(group)?.turn,
    tiles: kernel.tiles,
  }));
  return { dispatch: { name, ...module, workgroups: dispatched.workgroups }, kernels: summaries };
}

function nameOf(group: Group): string {
  const names = [...group.members.keys()].map((member) => member.name ?? member.op.name);
  return `${[...new Set(names)].join('+')} [${group.domain.join(', ')}]`;
}

function writesOf(group: Group, layout: Layout): string[] {
  return [...group.members.keys()].flatMap((member) => [
    ...(layout.schedule.stored.get(member) === group ? [labelOf(member)] : []),
    ...(layout.carry?.carryOut === member ? [labelOf(layout.carry.carryIn)] : []),
    ...(layout.updates.get(member) ?? []),
  ]);
}
