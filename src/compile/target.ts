/**
 * A target: a kind of device. It finishes plans for such devices, opens them and prints their plans. `src/session/targets.ts`
 * lists all targets; nothing else names them.
 */
import type { Backend } from './backend.ts';
import type { KernelTiming } from './explain.ts';
import type { Plan } from './plan.ts';
import type { Program } from './program.ts';
import type { CompileRequest, PlanFacts } from './request.ts';

export interface Target<Options = never> {
  /** Makes the plan of a simplified program. */
  readonly finish: (request: CompileRequest, facts: PlanFacts, program: Program) => Plan;
  /** Opens a device for a session. @throws UsageError on invalid options; DeviceError where there is no device. */
  readonly open: (options: Options) => Promise<Backend>;
  /** Closes the device that sessions share, as soon as none uses it. */
  readonly release?: () => Promise<void>;
  /** The plan as text, with times beside its dispatches. */
  readonly explain: (plan: Plan, timings?: readonly KernelTiming[]) => string;
}
