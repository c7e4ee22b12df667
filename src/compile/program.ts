/**
 * A program: the tensors that a run is for. Each pass of the compiler replaces them by others that are closer to the device.
 */
import { invariant } from '../errors.ts';
import type { Check, Update } from '../graph/operation.ts';
import type { Tensor } from '../graph/tensor.ts';

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
