/** The outputs of a program: fetches, updates and checks. */
import type { Tensor } from '../graph/tensor.ts';

/** Fetches, updates and checks, as tensors. */
export interface Sinks {
  readonly fetches: readonly Tensor[];
  readonly updates: readonly { readonly variable: string; readonly value: Tensor }[];
  readonly checks: readonly Tensor[];
}

/** All outputs in one list: fetches, updates, checks. */
export function rootsOf({ fetches, updates, checks }: Sinks): Tensor[] {
  return [...fetches, ...updates.map(({ value }) => value), ...checks];
}
