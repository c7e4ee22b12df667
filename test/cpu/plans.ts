/** Plans for the CPU, made without the compiler, and helpers to submit them. */
import type { LoadedPlan, Outcome, Submission, SubmitRequest } from '../../src/compile/backend.ts';
import type { Plan, PlanFeed } from '../../src/compile/plan.ts';
import type { CpuProgram } from '../../src/cpu/plan.ts';
import { Column } from '../../src/graph/column.ts';
import { Placeholder, type Variable } from '../../src/graph/sources.ts';
import type { Tensor } from '../../src/graph/tensor.ts';
import { topologicalOrder } from '../../src/graph/walk.ts';

interface Parts {
  readonly fetches?: readonly Tensor[];
  readonly updates?: readonly { readonly variable: Variable; readonly value: Tensor }[];
  readonly checks?: readonly Tensor[];
  readonly sampling?: Plan['sampling'];
  readonly countsStep?: boolean;
  /** The placeholders fed from columns. */
  readonly columns?: Readonly<Record<string, Column>>;
}

export function planOf({
  fetches = [],
  updates = [],
  checks = [],
  sampling,
  countsStep = true,
  columns = {},
}: Parts): Plan {
  const order = topologicalOrder([...fetches, ...checks, ...updates.map(({ value }) => value)]);
  const names = updates.map(({ variable }) => variable.name);
  return {
    target: { backend: 'cpu' },
    dispatches: order.length,
    kernels: [],
    buffers: [],
    peakBytes: 0,
    feeds: order.flatMap((node) =>
      node instanceof Placeholder ? [feedOf(node as Placeholder, columns[node.name])] : [],
    ),
    fetches: fetches.map(({ shape, dtype }) => ({ shape: shape.map((dim) => dim ?? 0), dtype })),
    variables: [],
    updates: names,
    checks: [...checks.map((_, i) => `check ${i}`), ...names],
    countsStep,
    sampling,
    graph: '',
    program: {
      backend: 'cpu',
      order,
      fetches,
      updates,
      checks: [
        ...checks.map((tensor, i) => ({ name: `check ${i}`, tensor })),
        ...updates.map(({ variable, value }) => ({ name: variable.name, tensor: value })),
      ],
    } as CpuProgram,
  };
}

function feedOf({ name, shape, dtype }: Placeholder, column: Column | undefined): PlanFeed {
  const sizes = shape.map((dim) => dim ?? 0);
  if (column === undefined) return { name, dtype, type: { kind: 'array', shape: sizes }, finite: false };
  const type = { kind: 'column', shape: sizes, column, wordOffset: 0, binding: 0, sampling: 'shuffled' } as const;
  return { name, dtype, type, finite: false };
}

/** A column of a data set of its own. */
export function columnOf(format: Column['format'], values: Column['values'], rowSize: number, classes = 0): Column {
  const source = { name: 'test', columns: [] };
  return new Column({
    source,
    name: `test ${format}`,
    format,
    values,
    rows: values.length / rowSize,
    rowSize,
    classes,
  });
}

export function submit(plan: LoadedPlan, request: Partial<SubmitRequest> = {}): Submission {
  const counters = { step: 0, samples: 0 };
  return plan.submit({
    feeds: undefined,
    columns: new Map(),
    counters,
    rowOffset: 0,
    steps: 1,
    read: true,
    ...request,
  });
}

/** What a submission read, as plain arrays. */
export async function run(plan: LoadedPlan, request: Partial<SubmitRequest> = {}): Promise<Plain> {
  return plain(await submit(plan, request).outcome);
}

export interface Plain {
  readonly values: readonly (readonly number[])[];
  readonly failure: Outcome['failure'];
}

export function plain({ values, failure }: Outcome): Plain {
  return { values: values.map((array) => [...array]), failure };
}
