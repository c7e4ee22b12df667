/** Specialization: sizes become known, and the mode is resolved. */
import { expect, it } from 'vitest';
import { specialize } from '../../src/compile/specialize.ts';
import type { Tensor } from '../../src/graph/tensor.ts';
import { topologicalOrder } from '../../src/graph/walk.ts';
import { dropout, matmul, placeholder, reduceMean, variable, zeros } from '../../src/index.ts';

const x = placeholder('x', [null, 6]);
const w = variable('w', zeros([6, 2]));

function specialized(tensor: Tensor, rows: number, training = false): Tensor {
  return specialize([tensor], new Map<Tensor, readonly number[]>([[x, [rows, 6]]]), training).get(tensor) ?? tensor;
}

it('the size of a batch goes through the graph', () => {
  expect(matmul(x, w).shape).toEqual([null, 2]);
  expect(specialized(matmul(x, w), 5).shape).toEqual([5, 2]);
});

it('variables stay the same', () => {
  expect(topologicalOrder([specialized(matmul(x, w), 5)])).toContain(w);
});

it('the divisor of a mean is the size that is fed', () => {
  const constants = (rows: number): unknown[] =>
    topologicalOrder([specialized(reduceMean(x), rows)]).flatMap(({ attrs }) => Object.values(attrs));
  expect(constants(5)).not.toEqual(constants(7));
});

it('dropout drops in training, and is gone otherwise', () => {
  const dropped = dropout(x, 0.5);
  expect(topologicalOrder([specialized(dropped, 5)]).map(({ op }) => op.name)).toEqual(['placeholder']);
  expect(topologicalOrder([specialized(dropped, 5, true)]).length).toBeGreaterThan(1);
});
