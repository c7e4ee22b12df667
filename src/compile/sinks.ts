/** What a plan is for. */
import type { Tensor } from '../graph/tensor.ts';

/** Fetches, updates and checks as the tensors whose elements they are. */
export interface Sinks {
  readonly fetches: readonly Tensor[];
  readonly updates: readonly { readonly variable: string; readonly value: Tensor }[];
  readonly checks: readonly Tensor[];
}

export function rootsOf({ fetches, updates, checks }: Sinks): Tensor[] {
  return [...fetches, ...updates.map(({ value }) => value), ...checks];
}
