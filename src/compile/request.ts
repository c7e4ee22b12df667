/**
 * What the compiler is asked for, and what its passes hand on.
 */
import type { Check, Update } from '../graph/operation.ts';
import type { Tensor } from '../graph/tensor.ts';
import type { FeedType, Plan, Target } from './plan.ts';

export interface CompileRequest {
  readonly fetches: readonly Tensor[];
  readonly updates: readonly Update[];
  readonly checks: readonly Check[];
  /** The mode that ops are resolved for: in training dropout drops, and batch normalisation uses the batch. */
  readonly training: boolean;
  /** Whether running the plan is a training step: counters move. */
  readonly countsStep: boolean;
  /** What each placeholder will be fed, by name. */
  readonly feeds: ReadonlyMap<string, FeedType>;
  readonly target: Target;
  /** Where the backend keeps each variable, in words; unused for the CPU. */
  readonly stateOffsets: ReadonlyMap<string, number>;
}

/** What both targets' last passes start from. */
export interface SimplifiedGraph {
  readonly fetches: readonly Tensor[];
  readonly updates: readonly { readonly variable: string; readonly value: Tensor }[];
  readonly checks: readonly { readonly name: string; readonly tensor: Tensor }[];
}

/** Everything of a plan that does not depend on the target. */
export type PlanFacts = Pick<
  Plan,
  'target' | 'feeds' | 'fetches' | 'variables' | 'updates' | 'checks' | 'countsStep' | 'draw' | 'graph'
>;

/** The last passes, which make a plan for a target. They come with its backend, so that a page loads one only. */
export type FinishPlan = (request: CompileRequest, facts: PlanFacts, graph: SimplifiedGraph) => Plan;
