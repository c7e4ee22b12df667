/**
 * A program: the tensors that a run is for. Each pass of the compiler replaces them by others that are closer to the device.
 */
import { invariant } from '../errors.ts';
import type { Check, Update } from '../graph/operation.ts';
import type { Tensor } from '../graph/tensor.ts';
import type { FeedType, Plan, Target } from './plan.ts';

export interface Program {
  readonly fetches: readonly Tensor[];
  readonly updates: readonly Update[];
  readonly checks: readonly Check[];
}

/** The tensors of a program: fetches, next values of variables, checked tensors. */
export function rootsOf({ fetches, updates, checks }: Program): Tensor[] {
  return [...fetches, ...updates.map(({ value }) => value), ...checks.map(({ tensor }) => tensor)];
}

/** The program of the tensors that `pass` gives for the roots, in their order. */
export function mapRoots(program: Program, pass: (roots: readonly Tensor[]) => readonly Tensor[]): Program {
  const roots = pass(rootsOf(program)).values();
  const next = (): Tensor => {
    const { value } = roots.next() as { readonly value?: Tensor };
    invariant(value !== undefined, 'lost root');
    return value;
  };
  return {
    fetches: program.fetches.map(next),
    updates: program.updates.map(({ variable }) => ({ variable, value: next() })),
    checks: program.checks.map(({ name }) => ({ name, tensor: next() })),
  };
}

/** The compiler's input. */
export interface CompileRequest extends Program {
  /** The mode: in training, dropout drops and batch normalisation uses the batch. */
  readonly training: boolean;
  /** Set where a run of the plan is a training step, which advances the counters. */
  readonly countsStep: boolean;
  /** The type of each placeholder's value, by name. */
  readonly feeds: ReadonlyMap<string, FeedType>;
  readonly target: Target;
  /** Offset of each variable in the backend's state, in words; unused for the CPU. */
  readonly stateOffsets: ReadonlyMap<string, number>;
}

/** The part of a plan that does not depend on the target. */
export type PlanFacts = Pick<
  Plan,
  'target' | 'feeds' | 'fetches' | 'variables' | 'updates' | 'checks' | 'countsStep' | 'draw' | 'graph'
>;

/** A target's passes, which make the plan. They are loaded with its backend, so a page loads only one target. */
export type FinishPlan = (request: CompileRequest, facts: PlanFacts, program: Program) => Plan;
