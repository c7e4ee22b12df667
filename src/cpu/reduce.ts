/**
 * Reductions over any axes, accumulated in float64.
 */
import type { ReduceKernel } from '../graph/op.ts';
import { sizeOfShape, stridesOf } from '../graph/shape.ts';
import type { Tensor } from '../graph/tensor.ts';
import { collapse, offsetOf, unitsPerBlock, type CpuKernel, type Operand, type Values, type Walk } from './kernel.ts';

/** Reduces `count` elements `x[start], x[start + stride], …` into `state`. */
type Combine = (state: State, x: Values, start: number, stride: number, count: number) => void;

/** State of a reduction: `best` is the sum or extremum so far, `seen` the number of elements, `index` the extremum's. */
interface State {
  best: number;
  seen: number;
  index: number;
}

/** A kernel whose unit is a result, or a row of the input where leading axes are summed. */
export function reduceKernel(node: Tensor, kernel: ReduceKernel, input: Operand, out: Values): CpuKernel {
  const { shape, values } = input;
  const axes = new Set(kernel.axes(shape, node.attrs));
  const strides = stridesOf(shape);
  const walkOver = (isReduced: boolean): Walk => {
    const chosen = shape.map((_, axis) => axis).filter((axis) => axes.has(axis) === isReduced);
    return collapse(
      chosen.map((axis) => shape[axis] ?? 1),
      [chosen.map((axis) => strides[axis] ?? 1)],
    );
  };
  const outer = walkOver(false);
  const reduced = walkOver(true);
  const columns = outer.strides[0]?.at(-1) === 1 ? (outer.sizes.at(-1) ?? 1) : 1;
  if (kernel.combine === 'sum' && columns > 1 && outer.sizes.length <= 2 && reduced.sizes.length === 1) {
    return sumRows(values, sizeOfShape(reduced.sizes), columns, out);
  }
  return reduceEach(kernel.combine, values, outer, reduced, out);
}

/** Sums over a middle or leading axis by adding rows of the input to a row of accumulators, in memory order. */
function sumRows(x: Values, count: number, columns: number, out: Values): CpuKernel {
  const sums = new Float64Array(columns);
  if (count === 0) return { units: 1, unitsPerBlock: 1, run: () => out.fill(0) };
  return {
    units: (out.length / columns) * count,
    unitsPerBlock: unitsPerBlock(columns),
    run(from, to) {
      for (let row = from; row < to; row++) {
        const i = row % count;
        const start = row * columns;
        if (i === 0) sums.fill(0);
        for (let j = 0; j < columns; j++) sums[j] = (sums[j] ?? 0) + (x[start + j] ?? 0);
        if (i === count - 1) out.set(sums, ((row - i) / count) * columns);
      }
    },
  };
}

/** Reduces each result by itself; `outer` walks over the axes that are not reduced. */
function reduceEach(combine: ReduceKernel['combine'], x: Values, outer: Walk, reduced: Walk, out: Values): CpuKernel {
  const [outerStrides = []] = outer.strides;
  const [reducedStrides = []] = reduced.strides;
  const count = reduced.sizes.at(-1) ?? 1;
  const stride = reducedStrides.at(-1) ?? 0;
  const runSizes = reduced.sizes.slice(0, -1);
  const runs = sizeOfShape(runSizes);
  const step = combines[combine];
  const initial = { sum: 0, max: -Infinity, min: Infinity, argMax: -Infinity }[combine];
  return {
    units: out.length,
    unitsPerBlock: unitsPerBlock(count * runs),
    run(from, to) {
      for (let i = from; i < to; i++) {
        const base = offsetOf(i, outer.sizes, outerStrides);
        const state = { best: initial, seen: 0, index: 0 };
        for (let run = 0; run < runs; run++)
          step(state, x, base + offsetOf(run, runSizes, reducedStrides), stride, count);
        out[i] = combine === 'argMax' ? state.index : state.best;
      }
    },
  };
}

const combines: Readonly<Record<ReduceKernel['combine'], Combine>> = {
  sum(state, x, start, stride, count) {
    let sum = state.best;
    for (let i = 0, p = start; i < count; i++, p += stride) sum += x[p] ?? 0;
    state.best = sum;
  },
  max(state, x, start, stride, count) {
    for (let i = 0, p = start; i < count; i++, p += stride) state.best = Math.max(state.best, x[p] ?? NaN);
  },
  min(state, x, start, stride, count) {
    for (let i = 0, p = start; i < count; i++, p += stride) state.best = Math.min(state.best, x[p] ?? NaN);
  },
  argMax(state, x, start, stride, count) {
    for (let i = 0, p = start; i < count; i++, p += stride, state.seen++) {
      const value = x[p] ?? NaN;
      // The first NaN is the greatest, as in NumPy.
      if (value > state.best || (Number.isNaN(value) && !Number.isNaN(state.best))) {
        state.best = value;
        state.index = state.seen;
      }
    }
  },
};
