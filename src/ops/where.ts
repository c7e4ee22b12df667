/** Selection by a condition. */
import { GraphError } from '../errors.ts';
import { sumToShapeOf } from '../graph/broadcast.ts';
import type { Op } from '../graph/op.ts';
import type { Broadcast, Broadcasts, ShapeOf } from '../graph/shape-types.ts';
import { broadcastShapes, type Shape } from '../graph/shape.ts';
import { wgsl } from '../graph/snippet.ts';
import { createTensor, describeTensor, input, type Tensor } from '../graph/tensor.ts';
import { BOOL, checkDType, checkSameDType, toTensors, type Operand } from './elementwise.ts';

const whereOp: Op = {
  name: 'where',
  infer(inputs) {
    const [condition, a, b] = [input(inputs, 0), input(inputs, 1), input(inputs, 2)];
    const branches = broadcastShapes(a.shape, b.shape);
    const shape = branches && broadcastShapes(condition.shape, branches);
    if (shape === undefined) {
      throw new GraphError(
        `where: ${describeTensor(condition)}, ${describeTensor(a)} and ${describeTensor(b)} do not broadcast; ` +
          `sizes, counted from the last axis, must be equal or 1: reshape one of them.`,
      );
    }
    checkDType('where', condition, BOOL);
    checkSameDType('where', a, b);
    return { shape, dtype: a.dtype };
  },
  gradient(node, dy) {
    const [condition, a, b] = [input(node.inputs, 0), input(node.inputs, 1), input(node.inputs, 2)];
    return [null, sumToShapeOf(where(condition, dy, 0), a), sumToShapeOf(where(condition, 0, dy), b)];
  },
  kernel: {
    kind: 'map',
    wgsl: ([condition, a, b]) => wgsl`select(${b}, ${a}, ${condition})`,
    js: () => (condition, a, b) => (condition === 0 ? b : a),
  },
};

/**
 * `a` where the bool `condition` holds, `b` elsewhere; all three broadcast to each other.
 * @throws GraphError where shapes do not broadcast, the condition is not bool, or `a` and `b` differ in dtype.
 */
export function where<C extends Shape, A extends Operand, B extends Operand>(
  condition: Tensor<C>,
  a: A,
  b: B & Broadcasts<A, B>,
): Tensor<Broadcast<C, Broadcast<ShapeOf<A>, ShapeOf<B>>>> {
  return createTensor(whereOp, [condition, ...toTensors('where', [a, b])]);
}
