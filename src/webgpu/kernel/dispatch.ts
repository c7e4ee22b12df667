/**
 * Spreads the kernels of one module over the workgroups of one dispatch: each takes a range of them. Chained kernels share a
 * range: each of its workgroups does all of them in turn, for its slice of the samples.
 */
import type { WebGpuFacts } from '../plan.ts';
import { DeviceError } from '../../errors.ts';
import type { Link } from '../schedule/stages.ts';
import type { Chain, ModuleSource, Range } from '../wgsl/module.ts';
import type { Kernel } from '../wgsl/specialize.ts';
import type { Layout } from './layout.ts';
import { chainSize, LANES } from './workgroups.ts';

/** Invocations a workgroup on a GPU; software adapters get fewer where that keeps their few cores busy. */
const WORKGROUP_SIZE = 64;
const SOFTWARE_WORKGROUPS = 16;
const MAX_SOFTWARE_WORKGROUPS = 64;

/** The division of a dispatch among kernels. */
export interface Dispatched extends Pick<ModuleSource, 'workgroupSize' | 'workgroups' | 'ranges'> {
  /** The workgroups of each kernel. */
  readonly workgroupsOf: readonly number[];
}

/** @param links - The place in a chain of each kernel that has one. @param commits - Whether one more workgroup ends the step. */
export function dispatch(
  name: string,
  kernels: readonly Kernel[],
  links: readonly (Link | undefined)[],
  { schedule: { slicing } }: Layout,
  target: WebGpuFacts,
  commits: boolean,
): Dispatched {
  const chained = links.some((link) => link !== undefined);
  const size = chained ? chainSize(target) : workgroupSize(kernels, target);
  const slicesOf = { slices: slicing?.slices ?? 1, numbers: 1 };
  const ranges: Range[] = [];
  const workgroupsOf = kernels.map(({ prefix, invocations }, i) => {
    const link = links[i];
    if (link !== undefined) return slicesOf[link.chain];
    const turns = turnsOf(invocations, size, target);
    const workgroups = Math.max(1, Math.ceil(invocations / size / turns));
    ranges.push({ workgroups, kernel: prefix, turns });
    return workgroups;
  });
  for (const chain of ['slices', 'numbers'] as const) {
    const phases = phasesOf(chain, kernels, links);
    if (phases.length > 0) ranges.push({ workgroups: slicesOf[chain], chain: { name: chain, phases } });
  }
  const total = ranges.reduce((sum, { workgroups }) => sum + workgroups, 0) + (commits ? 1 : 0);
  return { workgroupSize: size, workgroups: gridOf(total, target, name), ranges, workgroupsOf };
}

/** The kernels of each turn of a chain. */
function phasesOf(
  chain: Link['chain'],
  kernels: readonly Kernel[],
  links: readonly (Link | undefined)[],
): Chain['phases'] {
  const phases: Chain['phases'][number][number][][] = [];
  kernels.forEach(({ prefix, share: count = 0 }, i) => {
    const link = links[i];
    if (link?.chain === chain) (phases[link.phase] ??= []).push({ kernel: prefix, count, share: link.share });
  });
  return phases;
}

function workgroupSize(kernels: readonly Kernel[], target: WebGpuFacts): number {
  const largest = Math.max(...kernels.map((kernel) => kernel.invocations));
  const wanted =
    target.adapterClass === 'software' ? Math.ceil(largest / SOFTWARE_WORKGROUPS / LANES) * LANES : WORKGROUP_SIZE;
  const most = Math.min(WORKGROUP_SIZE, wanted, target.limits.maxComputeInvocationsPerWorkgroup);
  return Math.max(1, Math.floor(most / LANES)) * LANES;
}

/** How many ids an invocation takes one after the other: starting an invocation is expensive on a software adapter. */
function turnsOf(invocations: number, size: number, { adapterClass }: WebGpuFacts): number {
  return adapterClass === 'gpu' ? 1 : Math.max(1, Math.floor(invocations / size / MAX_SOFTWARE_WORKGROUPS));
}

/** Spreads workgroups over as many dimensions as the limit asks for. */
function gridOf(total: number, { limits }: WebGpuFacts, name: string): [number, number, number] {
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
