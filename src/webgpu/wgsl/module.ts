/**
 * Puts the kernels of one stage side by side in one WGSL module: each takes a range of workgroups of one dispatch. Chained
 * kernels share a range: each of its workgroups does all of them in turn, for its slice of the samples.
 */
import drawShader from '../../../shaders/draw.wgsl';
import step from '../../../shaders/step.wgsl';
import { DeviceError } from '../../errors.ts';
import { feistelBits } from '../../graph/permutation.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { DrawAttrs } from '../lower/internal-ops.ts';
import type { Dispatch, WebGpuTarget } from '../../compile/plan.ts';
import type { Link } from '../schedule/stages.ts';
import type { Layout } from '../kernel/expressions.ts';
import { u32 } from '../kernel/indices.ts';
import type { EmittedKernel } from './specialize.ts';

/** What ends a step: how far the counters move. */
export interface Commit {
  readonly steps: number;
  readonly samples: number;
  readonly rows: number;
}

export interface ModuleOptions {
  readonly name: string;
  readonly kernels: readonly EmittedKernel[];
  /** The place in a chain of each kernel that has one. */
  readonly links: readonly (Link | undefined)[];
  readonly layout: Layout;
  readonly target: WebGpuTarget;
  /** The first word and the size of each variable in the state, by number. */
  readonly state: readonly { readonly offset: number; readonly words: number }[];
  /** How many words of each binding the plan uses. */
  readonly words: BindingWords;
  /** Set in the last module of a plan that sets variables. */
  readonly commit: Commit | undefined;
}

export interface BindingWords {
  readonly state: number;
  readonly scratch: number;
  readonly data: readonly number[];
}

/** Kernels let a whole quad go on, or none of it, which the compiler of WGSL cannot know. */
const QUADS_STAY_TOGETHER = 'diagnostic(off, subgroup_uniformity);';

/** As matmul-shared.wgsl declares them; once a module, however many of its kernels use them. */
const WORKGROUP_TILES = ['var<workgroup> tileA: array<f32, 512>;', 'var<workgroup> tileB: array<f32, 512>;'];

/** Invocations a workgroup on a GPU; software adapters get fewer where that keeps their few cores busy. */
const WORKGROUP_SIZE = 64;
const SOFTWARE_WORKGROUPS = 16;
const MAX_SOFTWARE_WORKGROUPS = 64;
const LANES = 4;

/** Invocations a workgroup where kernels are chained. */
const CHAIN_SIZE = { gpu: 256, software: 4 * LANES };

/** Invocations of a workgroup that takes a slice of the samples through a chain. */
export function chainSize({ adapterClass, limits }: WebGpuTarget): number {
  return Math.min(CHAIN_SIZE[adapterClass], limits.maxComputeInvocationsPerWorkgroup);
}

/** Emits a stage's module. */
export function emitModule(options: ModuleOptions): Dispatch & { readonly workgroupsOf: readonly number[] } {
  const { kernels, links, commit, target } = options;
  const chained = links.some((link) => link !== undefined);
  const size = chained ? chainSize(target) : workgroupSize(kernels, target);
  const slicesOf = { slices: options.layout.schedule.slicing?.slices ?? 1, numbers: 1 };
  const turnsOf = kernels.map(({ invocations }) => turns(invocations, size, target));
  const workgroupsOf = kernels.map(({ invocations }, i) => {
    const link = links[i];
    return link === undefined ? Math.max(1, Math.ceil(invocations / size / (turnsOf[i] ?? 1))) : slicesOf[link.chain];
  });
  const calls = kernels.flatMap(({ prefix }, i) => {
    const [count = 1, workgroups = 1] = [turnsOf[i], workgroupsOf[i]];
    const run = (turn: string): string =>
      `${prefix}run(((group - FIRST) * ${u32(count)} + ${turn}) * ${u32(size)} + local);`;
    const code = count === 1 ? run('0u') : `for (var turn = 0u; turn < ${u32(count)}; turn++) { ${run('turn')} }`;
    return links[i] === undefined ? { workgroups, code } : [];
  });
  const chains = (['slices', 'numbers'] as const).filter((chain) => links.some((link) => link?.chain === chain));
  for (const chain of chains)
    calls.push({ workgroups: slicesOf[chain], code: `slice = group - FIRST; ${chain}(local);` });
  const total = calls.reduce((sum, { workgroups }) => sum + workgroups, 0) + (commit === undefined ? 0 : 1);
  const workgroups = gridOf(total, target, options.name);
  const body = kernels.map((kernel) => kernel.code).join('\n');
  const code = [
    ...(body.includes('quadSwap') ? ['enable subgroups;', QUADS_STAY_TOGETHER] : []),
    sized(step.code, options.words, target),
    ...dataDeclarations(options.words.data, target),
    ...drawFunctions(options.layout.draws, body),
    ...globalsOf(options.state, body).map(({ name }) => `var<private> ${name}: u32;`),
    ...(chained ? ['var<private> slice: u32;'] : []),
    ...(body.includes('tileA[') ? WORKGROUP_TILES : []),
    ...[...new Set(kernels.flatMap(({ functions }) => [...functions]))].sort(),
    body,
    ...chains.map((chain) => chainFunction(chain, options, size)),
    mainFunction(options, size, workgroups, calls),
  ].join('\n');
  return { name: options.name, code, workgroups, workgroupsOf };
}

/** One workgroup's way through a chain: what it wrote it may read after the barrier. */
function chainFunction(chain: Link['chain'], { links, kernels }: ModuleOptions, size: number): string {
  const phases: string[] = [];
  links.forEach((link, i) => {
    if (link?.chain !== chain) return;
    const count = u32(kernels[i]?.share ?? 0);
    const first = link.share === 'slice' ? `slice * ${count} + ` : '';
    const loop = `for (var id = local; id < ${count}; id += ${u32(size)}) { ${kernels[i]?.prefix ?? ''}run(${first}id); }`;
    phases[link.phase] =
      `${phases[link.phase] ?? ''}${link.share === 'first' ? `if (slice == 0u) { ${loop} }` : loop}\n`;
  });
  return `fn ${chain}(local: u32) {\n${phases.join('storageBarrier();\n')}}`;
}

function workgroupSize(kernels: readonly EmittedKernel[], target: WebGpuTarget): number {
  const largest = Math.max(...kernels.map((kernel) => kernel.invocations));
  const wanted =
    target.adapterClass === 'software' ? Math.ceil(largest / SOFTWARE_WORKGROUPS / LANES) * LANES : WORKGROUP_SIZE;
  const most = Math.min(WORKGROUP_SIZE, wanted, target.limits.maxComputeInvocationsPerWorkgroup);
  return Math.max(1, Math.floor(most / LANES)) * LANES;
}

/** How many ids an invocation takes one after the other: beginning one is dear on a software adapter. */
function turns(invocations: number, size: number, { adapterClass }: WebGpuTarget): number {
  return adapterClass === 'gpu' ? 1 : Math.max(1, Math.floor(invocations / size / MAX_SOFTWARE_WORKGROUPS));
}

/** Spreads workgroups over as many dimensions as the limit asks for. */
function gridOf(total: number, { limits }: WebGpuTarget, name: string): [number, number, number] {
  const max = limits.maxComputeWorkgroupsPerDimension;
  const x = Math.min(total, max);
  const y = Math.min(Math.ceil(total / x), max);
  const z = Math.ceil(total / x / y);
  if (z > max) {
    throw new DeviceError(
      `Kernel ${name} takes ${total} workgroups; the device's limit maxComputeWorkgroupsPerDimension is ${max}. Use a smaller batch, or evaluate() for a whole data set.`,
    );
  }
  return [x, y, z];
}

/**
 * The array type of a binding. Where its length is known, loads cost a software adapter half: a bound that is a constant need
 * not be looked up each time.
 */
function arrayType(words: number, { adapterClass }: WebGpuTarget): string {
  return adapterClass === 'software' ? `array<u32, ${words}>` : 'array<u32>';
}

function sized(code: string, words: BindingWords, target: WebGpuTarget): string {
  const declared = (name: 'state' | 'scratch', text: string): string =>
    text.replace(`${name}: array<u32>`, `${name}: ${arrayType(words[name], target)}`);
  return declared('state', declared('scratch', code));
}

function dataDeclarations(words: readonly number[], target: WebGpuTarget): string[] {
  return words.map((count, i) =>
    [
      `@group(0) @binding(${4 + i}) var<storage, read> data${i}: ${arrayType(count, target)};`,
      `fn bytesAt${i}(address: u32) -> vec4f { return unpack4x8unorm(data${i}[address >> 2u]); }`,
      `fn bytesFrom${i}(address: u32) -> vec4f {
        let shift = 8u * (address & 3u);
        return unpack4x8unorm((data${i}[address >> 2u] >> shift) | ((data${i}[(address >> 2u) + 1u] << 1u) << (31u - shift)));
      }`,
      `fn byteAt${i}(address: u32) -> f32 { return unpack4x8unorm(data${i}[address >> 2u] >> (8u * (address & 3u))).x; }`,
    ].join('\n'),
  );
}

/** What random numbers take; a function for each draw the kernels call: the row of the data set that is row `b` of the batch. */
function drawFunctions(draws: ReadonlyMap<Tensor, number>, body: string): string[] {
  const used = [...draws].filter(([, i]) => body.includes(`draw${i}(`));
  if (used.length === 0 && !body.includes('stepKey')) return [];
  const functions = used.map(([draw, i]) => {
    const { draw: kind, rows, ahead = 0 } = draw.attrs as DrawAttrs;
    if (kind === 'rows')
      return `fn draw${i}(b: u32) -> i32 { return i32(min(params.rowOffset + b, ${u32(rows - 1)})); }`;
    const row =
      kind === 'shuffle'
        ? `permute(at, ${u32(rows)}, ${u32(feistelBits(rows) / 2)}, epochKey(params.seed, epoch))`
        : 'at';
    return `fn draw${i}(b: u32) -> i32 {
      let position = firstSample + ${u32(ahead)} + b;
      let wraps = position / ${u32(rows)};
      let at = position - wraps * ${u32(rows)};
      let epoch = firstEpoch + wraps;
      return i32(${row});
    }`;
  });
  return [drawShader.code, ...functions];
}

/**
 * What `main` computes before all else, of what the kernels use: the key of the step's random numbers, and where variables lie,
 * `from<i>` in the generation that is read, `to<i>` in the one that is written.
 */
function globalsOf(state: ModuleOptions['state'], body: string): { name: string; value: string }[] {
  return [
    { name: 'stepKey', value: 'stepKeyOf(params.seed, now(STEP))' },
    ...state.flatMap(({ offset, words }, i) => [
      { name: `from${i}`, value: `${u32(offset)} + generation * ${u32(words)}` },
      { name: `to${i}`, value: `${u32(offset)} + (1u - generation) * ${u32(words)}` },
    ]),
  ].filter(({ name }) => new RegExp(`\\b${name}\\b`).test(body));
}

function mainFunction(
  options: ModuleOptions,
  size: number,
  [x, y]: readonly [number, number, number],
  calls: readonly { readonly workgroups: number; readonly code: string }[],
): string {
  const body = options.kernels.map((kernel) => kernel.code).join('\n');
  let first = 0;
  const branches = calls.map(({ workgroups, code }) => {
    const call = code.replaceAll('FIRST', u32(first));
    first += workgroups;
    return `if (group < ${u32(first)}) { ${call} return; }`;
  });
  const { commit } = options;
  const last =
    commit === undefined
      ? ''
      : `if (group == ${u32(first)} && local == 0u) { commit(${u32(commit.steps)}, ${u32(commit.samples)}, ${u32(commit.rows)}); }`;
  return [
    `@compute @workgroup_size(${size})`,
    'fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {',
    'begin();',
    ...globalsOf(options.state, body).map(({ name, value }) => `${name} = ${value};`),
    `let group = workgroup.x + ${u32(x)} * (workgroup.y + ${u32(y)} * workgroup.z);`,
    ...branches,
    last,
    '}',
  ].join('\n');
}
