/**
 * Fetches of `run`: a tensor, an operation, or arrays and objects of them; and results in the same form.
 */
import type { Plan } from '../compile/plan.ts';
import { kindOf, show } from '../checks.ts';
import { UsageError } from '../errors.ts';
import type { DType, TypedArray } from '../graph/dtype.ts';
import type { NDArray } from '../graph/ndarray.ts';
import { group, Operation } from '../graph/operation.ts';
import { ndarray } from '../graph/print-array.ts';
import { Tensor } from '../graph/tensor.ts';

/** A tensor, an operation, or an array or object of fetches. */
export type Fetches = Tensor | Operation | readonly Fetches[] | { readonly [name: string]: Fetches };

/** The result of fetches: scalars as numbers, other tensors as arrays, operations as `undefined`. */
export type Results<F> = [Fetches] extends [F]
  ? unknown
  : F extends Operation
    ? undefined
    : F extends Tensor<infer S>
      ? number extends S['length']
        ? Value
        : S['length'] extends 0
          ? number
          : NDArray
      : { -readonly [K in keyof F]: Results<F[K]> };

/** A value of a report or an evaluation. */
export type Value = number | NDArray;

/** Parsed fetches: the tensors to compute, the operation to run, and the function that assembles results. */
export interface Request {
  readonly tensors: readonly Tensor[];
  /** The path of each tensor in the fetches, for messages. */
  readonly paths: readonly string[];
  readonly operation: Operation;
  assemble(values: readonly Value[]): unknown;
}

/** @throws UsageError where a fetch is neither a tensor nor an operation. */
export function parseFetches(fetches: Fetches): Request {
  const tensors: Tensor[] = [];
  const paths: string[] = [];
  const operations = new Set<Operation>();
  const visit = (fetch: Fetches, path: string): ((values: readonly Value[]) => unknown) => {
    if (fetch instanceof Operation) {
      operations.add(fetch);
      return () => undefined;
    }
    if (fetch instanceof Tensor) {
      const known = tensors.indexOf(fetch);
      const index = known < 0 ? tensors.push(fetch) - 1 : known;
      paths[index] ??= path;
      return (values) => {
        const value = values[index];
        return typeof value === 'object' ? ndarray(value) : value;
      };
    }
    if (Array.isArray(fetch)) {
      const parts = (fetch as readonly Fetches[]).map((part, i) => visit(part, `${path}[${i}]`));
      return (values) => parts.map((part) => part(values));
    }
    if (kindOf(fetch) === 'Object') {
      const parts = Object.entries(fetch as Readonly<Record<string, Fetches>>).map(
        ([name, part]) => [name, visit(part, `${path}.${name}`)] as const,
      );
      return (values) => Object.fromEntries(parts.map(([name, part]) => [name, part(values)]));
    }
    const given: unknown = fetch;
    throw new UsageError(`${path} is ${show(given)}; fetch tensors, operations, or arrays and objects of them.`);
  };
  const assemble = visit(fetches, 'fetches');
  return { tensors, paths, operation: group(...operations), assemble };
}

/** The results of a plan as values for the user. */
export function toValues(plan: Plan, arrays: readonly TypedArray[]): Value[] {
  return plan.fetches.map(({ shape, dtype }, i) => toValue(arrays[i] ?? new Float32Array(0), shape, dtype));
}

/** A scalar as a number, any other tensor as an array. */
export function toValue(data: TypedArray, shape: readonly number[], dtype: DType): Value {
  return shape.length === 0 ? (data[0] ?? NaN) : { data, shape, dtype };
}
