/**
 * The CPU's engine.
 */
import { createCpuBackend } from './backend.ts';
import { compileForCpu } from './compile.ts';
import type { Engine } from '../compile/target.ts';
import { explainPlan } from '../compile/explain.ts';

export function openCpuEngine(seed: number): Engine {
  return { backend: createCpuBackend({ seed }), finish: compileForCpu, explain: explainPlan };
}
