/** The greatest elements of rows. */
import { show } from '../checks.ts';
import { GraphError } from '../errors.ts';
import type { Reduced } from '../graph/shape-types.ts';
import type { Shape } from '../graph/shape.ts';
import { wgsl } from '../graph/snippet.ts';
import { compose, createTensor, describeTensor, type Tensor } from '../graph/tensor.ts';
import { argMax } from './arg-max.ts';
import { equal } from './compare.ts';
import { checkDType, FLOAT, unaryOp } from './elementwise.ts';
import { range } from './range.ts';
import { reduceSum } from './reduce-sum.ts';
import { expandDims } from './reshape.ts';
import { stack } from './stack.ts';
import { where } from './where.ts';

/** Below the key of any number. */
const TAKEN = -2147483647;
const KEY_OF_NAN = 2147483647;

/** int32 in the order of the numbers: their bits, those of negative numbers reversed. NaN is the greatest, and -0 equals 0. */
const orderKeyOp = /* @__PURE__ */ unaryOp({
  name: 'orderKey',
  takes: FLOAT,
  gives: 'int32',
  functions: ['isNan'],
  wgsl(x) {
    const bits = wgsl`bitcast<i32>(${x})`;
    const key = wgsl`select(${bits} ^ ((${bits} >> 31u) & 0x7fffffff), 0, (${bits} & 0x7fffffff) == 0)`;
    return wgsl`select(${key}, ${KEY_OF_NAN}, isNan(${x}))`;
  },
  js() {
    const float = new Float32Array(1);
    const bits = new Int32Array(float.buffer);
    return (x) => {
      float[0] = x;
      const [word = 0] = bits;
      return Number.isNaN(x) ? KEY_OF_NAN : x === 0 ? 0 : word ^ ((word >> 31) & 0x7fffffff);
    };
  },
});

/** The greatest elements of each row, and their indices. */
export interface TopK<S extends Shape = Shape> {
  /** Float32, in descending order. */
  readonly values: Tensor<S>;
  /** The indices in the row, int32. */
  readonly indices: Tensor<S>;
}

/**
 * The `k` greatest elements along the last axis, in descending order, and their indices; of equal elements, the one with the
 * lower index comes first. NaN counts as the greatest. Gradients flow to the elements that were taken.
 *
 * It passes over each row `k` times, so it is meant for a small `k`.
 *
 * @throws GraphError where `x` is not float32, its last axis is not known, or `k` is not from 1 to the size of that axis.
 */
export function topK<S extends Shape, K extends number>(x: Tensor<S>, k: K): TopK<[...Reduced<S, -1, false>, K]> {
  return compose({ op: 'topK' }, () => {
    checkDType('topK', x, FLOAT);
    const length = (x.shape as Shape).at(-1) ?? null;
    if (length === null)
      throw new GraphError(`topK: the last axis of ${describeTensor(x)} is not known; give rows of a known size.`);
    if (!Number.isInteger(k) || k < 1 || k > length)
      throw new GraphError(`topK: k is ${show(k)}; give a whole number from 1 to ${length}, the size of a row.`);
    const places = range(0, length);
    const values: Tensor[] = [];
    const indices: Tensor[] = [];
    let keys: Tensor = createTensor(orderKeyOp, [x]);
    for (let i = 0; i < k; i++) {
      const index: Tensor = argMax(keys, -1);
      const isTaken: Tensor = equal<Tensor, Tensor>(expandDims<Shape, -1>(index, -1), places);
      indices.push(index);
      values.push(reduceSum<Shape, -1>(where<Shape, Tensor, number>(isTaken, x, 0), { axis: -1 }));
      keys = where<Shape, number, Tensor>(isTaken, TAKEN, keys);
    }
    return { values: stack(values, -1), indices: stack(indices, -1) } as TopK as TopK<[...Reduced<S, -1, false>, K]>;
  });
}
