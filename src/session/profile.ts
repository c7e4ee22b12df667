/**
 * The time that each part of a run takes. Loaded on demand.
 */
import type { KernelTiming } from '../compile/explain.ts';
import type { Prepared } from './prepare.ts';
import type { LockedRunner } from './runner.ts';

/** Profiles by the key of the request, the oldest first. */
export type Timings = Map<string, readonly KernelTiming[]>;

const MAX_PROFILES = 32;

/** Profiles a run and keeps the result in `known`. */
export async function profile(runner: LockedRunner, prepared: Prepared, known: Timings): Promise<KernelTiming[]> {
  runner.ensureVariables(prepared.variables);
  const plan = runner.compile(prepared);
  await runner.backend.synchronize();
  const parts = await runner.backend.profile(plan, runner.requestOf(prepared));
  const total = parts.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const timings = parts.map((part) => ({ ...part, share: total > 0 ? part.milliseconds / total : 1 / parts.length }));
  known.set(prepared.key, timings);
  const [oldest] = known.keys();
  if (known.size > MAX_PROFILES && oldest !== undefined) known.delete(oldest);
  return timings;
}
