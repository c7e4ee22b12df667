/** The product of two matrices, each transposed on request. */
import { checkOptions } from '../checks.ts';
import { GraphError } from '../errors.ts';
import type { Attrs, Op } from '../graph/op.ts';
import type { IsMatrix, Multiplies, Product } from '../graph/shape-types.ts';
import type { Shape } from '../graph/shape.ts';
import { createTensor, describeTensor, input, type Tensor } from '../graph/tensor.ts';
import { checkDType, FLOAT } from './elementwise.ts';
import { untransposed } from './transpose.ts';

interface MatmulAttrs extends Attrs {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

export interface MatmulOptions<TA extends boolean = boolean, TB extends boolean = boolean> {
  /** Multiplies `aᵀ` instead of `a`. */
  readonly transposeA?: TA | undefined;
  /** Multiplies `bᵀ` instead of `b`. */
  readonly transposeB?: TB | undefined;
}

const matmulOp: Op<MatmulAttrs> = {
  name: 'matmul',
  infer(inputs, { transposeA, transposeB }) {
    const [a, b] = [input(inputs, 0), input(inputs, 1)];
    const matrix = [a, b].find((x) => x.shape.length !== 2);
    if (matrix !== undefined) {
      throw new GraphError(`matmul: ${describeTensor(matrix)} is not a matrix; reshape it to two axes.`);
    }
    checkDType('matmul', a, FLOAT);
    checkDType('matmul', b, FLOAT);
    const [M = null, K = null] = transposeA ? a.shape.toReversed() : a.shape;
    const [L = null, N = null] = transposeB ? b.shape.toReversed() : b.shape;
    if (K !== L && K !== null && L !== null) {
      throw new GraphError(
        `matmul: ${describeTensor(a)}${transposeA ? ' transposed' : ''} and ${describeTensor(b)}${transposeB ? ' transposed' : ''} ` +
          `do not fit: rows of ${K} against columns of ${L}; transpose one of them, or correct its shape.`,
      );
    }
    return { shape: [M, N], dtype: 'float32' };
  },
  gradient(node, dy) {
    const [a, b] = [input(node.inputs, 0), input(node.inputs, 1)];
    const { transposeA, transposeB } = flagsOf(node);
    return [
      transposeA
        ? matmul(b, dy, { transposeA: transposeB, transposeB: true })
        : matmul(dy, b, { transposeB: !transposeB }),
      transposeB
        ? matmul(dy, a, { transposeA: true, transposeB: transposeA })
        : matmul(a, dy, { transposeA: !transposeA }),
    ];
  },
  simplify(node) {
    const [a, b] = [input(node.inputs, 0), input(node.inputs, 1)];
    const [plainA, plainB] = [untransposed(a), untransposed(b)];
    if (plainA === undefined && plainB === undefined) return undefined;
    const { transposeA, transposeB } = flagsOf(node);
    return matmul(plainA ?? a, plainB ?? b, {
      transposeA: transposeA !== (plainA !== undefined),
      transposeB: transposeB !== (plainB !== undefined),
    });
  },
  absorbedBy(consumer) {
    const node = untransposed(consumer);
    if (node === undefined) return undefined;
    const { transposeA, transposeB } = flagsOf(node);
    return matmul(input(node.inputs, 1), input(node.inputs, 0), { transposeA: !transposeB, transposeB: !transposeA });
  },
  kernel: { kind: 'matmul' },
};

/**
 * The matrix product `a · b` of [M, K] and [K, N] in float32.
 * @throws GraphError where an operand is not of rank 2 or float32, or K differs.
 */
export function matmul<A extends Shape, B extends Shape, TA extends boolean = false, TB extends boolean = false>(
  a: Tensor<A> & IsMatrix<A>,
  b: Tensor<B> & Multiplies<A, B, TA, TB>,
  options: MatmulOptions<TA, TB> = {},
): Tensor<Product<A, B, TA, TB>> {
  checkOptions('matmul', options);
  const { transposeA, transposeB } = options;
  return createTensor(matmulOp, [a, b], { transposeA: transposeA ?? false, transposeB: transposeB ?? false });
}

function flagsOf(node: Tensor): MatmulAttrs {
  return node.attrs as MatmulAttrs;
}
