/**
 * Random small training steps, as programs that fast-check can shrink: graphs of all kinds of sources and ops; some values
 * are fetched, some are the next values of variables. Inputs are small whole numbers.
 */
import fc from 'fast-check';
import type { FeedType } from '../../src/compile/plan.ts';
import { Column, columnOffsetWords, type ColumnSource } from '../../src/graph/column.ts';
import {
  clip,
  constant,
  gradients,
  mul,
  placeholder,
  reduceSum,
  variable,
  type Placeholder,
  type Tensor,
  type Variable,
} from '../../src/index.ts';
import { perform, product, wholeNumbers, type Instruction, type Node } from './random-ops.ts';
import type { Fed, Step } from './steps.ts';

const SOURCES = ['array', 'array', 'variable', 'float32', 'uint8', 'labels'] as const;
const SIZES = [1, 2, 3, 5, 7, 17, 33];
const CLASSES = 5;
/** Rows of the data set beyond those of a batch, so that batches straddle epochs. */
const SPARE_ROWS = 3;
const MAX_ELEMENTS = 4096;

/** How batches are sampled: a range from an offset on, or going on from step to step. */
const SAMPLINGS = ['range', 'shuffled', 'sequential'] as const;

export interface Program {
  readonly sources: readonly { readonly kind: number; readonly shape: readonly number[] }[];
  readonly instructions: readonly Instruction[];
  /** Which values are fetched beside the last. */
  readonly fetched: readonly number[];
  /** Which of the values that fit become variables. */
  readonly updated: number;
  readonly sampling: number;
  /** The first row, or the first sample. */
  readonly offset: number;
}

export const programs: fc.Arbitrary<Program> = fc.record({
  sources: fc.array(
    fc.record({ kind: fc.nat(SOURCES.length - 1), shape: fc.array(fc.nat(SIZES.length - 1), { maxLength: 3 }) }),
    { minLength: 1, maxLength: 4 },
  ),
  instructions: fc.array(fc.tuple(fc.nat(63), fc.nat(31), fc.nat(31), fc.nat(63)), {
    minLength: 1,
    maxLength: 24,
    size: 'max',
  }),
  fetched: fc.array(fc.nat(31), { maxLength: 3 }),
  updated: fc.nat(31),
  sampling: fc.nat(SAMPLINGS.length - 1),
  offset: fc.nat(9),
});

/** A program's step. Its fetches are the last value, those the program picks, and the gradients of the last where they may be compared. */
export interface RandomStep extends Step {
  readonly nodes: readonly Node[];
}

/** The names of placeholders and variables begin with `prefix`. */
export function randomStep(program: Program, prefix = ''): RandomStep {
  const sources = new Sources(program, prefix);
  const { arrays, columns, variables, batch } = sources;
  const nodes = [...sources.nodes];
  for (const instruction of program.instructions) {
    const node = perform(instruction, nodes);
    if (node !== undefined && product(node.shape) <= MAX_ELEMENTS && product(node.shape) > 0) nodes.push(node);
  }
  const last = nodes.at(-1);
  if (last === undefined) throw new Error('A program has at least one source.');
  const fetched = program.fetched.map((i) => (nodes[i % nodes.length] ?? last).tensor);
  const sampling = SAMPLINGS[variables.size > 0 ? program.sampling : 0] ?? 'range';
  const updates = [...variables.keys()].map((target) => ({
    variable: target,
    value: nextValue(target, nodes, program),
  }));
  const feeds = new Map<string, FeedType>();
  for (const [{ name }, { shape }] of arrays) feeds.set(name, { kind: 'array', shape });
  for (const [{ name, shape }, column] of columns) {
    const wordOffset = columnOffsetWords(column);
    feeds.set(name, { kind: 'column', shape: shape as readonly number[], column, wordOffset, binding: 0, sampling });
  }
  const rows = batch + SPARE_ROWS;
  return {
    ...{ nodes, updates, feeds, arrays, columns, variables },
    fetches: [last.tensor, ...fetched, ...(last.smooth ? slopesOf(last, [...arrays.keys(), ...variables.keys()]) : [])],
    checks: updates.length === 0 ? [] : [{ name: 'last', tensor: last.tensor }],
    training: sampling !== 'range',
    countsStep: sampling !== 'range',
    batches: { sampling, batch, rows, offset: program.offset },
  };
}

/** The gradients of a sum of `node` with uneven weights. */
function slopesOf({ tensor, shape }: Node, inputs: readonly Tensor[]): Tensor[] {
  const weights = constant(
    Float32Array.from({ length: product(shape) }, (_, i) => ((i * 5) % 7) - 3),
    shape,
  );
  return gradients(reduceSum(mul<Tensor, Tensor>(tensor, weights)), inputs);
}

/** Something exact of a variable's shape, no larger than its first value. */
function nextValue(target: Variable, nodes: readonly Node[], { updated }: Program): Tensor {
  const fitting = nodes.filter(({ exact, shape }) => exact && shape.join() === target.shape.join());
  return clip(fitting[updated % fitting.length]?.tensor ?? target, -4, 4);
}

/** Placeholders and variables, and what they are fed. */
class Sources {
  readonly arrays = new Map<Placeholder, Fed>();
  readonly columns = new Map<Placeholder, Column>();
  readonly variables = new Map<Variable, Float32Array>();
  readonly batch: number;
  readonly nodes: readonly Node[];
  readonly #source: ColumnSource & { readonly columns: Column[] } = { name: 'random', columns: [] };

  constructor({ sources }: Program, prefix: string) {
    this.batch = SIZES[sources[0]?.shape[0] ?? 0] ?? 1;
    this.nodes = sources.map(({ kind, shape }, i): Node => {
      const sizes = shape.map((pick, axis) => Math.min(SIZES[pick] ?? 1, axis < 2 ? Infinity : 3));
      const format = SOURCES[kind] ?? 'array';
      const tensor = this.#take(format, `${prefix}${i}`, sizes, i);
      return { tensor, shape: tensor.shape as readonly number[], bound: 4, exact: format !== 'uint8', smooth: true };
    });
  }

  #take(format: (typeof SOURCES)[number], name: string, sizes: readonly number[], seed: number): Tensor {
    const data = wholeNumbers(product(sizes), seed);
    if (format === 'array') {
      const array: Placeholder = placeholder(name, sizes);
      this.arrays.set(array, { data, shape: sizes });
      return array;
    }
    if (format === 'variable') {
      const state: Variable = variable(name, { shape: sizes, values: () => data });
      this.variables.set(state, data);
      return state;
    }
    const width = format === 'labels' ? [CLASSES] : sizes.slice(1);
    const column = columnOf(format, this.#source, this.batch + SPARE_ROWS, product(width), seed);
    this.#source.columns.push(column);
    const rows: Placeholder = placeholder(name, [this.batch, ...width]);
    this.columns.set(rows, column);
    return rows;
  }
}

function columnOf(format: Column['format'], source: ColumnSource, rows: number, width: number, seed: number): Column {
  const rowSize = format === 'labels' ? 1 : width;
  const data = wholeNumbers(rows * rowSize, seed);
  const values = {
    float32: () => data,
    uint8: () => Uint8Array.from(data, (x) => 128 + 30 * x),
    labels: () => Int32Array.from(data, (x) => (x + 4) % CLASSES),
  }[format]();
  return new Column({ source, name: 'random', format, values, rows, rowSize, classes: CLASSES });
}
