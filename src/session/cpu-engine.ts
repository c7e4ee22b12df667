/**
 * The CPU's engine.
 */
import { createCpuBackend } from '../backend/cpu/cpu-backend.ts';
import { compileForCpu } from '../compile/compile-cpu.ts';
import type { Engine } from './engine.ts';
import { explainPlan } from './explain.ts';

export function openCpuEngine(seed: number): Engine {
  return { backend: createCpuBackend({ seed }), finish: compileForCpu, explain: explainPlan };
}
