/**
 * The compiler's request, and the data between its passes.
 */
import type { Check, Update } from '../graph/operation.ts';
import type { Tensor } from '../graph/tensor.ts';
import type { FeedType, Plan, Target } from './plan.ts';

export interface CompileRequest {
  readonly fetches: readonly Tensor[];
  readonly updates: readonly Update[];
  readonly checks: readonly Check[];
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

/** The input of a target's passes. */
export interface SimplifiedGraph {
  readonly fetches: readonly Tensor[];
  readonly updates: readonly { readonly variable: string; readonly value: Tensor }[];
  readonly checks: readonly { readonly name: string; readonly tensor: Tensor }[];
}

/** The part of a plan that does not depend on the target. */
export type PlanFacts = Pick<
  Plan,
  'target' | 'feeds' | 'fetches' | 'variables' | 'updates' | 'checks' | 'countsStep' | 'draw' | 'graph'
>;

/** A target's passes, which make the plan. They are loaded with its backend, so a page loads only one target. */
export type FinishPlan = (request: CompileRequest, facts: PlanFacts, graph: SimplifiedGraph) => Plan;
