/**
 * Sizes of workgroups that several rooms count on.
 */
import type { WebGpuFacts } from '../plan.ts';

/** Invocations that a software adapter runs at once. */
export const LANES = 4;

/** Invocations a workgroup where kernels are chained. */
const CHAIN_SIZE = { gpu: 256, software: 4 * LANES };

/** Invocations of a workgroup that takes a slice of the samples through a chain. */
export function chainSize({ adapterClass, limits }: WebGpuFacts): number {
  return Math.min(CHAIN_SIZE[adapterClass], limits.maxComputeInvocationsPerWorkgroup);
}
