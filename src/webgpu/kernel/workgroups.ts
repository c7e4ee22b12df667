/**
 * Sizes of workgroups that several modules depend on.
 */
import type { WebGpuFacts } from '../plan.ts';

/** Invocations that a software adapter runs at once. */
export const LANES = 4;

/** Invocations per workgroup of a chain. */
const CHAIN_SIZE = { gpu: 256, software: 4 * LANES };

/** The number of invocations of a workgroup that runs a chain. */
export function chainSize({ adapterClass, limits }: WebGpuFacts): number {
  return Math.min(CHAIN_SIZE[adapterClass], limits.maxComputeInvocationsPerWorkgroup);
}
