/**
 * Puts the kernels of one stage side by side in one WGSL module: each takes a range of workgroups of one dispatch.
 */
import drawShader from '../../../shaders/draw.wgsl';
import step from '../../../shaders/step.wgsl';
import { DeviceError } from '../../errors.ts';
import { feistelBits } from '../../graph/permutation.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { DrawAttrs } from '../internal-ops.ts';
import type { Dispatch, WebGpuTarget } from '../plan.ts';
import type { Layout } from './expressions.ts';
import { u32 } from './indices.ts';
import type { EmittedKernel } from './specialize-shader.ts';

/** What ends a step: how far the counters move. */
export interface Commit {
  readonly steps: number;
  readonly samples: number;
  readonly rows: number;
}

export interface ModuleOptions {
  readonly name: string;
  readonly kernels: readonly EmittedKernel[];
  readonly layout: Layout;
  readonly target: WebGpuTarget;
  /** How many data bindings the plan has. */
  readonly dataBindings: number;
  /** The first word and the size of each variable in the state, by number. */
  readonly state: readonly { readonly offset: number; readonly words: number }[];
  /** Set in the last module of a plan that sets variables. */
  readonly commit: Commit | undefined;
}

/** Invocations a workgroup on a GPU; software adapters get fewer where that keeps their few cores busy. */
const WORKGROUP_SIZE = 64;
const SOFTWARE_WORKGROUPS = 16;
const LANES = 4;

/** Emits a stage's module. */
export function emitModule(options: ModuleOptions): Dispatch & { readonly workgroupsOf: readonly number[] } {
  const { kernels, commit, target } = options;
  const size = workgroupSize(kernels, target);
  const workgroupsOf = kernels.map((kernel) => Math.max(1, Math.ceil(kernel.invocations / size)));
  const total = workgroupsOf.reduce((sum, count) => sum + count, 0) + (commit === undefined ? 0 : 1);
  const workgroups = gridOf(total, target, options.name);
  const body = kernels.map((kernel) => kernel.code).join('\n');
  const code = [
    step.code,
    ...dataDeclarations(options.dataBindings),
    ...drawFunctions(options.layout.draws, body),
    ...globalsOf(options.state, body).map(({ name }) => `var<private> ${name}: u32;`),
    body,
    mainFunction(options, size, workgroups, workgroupsOf),
  ].join('\n');
  return { name: options.name, code, workgroups, workgroupsOf };
}

function workgroupSize(kernels: readonly EmittedKernel[], target: WebGpuTarget): number {
  const largest = Math.max(...kernels.map((kernel) => kernel.invocations));
  const wanted =
    target.adapterClass === 'software' ? Math.ceil(largest / SOFTWARE_WORKGROUPS / LANES) * LANES : WORKGROUP_SIZE;
  return Math.max(LANES, Math.min(WORKGROUP_SIZE, wanted, target.limits.maxComputeInvocationsPerWorkgroup));
}

/** Spreads workgroups over as many dimensions as the limit asks for. */
function gridOf(total: number, { limits }: WebGpuTarget, name: string): [number, number, number] {
  const max = limits.maxComputeWorkgroupsPerDimension;
  const x = Math.min(total, max);
  const y = Math.min(Math.ceil(total / x), max);
  const z = Math.ceil(total / x / y);
  if (z > max) {
    throw new DeviceError(
      `Kernel ${name} takes ${total} workgroups; this device's limit maxComputeWorkgroupsPerDimension is ${max}. Use a smaller batch, or evaluate() for a whole set.`,
    );
  }
  return [x, y, z];
}

function dataDeclarations(bindings: number): string[] {
  return Array.from({ length: bindings }, (_, i) =>
    [
      `@group(0) @binding(${4 + i}) var<storage, read> data${i}: array<u32>;`,
      `fn bytesAt${i}(address: u32) -> vec4f { return unpack4x8unorm(data${i}[address >> 2u]); }`,
      `fn byteAt${i}(address: u32) -> f32 { return bytesAt${i}(address)[address & 3u]; }`,
    ].join('\n'),
  );
}

/** What random numbers take; a function for each draw the kernels call: the row of the data set that is row `b` of the batch. */
function drawFunctions(draws: ReadonlyMap<Tensor, number>, body: string): string[] {
  const used = [...draws].filter(([, i]) => body.includes(`draw${i}(`));
  if (used.length === 0 && !body.includes('stepKey')) return [];
  const functions = used.map(([draw, i]) => {
    const { draw: kind, rows } = draw.attrs as DrawAttrs;
    if (kind === 'rows')
      return `fn draw${i}(b: u32) -> i32 { return i32(min(params.rowOffset + b, ${u32(rows - 1)})); }`;
    const row =
      kind === 'shuffle'
        ? `permute(at, ${u32(rows)}, ${u32(feistelBits(rows) / 2)}, epochKey(params.seed, epoch))`
        : 'at';
    return `fn draw${i}(b: u32) -> i32 {
      let position = now(POSITION) + b;
      let wraps = select(0u, 1u, position >= ${u32(rows)});
      let at = position - wraps * ${u32(rows)};
      let epoch = now(EPOCH) + wraps;
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
  workgroupsOf: readonly number[],
): string {
  const body = options.kernels.map((kernel) => kernel.code).join('\n');
  let first = 0;
  const branches = workgroupsOf.map((count, i) => {
    const start = first;
    first += count;
    return `if (group < ${u32(first)}) { k${i}_run((group - ${u32(start)}) * ${u32(size)} + local); return; }`;
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
