/**
 * A plan loaded on the CPU: its kernels, bound to arrays that every step reuses.
 */
import { partOf, samplesOf, type FeedType, type Plan } from '../compile/plan.ts';
import { rootsOf } from '../compile/program.ts';
import { invariant } from '../errors.ts';
import type { Column } from '../graph/column.ts';
import type { TypedArray } from '../graph/dtype.ts';
import { stepKeyOf } from '../graph/permutation.ts';
import { sizeOfShape } from '../graph/shape.ts';
import { Placeholder, Variable } from '../graph/sources.ts';
import type { Tensor } from '../graph/tensor.ts';
import type { Counters, Outcome, SubmitRequest, Timing } from '../compile/backend.ts';
import { fillBatchRows, readRows } from './batch-rows.ts';
import { ArrayPool, prepare } from './prepare.ts';
import type { CpuProgram } from './plan.ts';
import { concreteShape, unitsPerBlock, wholeKernel, type CpuKernel, type Values } from './kernel.ts';

export class CpuPlan {
  readonly plan: Plan;
  /** Bytes of the arrays between the kernels. */
  readonly bytes: number;
  readonly #kernels: readonly CpuKernel[];
  /** The node that each kernel computes. */
  readonly #nodes: ReadonlyMap<CpuKernel, Tensor>;
  readonly #fetches: readonly Values[];
  readonly #updates: readonly { readonly variable: Float32Array; readonly value: Values }[];
  /** The checked values, in the order of the plan's names. */
  readonly #checks: readonly Values[];
  readonly #feeds = new Map<string, Values>();
  #columns: ReadonlyMap<string, Column> = new Map();
  /** The rows of the step's batch; for data sets fed whole, as many as the largest has. */
  readonly #rows: Int32Array;
  readonly #stepKey = new Int32Array(1);

  /** @param variables - The arrays of the variables, which stay the same as long as the plan is used. */
  constructor(plan: Plan, variables: ReadonlyMap<string, Float32Array>) {
    const program = partOf(plan.program, 'cpu') as CpuProgram;
    this.plan = plan;
    this.#rows = new Int32Array(Math.max(0, ...plan.feeds.map(({ type }) => batchOf(type))));
    const pool = new ArrayPool('float32');
    const sources = new Map<Tensor, Values>();
    const kernels: CpuKernel[] = [];
    for (const node of program.order) {
      if (node instanceof Variable) sources.set(node, variableOf(variables, node.name));
      if (!(node instanceof Placeholder)) continue;
      const values = pool.take(node.dtype, sizeOfShape(concreteShape(node)));
      sources.set(node, values);
      this.#feeds.set(node.name, values);
      const feed = plan.feeds.find(({ name }) => name === node.name);
      if (feed?.type.kind === 'column') kernels.push(this.#columnKernel(node.name, values, batchOf(feed.type)));
    }
    const prepared = prepare(program.order, sources, rootsOf(program), pool, {
      training: false, // the mode is resolved already
      stepKey: this.#stepKey,
    });
    kernels.push(...prepared.kernels);
    const state = new Set<Values>(variables.values());
    this.#updates = program.updates.map(({ variable, value }) => {
      let result = prepared.values(value);
      if (state.has(result)) {
        // The value is a variable, which this step may set before it is read: take a copy.
        const old = result;
        const copy = new Float32Array(old.length);
        kernels.push(wholeKernel(() => copy.set(old)));
        result = copy;
      }
      return { variable: variableOf(variables, variable.name), value: result };
    });
    this.#kernels = kernels;
    this.#nodes = prepared.nodes;
    this.#fetches = program.fetches.map(prepared.values);
    this.#checks = program.checks.map(({ tensor }) => prepared.values(tensor));
    this.bytes = pool.bytes;
  }

  /** Sets the values of array feeds, for this and the next runs. */
  feed(feeds: ReadonlyMap<string, TypedArray>): void {
    for (const [name, values] of feeds) this.#feeds.get(name)?.set(values);
  }

  /** Runs the steps of a request. Between blocks of about a millisecond it calls `pause` and awaits the result. */
  async run(request: SubmitRequest, seed: number, pause: () => Promise<void> | undefined): Promise<Outcome> {
    const { steps, rowOffset, read } = request;
    this.#columns = request.columns;
    let values: TypedArray[] = [];
    for (let i = 0; i < steps; i++) {
      const counters = this.#advance(request.counters, i);
      this.#stepKey[0] = stepKeyOf(seed, counters.step);
      fillBatchRows(this.#rows, this.plan, { seed, samples: counters.samples, rowOffset });
      for (const kernel of this.#kernels) {
        for (let from = 0; from < kernel.units; from += kernel.unitsPerBlock) {
          kernel.run(from, Math.min(kernel.units, from + kernel.unitsPerBlock));
          const turn = pause();
          if (turn !== undefined) await turn;
        }
      }
      const failed = this.#checks.findIndex((checked) => !allFinite(checked));
      if (failed >= 0) {
        return { values: [], failure: { step: counters.step + 1, check: this.plan.checks[failed] ?? '', counters } };
      }
      if (read && i === steps - 1) values = this.#fetches.map((array) => array.slice() as TypedArray);
      for (const { variable, value } of this.#updates) variable.set(value);
    }
    return { values, failure: undefined };
  }

  /** Runs a step kernel by kernel, each as often as `measure` calls it; no variable is set. */
  async profile(
    request: SubmitRequest,
    seed: number,
    measure: (kernel: () => void) => Promise<number>,
  ): Promise<Timing[]> {
    this.#columns = request.columns;
    this.#stepKey[0] = stepKeyOf(seed, request.counters.step);
    fillBatchRows(this.#rows, this.plan, { seed, samples: request.counters.samples, rowOffset: request.rowOffset });
    const computed = [...new Set(this.#nodes.values())];
    const timings: Timing[] = [];
    for (const kernel of this.#kernels) {
      const milliseconds = await measure(() => kernel.run(0, kernel.units));
      const node = this.#nodes.get(kernel);
      const dispatch = node && computed.indexOf(node);
      const last = timings.at(-1);
      if (last !== undefined && last.dispatch === dispatch) {
        timings[timings.length - 1] = { ...last, milliseconds: last.milliseconds + milliseconds };
      } else timings.push({ dispatch, name: node?.name ?? node?.op.name ?? 'rows', milliseconds });
    }
    return timings;
  }

  /** The counters after `steps` steps of this plan. */
  #advance({ step, samples }: Counters, steps: number): Counters {
    return this.plan.countsStep
      ? { step: step + steps, samples: samples + steps * samplesOf(this.plan) }
      : { step, samples };
  }

  /** Reads the rows of the step's batch from the column that is fed to `name`. */
  #columnKernel(name: string, out: Values, batch: number): CpuKernel {
    const rowSize = out.length / batch;
    return {
      units: batch,
      unitsPerBlock: unitsPerBlock(rowSize),
      run: (from, to) => {
        const column = this.#columns.get(name);
        invariant(column !== undefined, `no column is fed to '${name}'`);
        readRows(column, this.#rows, from, to, out, rowSize);
      },
    };
  }
}

/** The number of rows that a feed takes of a column. */
function batchOf(feed: FeedType): number {
  return feed.kind === 'column' ? (feed.shape[0] ?? 1) : 0;
}

/** The array of a variable. */
export function variableOf(variables: ReadonlyMap<string, Float32Array>, name: string): Float32Array {
  const values = variables.get(name);
  invariant(values !== undefined, `the backend has no variable '${name}'`);
  return values;
}

/** Tells whether no element is infinite or NaN: 0·x is 0 for all others. A loop by index is 14 times as fast as `for…of`. */
function allFinite(values: Values): boolean {
  let sum = 0;
  const count = values.length;
  for (let i = 0; i < count; i++) sum += (values[i] ?? NaN) * 0;
  return sum === 0;
}
