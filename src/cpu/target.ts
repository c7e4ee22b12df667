/**
 * The CPU as a target.
 */
import type { Target } from '../compile/target.ts';
import { createCpuBackend } from './backend.ts';
import { compileForCpu } from './compile.ts';
import { explainCpuPlan } from './explain.ts';

export const cpu: Target<{ readonly seed: number }> = {
  finish: compileForCpu,
  open: (options) => Promise.resolve(createCpuBackend(options)),
  explain: explainCpuPlan,
};
