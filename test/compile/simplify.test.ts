/** Simplification: a smaller graph of the same values. */
import { expect, it } from 'vitest';
import { printGraph } from '../../src/compile/print.ts';
import { simplify } from '../../src/compile/simplify.ts';
import type { Tensor } from '../../src/graph/tensor.ts';
import { topologicalOrder } from '../../src/graph/walk.ts';
import { add, exp, log, matmul, mul, placeholder, reshape, softmax, sub, transpose, zeros } from '../../src/index.ts';
import { constant, variable } from '../../src/index.ts';

const x = placeholder('x', [4, 6]);
const namesIn = (...tensors: Tensor[]): string[] => topologicalOrder(simplify(tensors)).map(({ op }) => op.name);

it('the logarithm of a softmax becomes one op, which does not underflow', () => {
  expect(namesIn(log(softmax(x)))).toEqual(['placeholder', 'logSoftmax']);
});

it('transposes become flags of the product that reads them', () => {
  const [product] = simplify([matmul(transpose(x), x)]);
  expect(product?.attrs).toMatchObject({ transposeA: true, transposeB: false });
  expect(product?.inputs).toEqual([x, x]);
});

it('equal nodes are one node', () => {
  const [a, b] = simplify([exp(add(x, 1)), exp(add(x, 1))]);
  expect(a).toBe(b);
});

it('reshapes of reshapes are one reshape, and none to the shape that is there', () => {
  expect(namesIn(reshape(reshape(x, [24]), [2, 12]))).toEqual(['placeholder', 'reshape']);
  expect(simplify([reshape(reshape(x, [24]), [4, 6])])).toEqual([x]);
});

it('maps of constants are computed at once', () => {
  const folded = printGraph(simplify([mul(x, add(constant(1), 2))]));
  expect(folded).toContain('constant(3)');
  expect(folded).not.toContain('add');
});

it('values of variables are not folded', () => {
  expect(namesIn(sub(variable('v', zeros([2])), 1))).toContain('variable');
});
