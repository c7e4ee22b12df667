/**
 * Divides the workgroups of a dispatch among the kernels of its module: each kernel gets a range of them. The kernels of a chain
 * have one range: each of its workgroups runs all of them in turn, for its slice.
 */
import type { WebGpuFacts } from '../plan.ts';
import { DeviceError } from '../../errors.ts';
import type { Link } from '../schedule/stages.ts';
import type { Chain, ModuleSource, Range } from '../wgsl/module.ts';
import type { Kernel } from '../wgsl/specialize.ts';
import type { Layout } from './layout.ts';
import { chainSize, LANES } from './workgroups.ts';

/** Invocations per workgroup. On a software adapter a small dispatch has smaller workgroups, so that all cores work. */
const WORKGROUP_SIZE = 64;
const SOFTWARE_WORKGROUPS = 16;
const MAX_SOFTWARE_WORKGROUPS = 64;

/** The division of a dispatch among kernels. */
export interface Dispatched extends Pick<ModuleSource, 'workgroupSize' | 'workgroups' | 'ranges'> {
  /** The workgroups of each kernel. */
  readonly workgroupsOf: readonly number[];
}

/**
 * Divides a dispatch among kernels.
 *
 * @param links - The position in a chain of each kernel that has one.
 * @param commits - Set where one more workgroup ends the step.
 */
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
  const slicesOf = { slices: slicing?.slices ?? 1, scalars: 1 };
  const ranges: Range[] = [];
  const workgroupsOf = kernels.map(({ prefix, invocations }, i) => {
    const link = links[i];
    if (link !== undefined) return slicesOf[link.chain];
    const idsPerInvocation = idsPerInvocationOf(invocations, size, target);
    const workgroups = Math.max(1, Math.ceil(invocations / size / idsPerInvocation));
    ranges.push({ workgroups, kernel: prefix, idsPerInvocation });
    return workgroups;
  });
  for (const chain of ['slices', 'scalars'] as const) {
    const turns = turnsOf(chain, kernels, links);
    if (turns.length > 0) ranges.push({ workgroups: slicesOf[chain], chain: { name: chain, turns } });
  }
  const total = ranges.reduce((sum, { workgroups }) => sum + workgroups, 0) + (commits ? 1 : 0);
  return { workgroupSize: size, workgroups: gridOf(total, target, name), ranges, workgroupsOf };
}

/** The kernels of each turn of a chain. */
function turnsOf(
  chain: Link['chain'],
  kernels: readonly Kernel[],
  links: readonly (Link | undefined)[],
): Chain['turns'] {
  const turns: Chain['turns'][number][number][][] = [];
  kernels.forEach(({ prefix, invocationsPerWorkgroup: invocations = 0 }, i) => {
    const link = links[i];
    if (link?.chain === chain) (turns[link.turn] ??= []).push({ kernel: prefix, invocations, runBy: link.runBy });
  });
  return turns;
}

function workgroupSize(kernels: readonly Kernel[], target: WebGpuFacts): number {
  const largest = Math.max(...kernels.map((kernel) => kernel.invocations));
  const wanted =
    target.adapterClass === 'software' ? Math.ceil(largest / SOFTWARE_WORKGROUPS / LANES) * LANES : WORKGROUP_SIZE;
  const most = Math.min(WORKGROUP_SIZE, wanted, target.limits.maxComputeInvocationsPerWorkgroup);
  return Math.max(1, Math.floor(most / LANES)) * LANES;
}

/** The number of a kernel's ids per invocation: on a software adapter, starting an invocation is expensive. */
function idsPerInvocationOf(invocations: number, size: number, { adapterClass }: WebGpuFacts): number {
  return adapterClass === 'gpu' ? 1 : Math.max(1, Math.floor(invocations / size / MAX_SOFTWARE_WORKGROUPS));
}

/** The size of the grid: workgroups spread over as many dimensions as the limit requires. */
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
