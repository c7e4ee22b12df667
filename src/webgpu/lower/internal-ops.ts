/**
 * Ops that only the compiler makes: reductions in one normal form, the rows of a batch, copies.
 */
import type { Column } from '../../graph/column.ts';
import type { Attrs, Op, ReduceKernel } from '../../graph/op.ts';
import { sizeOfShape } from '../../graph/shape.ts';
import { wgsl } from '../../graph/snippet.ts';
import { input, Tensor } from '../../graph/tensor.ts';
import { reshapeTo, sizesOf } from '../../compile/known-shapes.ts';
import type { Draw } from '../../compile/plan.ts';

interface ReduceAttrs extends Attrs {
  readonly axes: readonly number[];
  /** Set for sums of many terms: the rounding error is kept, and added with the next term. */
  readonly compensated?: true | undefined;
}

function reduceOp(combine: ReduceKernel['combine']): Op<ReduceAttrs> {
  return {
    name: `reduce-${combine}`,
    infer: ([x], { axes }) => ({
      shape: (x?.shape ?? []).filter((_, axis) => !axes.includes(axis)),
      dtype: combine === 'argMax' ? 'int32' : (x?.dtype ?? 'float32'),
    }),
    kernel: { kind: 'reduce', combine, axes: (_, { axes }) => axes },
  };
}

const reduceOps = {
  sum: /* @__PURE__ */ reduceOp('sum'),
  max: /* @__PURE__ */ reduceOp('max'),
  min: /* @__PURE__ */ reduceOp('min'),
  argMax: /* @__PURE__ */ reduceOp('argMax'),
};

/** Returns `x` reduced over `axes`, which are dropped. */
export function reduce(
  combine: ReduceKernel['combine'],
  x: Tensor,
  axes: readonly number[],
  compensated?: true,
): Tensor {
  const { shape, dtype } = reduceOps[combine].infer([x], { axes });
  return new Tensor(reduceOps[combine], [x], { axes, compensated }, shape, dtype);
}

interface FoldedAttrs extends Attrs {
  readonly axis: number;
  /** The padding after the last element, as WGSL; if `undefined`, the last element is repeated. */
  readonly fill: string | undefined;
}

/** Splits an axis in two, and pads it where the two hold more elements than it has. */
const foldedOp: Op<FoldedAttrs> = {
  name: 'folded',
  infer: ([x]) => ({ shape: [], dtype: x?.dtype ?? 'float32' }),
  kernel: {
    kind: 'index',
    keepsSamples: () => true,
    wgsl({ shape, inputs: [x = []] }, { axis, fill }, index, load, write) {
      const [before, length = 1, after] = [sizeOfShape(x.slice(0, axis)), x[axis], sizeOfShape(x.slice(axis + 1))];
      const sizes = [before, (shape[axis] ?? 1) * (shape[axis + 1] ?? 1), after];
      const [outer, at, inner] = sizes.map((_, part) => write.named(write.coordinate(index, sizes, part)));
      const within = [wgsl`${outer}`, wgsl`min(${at}, ${length - 1}u)`, wgsl`${inner}`];
      const element = load(0, write.flat(within, [before, length, after]));
      return fill === undefined ? element : wgsl`select(${fill}, ${element}, ${at} < ${length}u)`;
    },
    js: () => () => NaN, // Never called: the CPU runs no lowered graph.
  },
};

/** Returns `x` with `axis` split into two axes of `sizes`, padded with `fill` or else with the last element. */
export function foldAxis(x: Tensor, axis: number, sizes: readonly [number, number], fill: string | undefined): Tensor {
  const shape = sizesOf(x).flatMap((size, i) => (i === axis ? sizes : size));
  return sizes[0] * sizes[1] === x.shape[axis]
    ? reshapeTo(x, shape)
    : new Tensor(foldedOp, [x], { axis, fill }, shape, x.dtype);
}

export interface BatchRowsAttrs extends Attrs {
  readonly sampling: Draw;
  /** The number of rows of the data set. */
  readonly rows: number;
  /** The distance, in samples, from the step's own batch to this one: that of the next step is one batch ahead. */
  readonly ahead?: number;
}

/** The row numbers of a batch in its data set: int32 `[batch]`. */
export const batchRowsOp: Op<BatchRowsAttrs> = {
  name: 'batch-rows',
  infer: () => ({ shape: [], dtype: 'int32' }),
  kernel: { kind: 'source' },
};

export interface DatasetRowsAttrs extends Attrs {
  readonly format: Column['format'];
  readonly rowSize: number;
  /** Offset of the column in its binding, in 32-bit words. */
  readonly wordOffset: number;
  /** Index of the column's binding among the plan's data bindings. */
  readonly binding: number;
}

/**
 * The rows of a column whose numbers are its input: `uint8` and `float32` as float32 `[batch, …row]`, `labels` as int32
 * `[batch]`.
 */
export const datasetRowsOp: Op<DatasetRowsAttrs> = {
  name: 'dataset-rows',
  infer: () => ({ shape: [], dtype: 'float32' }),
  kernel: { kind: 'source' },
};

/** Compares class ids with every class: 1 for its own, 0 for others. */
const oneHotOp: Op<{ classes: number }> = {
  name: 'one-hot',
  infer: ([ids], { classes }) => ({ shape: [...(ids?.shape ?? []), classes], dtype: 'float32' }),
  kernel: {
    kind: 'index',
    keepsSamples: () => true,
    wgsl({ shape }, { classes }, index, load, write) {
      const rows = [sizeOfShape(shape) / classes, classes];
      const id = load(0, write.coordinate(index, rows, 0));
      return wgsl`select(0.0, 1.0, ${id} == i32(${write.coordinate(index, rows, 1)}))`;
    },
    js:
      (_, { classes }) =>
      (index, load) =>
        load(0, Math.floor(index / classes)) === index % classes ? 1 : 0,
  },
};

/** Returns int32 class ids as one-hot rows. */
export function oneHotRows(ids: Tensor, classes: number): Tensor {
  return new Tensor(oneHotOp, [ids], { classes }, [...sizesOf(ids), classes], 'float32');
}

const copyOp: Op = {
  name: 'copy',
  infer: ([x]) => ({ shape: x?.shape ?? [], dtype: x?.dtype ?? 'float32' }),
  kernel: {
    kind: 'map',
    wgsl: (args) => input(args, 0),
    js:
      () =>
      (x = 0) =>
        x,
  },
};

/** Returns a copy of a source, so that a kernel writes it where it is needed. */
export function copyOf(x: Tensor): Tensor {
  return new Tensor(copyOp, [x], {}, x.shape, x.dtype);
}
