/**
 * An engine: a backend and the compiler's last passes for it. They are loaded together, and only where they are used.
 */
import type { Backend, SubmitRequest } from '../backend/backend.ts';
import type { Plan } from '../compile/plan.ts';
import type { FinishPlan } from '../compile/request.ts';

export interface Engine {
  readonly backend: Backend;
  readonly finish: FinishPlan;
  /** Compiles, and where there is a choice of kernels measures on `request` which are fastest. */
  readonly tune?: (compile: () => Plan, request: SubmitRequest) => Promise<Plan>;
}
