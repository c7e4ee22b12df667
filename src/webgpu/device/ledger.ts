/**
 * The ledger of a session's state on the device: the current generation, the pending submissions, the point that a failed
 * check rolls back to. Bookkeeping only: no GPU type, no I/O, no waiting.
 *
 * The state is double-buffered. A step reads one generation and writes the other, so the host knows the next one without
 * asking the device. `w2` below: the variables after two steps.
 *
 *     step                 1       2       3       4
 *     generation 0    w0 ──┐   ┌─▶ w2 ─┐   ┌─▶ w4 ◀── current
 *     generation 1         └─▶ w1 ─┘   └─▶ w3 ─┘
 *     submission      [      A      ] [     B     ]   pending
 *
 * Several submissions may be pending. A readback is encoded behind them and notes its place in the order, its {@link Mark}.
 * The words that it reads say that all steps before the mark are good ({@link Ledger.confirm}), or which one failed
 * ({@link Ledger.fail}). From a failed step on the device commits nothing, and the generation that the step read is whole:
 *
 *     step                 1       2       3 fails
 *     generation 0    w0 ──┐   ┌─▶ w2 ─┐ ◀─────────── kept, and current again
 *     generation 1         └─▶ w1 ─┘   └─▶ ✗          written in part, never read
 *     submission      [      A      ] [     B     ] [  C  ] [  D  ]
 *                          good       └─ void: submitted before the failure was known
 *
 * The device reports the failed step, not its submission, and only one generation back is kept. So pending submissions set the same variables, and
 * either all count steps, or each has a readback of its own; these arrive in order. The session waits for the outcome of all
 * before it submits another kind.
 *
 * A variable that a step does not set must be equal in both generations. After a submission that sets `w` and `v`, the
 * generation that is not current is out of date in both; before one that sets `v` alone, `w` is copied there.
 */
import type { Counters, Failure } from '../../compile/backend.ts';
import { samplesOf, type Plan } from '../../compile/plan.ts';
import { invariant } from '../../errors.ts';

/** The place of a readback in the order of submissions: behind number `submission`, when `generation` was current. */
export interface Mark {
  readonly submission: number;
  readonly generation: number;
}

/** The device's record of a generation: counters, and the rows of the data set that `samples` counts in. */
export interface ExpectedRecord extends Counters {
  readonly rows: number;
}

/** The failure that the device reports: the step, counted from 1; the check, counted from the plan's last; the generation kept. */
export interface ReportedFailure {
  readonly step: number;
  readonly check: number;
  readonly generation: number;
}

/** A failure that the host knows of. It voids the submissions from number `from` to number `until`. */
export interface ConfirmedFailure {
  readonly failure: Failure;
  readonly generation: number;
  readonly from: number;
  readonly until: number;
}

type UpdatingPlan = Pick<Plan, 'updates' | 'checks' | 'countsStep' | 'sampling'>;

/** A submission whose outcome is not known yet. */
interface Pending {
  readonly submission: number;
  readonly plan: UpdatingPlan;
  readonly steps: number;
  /** The record before its first step. */
  readonly before: ExpectedRecord;
}

export class Ledger {
  /** The current generation, which the next step reads: 0 or 1. */
  generation = 0;
  /** The device's record of the current generation, once everything submitted is done. */
  expected: ExpectedRecord = { step: 0, samples: 0, rows: 1 };
  /** The number of the last submission that sets variables. */
  #submission = 0;
  #pending: Pending[] = [];
  #outOfDate: readonly string[] = [];
  #failure: ConfirmedFailure | undefined;

  get isPending(): boolean {
    return this.#pending.length > 0;
  }

  /** The place of a readback that is encoded now. */
  get mark(): Mark {
    return { submission: this.#submission, generation: this.generation };
  }

  /** Sets the record that steps of a plan begin with. @returns Whether the device has another one, so that it must be written. */
  expect(
    { step, samples }: Counters,
    { countsStep, sampling }: Pick<UpdatingPlan, 'countsStep' | 'sampling'>,
  ): boolean {
    const { expected } = this;
    const rows = countsStep ? (sampling?.rows ?? 1) : expected.rows;
    if (expected.step === step && expected.samples === samples && expected.rows === rows) return false;
    this.expected = { step, samples, rows };
    return true;
  }

  /** The variables to copy to the other generation before a submission that sets `updates`. */
  outOfDate(updates: readonly string[]): string[] {
    return this.#outOfDate.filter((name) => !updates.includes(name));
  }

  /** Enters a submission of `steps` steps. */
  submit(plan: UpdatingPlan, steps: number): void {
    const before = this.expected;
    this.#pending.push({ submission: ++this.#submission, plan, steps, before });
    this.#outOfDate = plan.updates;
    this.expected = recordAfter(plan, before, steps);
    this.generation = (this.generation + steps) % 2;
  }

  /** All steps before `mark` are good. */
  confirm(mark: Mark): void {
    this.#pending = this.#pending.filter(({ submission }) => submission > mark.submission);
  }

  /** The known failure that voids what was read at `mark`. */
  failureAt({ submission }: Mark): ConfirmedFailure | undefined {
    const known = this.#failure;
    return known !== undefined && known.from <= submission && submission <= known.until ? known : undefined;
  }

  /** A step failed: rolls back to before it, and voids its submission and all later ones. */
  fail({ step, check, generation }: ReportedFailure): ConfirmedFailure {
    const failed = this.#pending.find(({ plan, steps, before }) => !plan.countsStep || step <= before.step + steps);
    invariant(failed !== undefined, `step ${step} is not pending`);
    this.generation = generation;
    this.expected = recordAfter(failed.plan, failed.before, step - 1 - failed.before.step);
    this.#pending = [];
    const counters = { step: this.expected.step, samples: this.expected.samples };
    const failure = { step: counters.step + 1, check: failed.plan.checks.at(-check) ?? 'a value', counters };
    this.#failure = { failure, generation, from: failed.submission, until: this.#submission };
    return this.#failure;
  }
}

/** The record after `steps` steps of a plan, if it counts them. */
function recordAfter(plan: UpdatingPlan, before: ExpectedRecord, steps: number): ExpectedRecord {
  if (!plan.countsStep) return before;
  return { ...before, step: before.step + steps, samples: before.samples + steps * samplesOf(plan) };
}
