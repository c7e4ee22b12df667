/**
 * How long each part of a run takes. Loaded where it is used.
 */
import type { Prepared, Runner } from './runner.ts';

/** How long a dispatch takes (on the CPU: a kernel). */
export interface KernelTiming {
  /** Its number, from 0 on, as in `plan().kernels`; `undefined` for what comes before: rows that are read on the CPU. */
  readonly dispatch: number | undefined;
  readonly name: string;
  readonly milliseconds: number;
  /** Its part of the whole, from 0 to 1. */
  readonly share: number;
}

/** Profiles by the key of what was profiled, the oldest first. */
export type Timings = Map<string, readonly KernelTiming[]>;

/** How many are kept. */
const MAX_PROFILES = 32;

/** Profiles a run and keeps the result in `known`. Call it within {@link Runner.exclusively}. */
export async function profile(runner: Runner, prepared: Prepared, known: Timings): Promise<KernelTiming[]> {
  const plan = runner.compile(prepared);
  await runner.backend.settled();
  const parts = await runner.backend.profile(plan, runner.requestOf(prepared));
  const total = parts.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const timings = parts.map((part) => ({ ...part, share: total > 0 ? part.milliseconds / total : 1 / parts.length }));
  known.set(prepared.key, timings);
  const [oldest] = known.keys();
  if (known.size > MAX_PROFILES && oldest !== undefined) known.delete(oldest);
  return timings;
}
