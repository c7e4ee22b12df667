/** Transposition: the axes in another order. */
import { checkList } from '../checks.ts';
import { GraphError } from '../errors.ts';
import type { Attrs, Op } from '../graph/op.ts';
import type { Transposed } from '../graph/shape-types.ts';
import { stridesOf, type Shape } from '../graph/shape.ts';
import { checkTensor, createTensor, describeTensor, input, type Tensor } from '../graph/tensor.ts';
import { resolveAxis } from './axes.ts';
import { stridedKernel } from './strided.ts';

interface PermAttrs extends Attrs {
  /** Axis i of the result is axis `perm[i]` of the input. */
  readonly perm: readonly number[];
}

const transposeOp: Op<PermAttrs> = {
  name: 'transpose',
  infer(inputs, { perm }) {
    const { shape, dtype } = input(inputs, 0);
    return { shape: perm.map((axis) => shape[axis] ?? null), dtype };
  },
  gradient: (node, dy) => [transpose(dy, inverse(permOf(node)))],
  simplify: (node) => (permOf(node).every((axis, i) => axis === i) ? node.inputs[0] : undefined),
  absorbedBy(consumer) {
    if (consumer.op !== transposeOp) return undefined;
    const inner = input(consumer.inputs, 0);
    return transpose(
      input(inner.inputs, 0),
      permOf(consumer).map((axis) => permOf(inner)[axis] ?? 0),
    );
  },
  kernel: /* @__PURE__ */ stridedKernel(({ inputs: [x = []] }, { perm }) => {
    const strides = stridesOf(x);
    return { strides: perm.map((axis) => strides[axis] ?? 0), offset: 0 };
  }),
};

/**
 * `x` with its axes in another order.
 *
 * @param perm - Axis i of the result is axis `perm[i]` of `x`; by default the axes are reversed.
 * @throws GraphError where `perm` does not name each axis once.
 */
export function transpose<S extends Shape, const P extends readonly number[] | undefined = undefined>(
  x: Tensor<S>,
  perm?: P,
): Tensor<Transposed<S, P>> {
  checkTensor('transpose', x);
  if (perm !== undefined) checkList('transpose: the order', perm, 'a list of axes, e.g. [1, 0]');
  const rank = x.shape.length;
  const order =
    perm?.map((axis) => resolveAxis('transpose', describeTensor(x), axis, rank)) ?? x.shape.map((_, i) => rank - 1 - i);
  if (order.length !== rank || new Set(order).size !== rank) {
    throw new GraphError(
      `transpose: [${String(perm)}] does not order the axes of ${describeTensor(x)}; name each axis once.`,
    );
  }
  return createTensor(transposeOp, [x], { perm: order });
}

/** The input of a matrix transpose, or `undefined` if `x` is not one. */
export function untransposed(x: Tensor): Tensor | undefined {
  return x.op === transposeOp && x.shape.length === 2 && permOf(x)[0] === 1 ? x.inputs[0] : undefined;
}

function permOf(node: Tensor): readonly number[] {
  return node.attrs.perm as readonly number[];
}

function inverse(perm: readonly number[]): number[] {
  return perm.map((_, axis) => perm.indexOf(axis));
}
