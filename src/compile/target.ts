/**
 * An engine: a backend, the compiler passes of its target, and the printer of its plans, loaded together on demand.
 */
import type { Backend, SubmitRequest } from './backend.ts';
import type { Plan } from './plan.ts';
import type { FinishPlan } from './request.ts';
import type { explainPlan } from './explain.ts';

export interface Engine {
  readonly backend: Backend;
  readonly finish: FinishPlan;
  readonly explain: typeof explainPlan;
  /** Compiles, and measures on `request` which kernels are fastest where there is a choice. */
  readonly tune?: (compile: () => Plan, request: SubmitRequest) => Promise<Plan>;
}
