/**
 * A plan for the CPU as text: its kernels in sequence.
 */
import { count, describeKernel, explainPlan, section, timeOf, type KernelTiming } from '../compile/explain.ts';
import type { Plan } from '../compile/plan.ts';

export function explainCpuPlan(plan: Plan, timings: readonly KernelTiming[] = []): string {
  const kernels = plan.kernels.flatMap(({ dispatch, ...kernel }) => describeKernel(kernel, timeOf(timings, dispatch)));
  const device = `the CPU: ${count(plan.dispatches, 'kernel')}`;
  return explainPlan(plan, device, section('Kernels, in sequence', kernels));
}
