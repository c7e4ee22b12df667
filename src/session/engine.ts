/**
 * An engine: a backend and the compiler's last passes for it. They are loaded together, and only where they are used.
 */
import type { Backend } from '../backend/backend.ts';
import type { FinishPlan } from '../compile/request.ts';

export interface Engine {
  readonly backend: Backend;
  readonly finish: FinishPlan;
}
