/**
 * A plan for WebGPU as text: its kernels by dispatch.
 */
import { count, describeKernel, explainPlan, section, timeOf, type KernelTiming } from '../compile/explain.ts';
import { partOf, type KernelSummary, type Plan } from '../compile/plan.ts';
import type { WebGpuFacts } from './plan.ts';

export function explainWebGpuPlan(plan: Plan, timings: readonly KernelTiming[] = []): string {
  const { dispatches, kernels } = plan;
  const where =
    (partOf(plan.target, 'webgpu') as WebGpuFacts).adapterClass === 'gpu' ? 'WebGPU' : 'WebGPU, in software';
  const sections = Array.from({ length: dispatches }, (_, dispatch) => {
    const those = kernels.filter((kernel) => kernel.dispatch === dispatch);
    const title = `Dispatch ${dispatch + 1} of ${dispatches}${waysOf(those)}${timeOf(timings, dispatch)}`;
    return section(title, those.flatMap(describeWebGpuKernel));
  });
  return explainPlan(plan, `${where}: ${count(dispatches, 'dispatch', 'es')}`, sections.flat());
}

/** How the kernels of a dispatch run; nothing where it has one. */
function waysOf(kernels: readonly KernelSummary[]): string {
  const inTurn = kernels.filter(({ turn }) => turn !== undefined).length;
  const parts = [
    [inTurn, 'in turn, slice by slice'],
    [kernels.length - inTurn, 'side by side'],
  ] as const;
  const ways = parts.flatMap(([n, way]) => (n > 0 ? `${count(n, 'kernel')} ${way}` : []));
  return kernels.length > 1 ? `, ${ways.join(' beside ')}` : '';
}

function describeWebGpuKernel(kernel: KernelSummary): string[] {
  return describeKernel(kernel, ` (${kernel.source}, ${count(kernel.workgroups, 'workgroup')})`);
}
