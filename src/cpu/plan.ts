/**
 * The CPU's part of a plan.
 */
import type { Plan, TargetProgram } from '../compile/plan.ts';
import type { Program } from '../compile/program.ts';
import { invariant } from '../errors.ts';
import type { Tensor } from '../graph/tensor.ts';

/** The CPU's program: the simplified graph in topological order. */
export interface CpuProgram extends Program, TargetProgram {
  readonly order: readonly Tensor[];
}

/** The program of a plan that was made for the CPU. */
export function programOf({ program }: Plan): CpuProgram {
  invariant(program.backend === 'cpu', 'a plan of another target was loaded on the CPU');
  return program as CpuProgram;
}
