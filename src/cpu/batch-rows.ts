/**
 * Batches of a data set's rows: the indices of a step's rows, and their values. WebGPU's kernels sample the same rows.
 */
import type { Plan } from '../compile/plan.ts';
import type { Column } from '../graph/column.ts';
import { epochKey, permute } from '../graph/permutation.ts';
import type { Values } from './kernel.ts';

/** The start of a step's batch: a number of samples taken, or the first row of a range. */
export interface BatchPosition {
  readonly seed: number;
  readonly samples: number;
  readonly rowOffset: number;
}

/** Fills `numbers` with the row indices of a step's batch. */
export function fillBatchRows(numbers: Int32Array, plan: Plan, { seed, samples, rowOffset }: BatchPosition): void {
  if (plan.sampling === undefined) return;
  const { kind, rows } = plan.sampling;
  for (let i = 0; i < numbers.length; i++) {
    const sample = samples + i;
    const position = sample % rows;
    if (kind === 'range') numbers[i] = rowOffset + i;
    else if (kind === 'sequential') numbers[i] = position;
    else numbers[i] = permute(position, rows, epochKey(seed, Math.floor(sample / rows)));
  }
}

/** Each byte divided by 255, rounded to float32. */
const UNORM8 = Float32Array.from({ length: 256 }, (_, byte) => byte / 255);

/** Writes the values of batch entries [from, to), `rowSize` elements each, converted from the column's format. */
export function readRows(
  column: Column,
  rows: Int32Array,
  from: number,
  to: number,
  out: Values,
  rowSize: number,
): void {
  const { format, values } = column;
  for (let i = from; i < to; i++) {
    const row = rows[i] ?? 0;
    const at = i * rowSize;
    const start = row * rowSize;
    switch (format) {
      case 'uint8':
        for (let j = 0; j < rowSize; j++) out[at + j] = UNORM8[values[start + j] ?? 0] ?? 0;
        break;
      case 'float32':
        out.set(values.subarray(start, start + rowSize), at);
        break;
      case 'labels':
        if (out instanceof Int32Array) out[i] = values[row] ?? 0;
        else {
          out.fill(0, at, at + rowSize);
          out[at + (values[row] ?? 0)] = 1;
        }
        break;
      default:
        format satisfies never;
    }
  }
}
