/**
 * A row of the table on one backend and on the float64 oracle: the result, and the gradients of a sum of it with uneven
 * weights.
 */
import { evaluate, type Feed, type Result } from '../reference/evaluate.ts';
import { gradients, mul, placeholder, reduceSum, type Tensor, type TypedArray } from '../../src/index.ts';
import { firstDifference } from '../webgpu/device/values.ts';
import { between, shapeAt, valuesAt, type OpCase } from './table.ts';

export interface Differential {
  readonly name: string;
  readonly fetches: readonly Tensor[];
  readonly feeds: ReadonlyMap<Tensor, Feed>;
  /** What each fetch should be, and whether to the bit; computed when it is read. */
  readonly expected: readonly (Result & { readonly exact: boolean })[];
  /** |a − b| ≤ atol + rtol·|b| for the others, atol growing with the lengths of sums. */
  readonly absolute: number;
}

/** A row at a batch. `prefix` makes the names of its placeholders its own. */
export function differential(row: OpCase, batch: number, prefix = ''): Differential {
  const feeds = new Map<Tensor, Feed>();
  const inputs = row.inputs.map((input, i): Tensor => {
    const tensor = placeholder(`${prefix}${row.name} ${i}`, input.shape, input.dtype);
    feeds.set(tensor, { data: Float32Array.from(valuesAt(input, batch)), shape: shapeAt(input.shape, batch) });
    return tensor;
  });
  const result = row.build(...inputs);
  const fetches = [result];
  if (row.differentiable) {
    const shape = evaluate([result], feeds, { training: true })[0]?.shape ?? [];
    const weights: Tensor = placeholder(`${prefix}${row.name} weights`, result.shape);
    const size = shape.reduce((product, dim) => product * dim, 1);
    feeds.set(weights, { data: Float32Array.from({ length: size }, (_, i) => between(-0.7, 1.3)(i)), shape });
    const loss: Tensor = reduceSum(mul(result, weights));
    fetches.push(
      ...gradients(
        loss,
        inputs.filter(({ dtype }) => dtype === 'float32'),
      ),
    );
  }
  const longest = Math.max(1, ...[...feeds.values()].map(({ data }) => data.length));
  return {
    name: `${row.name} at ${batch}`,
    fetches,
    feeds,
    get expected() {
      return evaluate(fetches, feeds, { precision: 'float64', training: true }).map((value, i) => ({
        ...value,
        exact: row.exact && i === 0,
      }));
    },
    absolute: 1e-6 * Math.sqrt(longest),
  };
}

/** What is wrong with the values a backend gave for the fetches; nothing, if nothing is. */
export function faultsOf({ name, expected, absolute }: Differential, values: readonly TypedArray[]): string[] {
  return expected.flatMap(({ data, exact }, i) => {
    const difference = firstDifference(values[i] ?? [], data, exact ? 0 : absolute, exact ? 0 : 1e-4);
    return difference === undefined ? [] : [`${name}, ${i === 0 ? 'result' : `gradient ${i}`}: ${difference}`];
  });
}
