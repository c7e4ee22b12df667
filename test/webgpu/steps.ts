/**
 * Steps of a graph that samples batches and updates variables: on the WebGPU backend, and on the float64 oracle.
 */
import { evaluate, type Feed, type Result } from '../reference/evaluate.ts';
import type { Failure } from '../../src/compile/backend.ts';
import type { Draw, Plan } from '../../src/compile/plan.ts';
import type { CompileRequest } from '../../src/compile/request.ts';
import type { Column } from '../../src/graph/column.ts';
import { epochKey, permute } from '../../src/graph/permutation.ts';
import type { Placeholder, Tensor, TypedArray, Variable } from '../../src/index.ts';
import type { Rig } from './device/rig.ts';
import type { TargetOptions } from './planning.ts';

/** A value fed as an array. */
export interface Fed extends Feed {
  readonly data: TypedArray;
}

/** A step, and all it starts from. */
export interface Step extends Omit<CompileRequest, 'target'> {
  readonly arrays: ReadonlyMap<Placeholder, Fed>;
  readonly columns: ReadonlyMap<Placeholder, Column>;
  readonly variables: ReadonlyMap<Variable, Float32Array>;
  readonly batches: Batches;
}

/** Which rows the steps' batches have. */
export interface Batches {
  readonly sampling: Draw;
  readonly batch: number;
  readonly rows: number;
  /** The first sample, or row. */
  readonly offset: number;
}

/** What a backend made of some steps: the fetches of the last one, and the variables after it. */
export interface Ran {
  readonly plan: Plan;
  readonly values: readonly TypedArray[];
  readonly failure: Failure | undefined;
  readonly state: readonly Float32Array[];
}

export async function runSteps(
  rig: Rig,
  step: Step,
  steps: number,
  options: TargetOptions = {},
  plan = rig.plan(step, options),
): Promise<Ran> {
  const { arrays, columns, variables, batches } = step;
  const names = [...variables.keys()].map(({ name }) => name);
  for (const [{ name }, values] of variables) rig.setVariable(name, values);
  const loaded = await rig.load(plan);
  const { values, failure } = await loaded.submit({
    feeds: new Map([...arrays].map(([{ name }, { data }]) => [name, data])),
    columns: new Map([...columns].map(([{ name }, column]) => [name, column])),
    counters: { step: 0, samples: batches.sampling === 'range' ? 0 : batches.offset },
    rowOffset: batches.offset,
    steps,
    read: true,
  }).outcome;
  const state = await rig.backend.readVariables(names);
  loaded.dispose();
  return { plan, values, failure, state };
}

export function oracleSteps(
  { fetches, updates, training, arrays, columns, variables, batches }: Step,
  steps: number,
  seed: number,
): { readonly fetched: readonly Result[]; readonly next: readonly ArrayLike<number>[] } {
  const targets = [...variables.keys()];
  let next: readonly ArrayLike<number>[] = [...variables.values()];
  let fetched: readonly Result[] = [];
  for (let step = 0; step < steps; step++) {
    const feeds = new Map<Tensor, Feed>(arrays);
    targets.forEach((target, i) => feeds.set(target, { data: next[i] ?? [], shape: target.initial.shape }));
    const rows = rowsSampled(batches, step, seed);
    for (const [node, column] of columns)
      feeds.set(node, { data: rowsOf(column, rows), shape: [rows.length, ...(node.shape.slice(1) as number[])] });
    const results = evaluate([...fetches, ...updates.map(({ value }) => value)], feeds, {
      precision: 'float64',
      training,
      seed,
      step,
    });
    fetched = results.slice(0, fetches.length);
    next = targets.map((target, i) => {
      const update = updates.findIndex(({ variable }) => variable === target);
      return update < 0 ? (next[i] ?? []) : (results[fetches.length + update]?.data ?? []);
    });
  }
  return { fetched, next };
}

/** The rows of a step's batch, as src/graph/permutation.ts and the definition of an epoch have it. */
export function rowsSampled({ sampling, batch, rows, offset }: Batches, step: number, seed: number): number[] {
  return Array.from({ length: batch }, (_, b) => {
    if (sampling === 'range') return Math.min(offset + b, rows - 1);
    const sample = offset + step * batch + b;
    const at = sample % rows;
    return sampling === 'shuffled' ? permute(at, rows, epochKey(seed, Math.floor(sample / rows))) : at;
  });
}

/** Rows of a column as a float32 placeholder has them: bytes as 0…1, labels one-hot. */
export function rowsOf({ format, values, rowSize, classes }: Column, rows: readonly number[]): Float32Array {
  const width = format === 'labels' ? classes : rowSize;
  return Float32Array.from({ length: rows.length * width }, (_, i) => {
    const [row, at] = [rows[Math.floor(i / width)] ?? 0, i % width];
    if (format === 'labels') return Number(values[row] === at);
    return (values[row * rowSize + at] ?? 0) / (format === 'uint8' ? 255 : 1);
  });
}
