/**
 * The CPU's part of a plan.
 */
import type { TargetProgram } from '../compile/plan.ts';
import type { Program } from '../compile/program.ts';
import type { Tensor } from '../graph/tensor.ts';

/** The CPU's program: the simplified graph in topological order. */
export interface CpuProgram extends Program, TargetProgram {
  readonly order: readonly Tensor[];
}
