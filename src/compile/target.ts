/**
 * An engine: a backend, the compiler's last passes for it, and the text of its plans. They are loaded together, and only where
 * they are used.
 */
import type { Backend, SubmitRequest } from './backend.ts';
import type { Plan } from './plan.ts';
import type { FinishPlan } from './request.ts';
import type { explainPlan } from './explain.ts';

export interface Engine {
  readonly backend: Backend;
  readonly finish: FinishPlan;
  readonly explain: typeof explainPlan;
  /** Compiles, and where there is a choice of kernels measures on `request` which are fastest. */
  readonly tune?: (compile: () => Plan, request: SubmitRequest) => Promise<Plan>;
}
