/**
 * The compiler's input, and the input of a target's passes.
 */
import type { FeedType, Plan, TargetFacts, TileSizes } from './plan.ts';
import type { Program } from './program.ts';

/** The compiler's input. */
export interface CompileRequest extends Program {
  /** The mode: in training, dropout drops and batch normalisation uses the batch. */
  readonly training: boolean;
  /** Set where a run of the plan is a training step, which advances the counters. */
  readonly countsStep: boolean;
  /** The type of each placeholder's value, by name. */
  readonly feeds: ReadonlyMap<string, FeedType>;
  readonly target: TargetFacts;
  /** The tile sizes of products, where the target has a choice. */
  readonly tiles?: TileSizes | undefined;
}

/** The part of a plan that does not depend on the target. */
export type PlanFacts = Pick<
  Plan,
  'target' | 'feeds' | 'fetches' | 'variables' | 'updates' | 'checks' | 'countsStep' | 'sampling' | 'graph'
>;
