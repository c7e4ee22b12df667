/** Rows by index, and the adjoint, which adds rows at their indices by a product with one-hot rows (no atomics). */
import { GraphError } from '../errors.ts';
import type { IndexContext, Op } from '../graph/op.ts';
import type { Gathered } from '../graph/shape-types.ts';
import { sizeOfShape, type Shape } from '../graph/shape.ts';
import { wgsl } from '../graph/snippet.ts';
import { createTensor, describeTensor, input, type Tensor } from '../graph/tensor.ts';
import { clip } from './clip.ts';
import { checkDType } from './elementwise.ts';
import { matmul } from './matmul.ts';
import { oneHot } from './one-hot.ts';
import { reshape } from './reshape.ts';

const gatherOp: Op = {
  name: 'gather',
  infer(inputs) {
    const [x, indices] = [input(inputs, 0), input(inputs, 1)];
    checkDType('gather', indices, ['int32']);
    if (x.shape.length === 0)
      throw new GraphError(`gather: ${describeTensor(x)} has no rows; give a tensor with a first axis.`);
    return { shape: [...indices.shape, ...x.shape.slice(1)], dtype: x.dtype };
  },
  gradient: (node, dy) => [createTensor(scatterOp, [dy, input(node.inputs, 1), input(node.inputs, 0)]), null],
  kernel: {
    kind: 'index',
    // A sample of the result reads only its own indices.
    keepsSamples: (_context, _attrs, i) => i === 1,
    wgsl(context, _, index, load, write) {
      const { rows, rowSize } = sizesOf(context);
      const shape = [sizeOfShape(context.shape) / rowSize, rowSize];
      const row = wgsl`u32(clamp(${load(1, write.coordinate(index, shape, 0))}, 0, ${rows - 1}))`;
      return load(0, wgsl`${row} * ${rowSize}u + ${write.coordinate(index, shape, 1)}`);
    },
    js(context) {
      const { rows, rowSize } = sizesOf(context);
      return (index, load) => {
        const row = Math.max(0, Math.min(load(1, Math.floor(index / rowSize)), rows - 1));
        return load(0, row * rowSize + (index % rowSize));
      };
    },
  },
};

/** Inputs dy, indices, x: zeros in the shape of x, with the rows of dy added at their indices. */
const scatterOp: Op = {
  name: 'scatterToShapeOf',
  infer: (inputs) => ({ shape: input(inputs, 2).shape, dtype: input(inputs, 0).dtype }),
  gradient: (node, ddy) => [gather(ddy, input(node.inputs, 1)), null, null],
  resolve(inputs) {
    const [dy, indices, { shape }] = [input(inputs, 0), input(inputs, 1), input(inputs, 2)];
    const rows = shape[0] ?? 0;
    const rowSize = shape.slice(1).reduce((size: number, dim) => size * (dim ?? 1), 1);
    const from = oneHot(clip(reshape(indices, [-1]), 0, rows - 1), rows);
    return reshape(matmul(from, reshape(dy, [-1, rowSize]), { transposeA: true }), shape);
  },
  kernel: { kind: 'source' },
};

/**
 * The rows of `x` (slices along its first axis) at int32 `indices`: [n, …] at indices of shape [a, b] is [a, b, …].
 * Indices out of range take the nearest row.
 * @throws GraphError where `indices` are not int32 or `x` is a scalar.
 */
export function gather<S extends Shape, I extends Shape>(x: Tensor<S>, indices: Tensor<I>): Tensor<Gathered<S, I>> {
  return createTensor(gatherOp, [x, indices]);
}

function sizesOf({ inputs: [x = []] }: IndexContext): { rows: number; rowSize: number } {
  return { rows: x[0] ?? 1, rowSize: Math.max(1, sizeOfShape(x.slice(1))) };
}
