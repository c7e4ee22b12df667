/**
 * The last passes for WebGPU: rows are drawn, the graph is lowered, fused, scheduled, laid out in memory and written as WGSL.
 */
import { DeviceError } from '../errors.ts';
import { constantValue, isConstant } from '../graph/sources.ts';
import type { Tensor } from '../graph/tensor.ts';
import { topologicalOrder } from '../graph/walk.ts';
import type { CompileRequest, PlanFacts, SimplifiedGraph } from './request.ts';
import { drawRows } from './draw-rows.ts';
import type { Layout } from './emit/expressions.ts';
import { emitKernel } from './emit/kernels.ts';
import { emitModule, type BindingWords, type Commit } from './emit/module.ts';
import { fuse, type Group } from './fuse.ts';
import { carryOp, copyOf, drawOp, elementsOf } from './internal-ops.ts';
import { lower } from './lower.ts';
import { planMemory } from './memory.ts';
import {
  dataBindings,
  REPORT_WORDS,
  samplesOf,
  stateWords,
  type BufferSummary,
  type Dispatch,
  type FeedType,
  type KernelSummary,
  type Plan,
  type WebGpuTarget,
} from './plan.ts';
import { labelOf } from './print.ts';
import { schedule, type Schedule } from './schedule.ts';
import type { Sinks } from './sinks.ts';
import { wordsOf } from './pipeline.ts';
import { arrange, type Arrangement } from './arrange.ts';
import { baseOf } from './view.ts';

export function compileForWebGpu(request: CompileRequest, facts: PlanFacts, graph: SimplifiedGraph): Plan {
  const { target } = request;
  if (target.backend !== 'webgpu') throw new DeviceError('This request is for the CPU; it is a fault in Inkling.');
  checkBindings(facts, target);
  const { sinks, schedule: scheduled, carry } = arrange(lowerGraph(request, graph), facts, target);
  const memory = layOut(sinks, scheduled, target);
  const reported = memory.resultWords <= REPORT_WORDS;
  const layout = {
    ...nameThings(sinks, scheduled, memory.offsets, facts, carry && { ...carry, into: 'next' }),
    reported: new Set(reported ? sinks.fetches : []),
  };
  const commit: Commit | undefined =
    sinks.updates.length === 0
      ? undefined
      : {
          steps: facts.countsStep ? 1 : 0,
          samples: samplesOf(facts),
          rows: facts.draw?.rows ?? 0xffffffff,
        };
  const words = wordsOfBindings(request, facts, memory.totalWords);
  const emitStages = (layout: Layout, commit?: Commit): EmittedStage[] =>
    layout.schedule.stages.map((groups, stage) => {
      const last = stage === layout.schedule.stages.length - 1;
      return emitStage(groups, stage, last ? commit : undefined, request, target, facts, layout, words);
    });
  const emitted = emitStages(layout, commit);
  const prologue = carry && emitStages(prologueOf(carry, memory.offsets, facts));
  return {
    ...facts,
    dispatches: emitted.length,
    kernels: emitted.flatMap((stage) => stage.kernels),
    buffers: memory.buffers,
    peakBytes: 4 * memory.totalWords,
    program: {
      backend: 'webgpu',
      dispatches: emitted.map((stage) => stage.dispatch),
      prologue: (prologue ?? []).map((stage) => stage.dispatch),
      scratchWords: memory.totalWords,
      resultWords: memory.resultWords,
      reported,
      fetchOffsets: sinks.fetches.map((fetch) => memory.offsets.get(fetch) ?? 0),
      feedOffsets: memory.feedOffsets,
      constants: memory.constants,
      stateOffsets: request.stateOffsets,
    },
  };
}

/** How far the plan reaches into what it binds. */
function wordsOfBindings({ stateOffsets }: CompileRequest, facts: PlanFacts, scratch: number): BindingWords {
  const ends = facts.variables.map(({ name, shape }) => (stateOffsets.get(name) ?? 0) + 2 * stateWords(shape));
  const data = Array.from({ length: dataBindings(facts) }, (_, binding) => {
    const columns = facts.feeds.flatMap(({ type }) => (type.kind === 'column' && type.binding === binding ? type : []));
    return Math.max(
      ...columns.map(
        ({ column, wordOffset }) =>
          wordOffset + Math.ceil((column.rows * column.rowSize) / (column.format === 'uint8' ? 4 : 1)),
      ),
    );
  });
  return { state: Math.max(4, ...ends), scratch, data };
}

/** The kernel that makes what the first step of a pipelined plan finds. */
function prologueOf(
  { prologue, found }: NonNullable<Arrangement['carry']>,
  scratch: ReadonlyMap<Tensor, number>,
  facts: PlanFacts,
): Layout {
  const none = { fetches: [], updates: [], checks: [] };
  return nameThings(none, schedule(fuse([prologue]), []), scratch, facts, { left: prologue, found, into: 'this' });
}

/** Beside the data sets, every plan binds three storage buffers: control, state and scratch. */
function checkBindings(facts: PlanFacts, { limits }: WebGpuTarget): void {
  const [sets, limit] = [dataBindings(facts), limits.maxStorageBuffersPerShaderStage];
  if (sets + 3 <= limit) return;
  throw new DeviceError(
    `This run reads columns of ${sets} data sets, which takes ${sets + 3} storage buffers; ` +
      `this device's limit maxStorageBuffersPerShaderStage is ${limit}. Feed columns of fewer data sets at once, or arrays.`,
  );
}

/** Lowers everything at once, and gives sources that are asked for as they are a kernel that copies them. */
function lowerGraph(request: CompileRequest, graph: SimplifiedGraph): Sinks {
  const roots = [
    ...graph.fetches,
    ...graph.updates.map((update) => update.value),
    ...graph.checks.map((check) => check.tensor),
  ];
  const columns = new Map<string, FeedType & { kind: 'column' }>();
  for (const [name, feed] of request.feeds) if (feed.kind === 'column') columns.set(name, feed);
  const lowered = lower(drawRows(roots, columns)).map(baseOf);
  const copies = new Map<Tensor, Tensor>();
  const computed = (tensor: Tensor): Tensor => {
    if (tensor.op.kernel.kind !== 'source') return tensor;
    const copy = copies.get(tensor) ?? copyOf(tensor);
    copies.set(tensor, copy);
    return copy;
  };
  const sinks = lowered.slice(0, graph.fetches.length + graph.updates.length).map(computed);
  return {
    fetches: sinks.slice(0, graph.fetches.length),
    updates: graph.updates.flatMap(({ variable }, i) => {
      const value = sinks[graph.fetches.length + i];
      return value === undefined ? [] : [{ variable, value }];
    }),
    checks: lowered.slice(sinks.length).map((tensor) => copies.get(tensor) ?? tensor),
  };
}

interface MemoryLayout {
  readonly offsets: ReadonlyMap<Tensor, number>;
  readonly feedOffsets: ReadonlyMap<string, number>;
  readonly constants: readonly { readonly offset: number; readonly words: Uint32Array }[];
  readonly resultWords: number;
  readonly totalWords: number;
  readonly buffers: readonly BufferSummary[];
}

/** Results first, then what is written from outside and must last, then what lives from stage to stage. */
function layOut(sinks: Sinks, scheduled: Schedule, target: WebGpuTarget): MemoryLayout {
  const fetched = new Set(sinks.fetches);
  const lifetime = (key: Tensor, from = 0, to = scheduled.stages.length) => ({
    key,
    words: wordsOf(key, scheduled),
    from,
    to,
  });
  const results = planMemory([...fetched].map((tensor) => lifetime(tensor)));
  const outside = planMemory(
    outsideTensors(scheduled).map((tensor) => lifetime(tensor)),
    results.totalWords,
  );
  const passing = [...scheduled.stored.keys()].filter((tensor) => !fetched.has(tensor));
  const arena = planMemory(
    passing.map((tensor) => {
      const [from, to] = lifeOf(tensor, scheduled);
      return lifetime(tensor, from, to);
    }),
    Math.max(results.totalWords, outside.totalWords),
  );
  const offsets = new Map([...results.offsets, ...outside.offsets, ...arena.offsets]);
  const totalWords = Math.max(4, results.totalWords, outside.totalWords, arena.totalWords);
  const limit = target.limits.maxStorageBufferBindingSize;
  if (4 * totalWords > limit) {
    throw new DeviceError(
      `This run needs ${4 * totalWords} bytes at once; the device's limit maxStorageBufferBindingSize is ${limit}. ` +
        `Use a smaller batch; evaluate({ batchSize }) takes a whole data set through in parts.`,
    );
  }
  const placeholders = [...outside.offsets].filter(([tensor]) => tensor.op.name === 'placeholder');
  return {
    offsets,
    feedOffsets: new Map(placeholders.map(([tensor, offset]) => [tensor.name ?? '', offset])),
    constants: [...outside.offsets]
      .filter(([tensor]) => isConstant(tensor))
      .map(([tensor, offset]) => ({ offset, words: constantWords(tensor) })),
    resultWords: results.totalWords,
    totalWords,
    buffers: [...offsets.keys()].map((tensor) => ({ name: labelOf(tensor), bytes: 4 * wordsOf(tensor, scheduled) })),
  };
}

/** Whether it stands in the code as a number. */
function isNumber(tensor: Tensor): boolean {
  return isConstant(tensor) && elementsOf(tensor) === 1;
}

/** Array feeds, large constants, and what a step leaves for the next. */
function outsideTensors(scheduled: Schedule): Tensor[] {
  const sources = new Set([...scheduled.reads.values()].flatMap((tensors) => [...tensors]));
  return [...sources].filter(
    (tensor) => tensor.op.name === 'placeholder' || tensor.op === carryOp || (isConstant(tensor) && !isNumber(tensor)),
  );
}

/** The stage that writes a tensor and the last that reads it. */
function lifeOf(tensor: Tensor, scheduled: Schedule): [number, number] {
  const owner = scheduled.stored.get(tensor);
  const born = owner === undefined ? 0 : (scheduled.stageOf.get(owner) ?? 0);
  let last = born;
  for (const [group, reads] of scheduled.reads)
    if (reads.has(tensor)) last = Math.max(last, scheduled.stageOf.get(group) ?? 0);
  return [born, last];
}

/** A constant's elements as the words that store them. */
function constantWords(tensor: Tensor): Uint32Array {
  const value = constantValue(tensor);
  if (value instanceof Uint8Array) return Uint32Array.from(value);
  return new Uint32Array(value.buffer.slice(value.byteOffset, value.byteOffset + value.byteLength));
}

function nameThings(
  sinks: Sinks,
  scheduled: Schedule,
  scratch: ReadonlyMap<Tensor, number>,
  facts: PlanFacts,
  carry: Layout['carry'],
): Layout {
  const updates = new Map<Tensor, string[]>();
  for (const { variable, value } of sinks.updates) updates.set(value, [...(updates.get(value) ?? []), variable]);
  const checks = new Map<Tensor, number>();
  // Of several checks that fail the largest code stays, so the most telling check has it.
  sinks.checks.forEach((tensor, i) => checks.set(tensor, Math.max(checks.get(tensor) ?? 0, sinks.checks.length - i)));
  const draws = topologicalOrder([...scheduled.groupOf.keys()]).filter((node) => node.op === drawOp);
  return {
    schedule: scheduled,
    carry,
    reported: new Set(),
    scratch,
    variables: new Map(facts.variables.map(({ name }, i) => [name, i])),
    updates,
    checks,
    draws: new Map(draws.map((draw, i) => [draw, i])),
  };
}

interface EmittedStage {
  readonly dispatch: Dispatch;
  readonly kernels: readonly KernelSummary[];
}

function emitStage(
  groups: readonly Group[],
  stage: number,
  commit: Commit | undefined,
  request: CompileRequest,
  target: WebGpuTarget,
  facts: PlanFacts,
  layout: Layout,
  words: BindingWords,
): EmittedStage {
  const emitted = groups.map((group, i) => emitKernel(group, layout, target, `k${i}_`));
  const module = emitModule({
    name: groups.map(nameOf).join(' | '),
    kernels: emitted,
    links: groups.map((group) => layout.schedule.links.get(group)),
    layout,
    target,
    words,
    state: facts.variables.map(({ name, shape }) => ({
      offset: request.stateOffsets.get(name) ?? 0,
      words: stateWords(shape),
    })),
    commit,
  });
  const kernels = groups.map((group, i): KernelSummary => ({
    dispatch: stage,
    name: nameOf(group),
    source: `${emitted[i]?.shader.name ?? ''}.wgsl`,
    reads: [...(layout.schedule.reads.get(group) ?? [])].filter((read) => !isNumber(read)).map(labelOf),
    writes: writesOf(group, layout),
    workgroups: module.workgroupsOf[i] ?? 0,
    phase: layout.schedule.links.get(group)?.phase,
  }));
  return { dispatch: { name: module.name, code: module.code, workgroups: module.workgroups }, kernels };
}

function nameOf(group: Group): string {
  const names = [...group.members.keys()].map((member) => member.name ?? member.op.name);
  return `${[...new Set(names)].join('+')} [${group.domain.join(', ')}]`;
}

function writesOf(group: Group, layout: Layout): string[] {
  return [...group.members.keys()].flatMap((member) => [
    ...(layout.schedule.stored.get(member) === group ? [labelOf(member)] : []),
    ...(layout.carry?.left === member ? [labelOf(layout.carry.found)] : []),
    ...(layout.updates.get(member) ?? []),
  ]);
}
