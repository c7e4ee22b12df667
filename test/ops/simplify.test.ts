/** Each op's simplification rules, as the compiler applies them, and unchanged values. */
import { describe, expect, test } from 'vitest';
import { evaluate } from '../reference/evaluate.ts';
import { simplify } from '../../src/compile/simplify.ts';
import { specialize } from '../../src/compile/specialize.ts';
import { structureKey } from '../../src/compile/structure.ts';
import {
  add,
  concat,
  expandDims,
  gradients,
  identity,
  log,
  logSoftmax,
  matmul,
  mul,
  neg,
  placeholder,
  pow,
  reduceSum,
  reshape,
  softmax,
  softmaxCrossEntropy,
  square,
  stopGradient,
  sub,
  transpose,
  type Tensor,
} from '../../src/index.ts';

const x: Tensor = placeholder('x', [3, 4]);
const y: Tensor = placeholder('y', [4, 5]);
const z: Tensor = placeholder('z', [3, 4]);
const row: Tensor = placeholder('row', [1, 4]);
const empty: Tensor = placeholder('empty', [3, 0]);
const feeds = new Map(
  [x, y, z, row, empty].map(({ shape }, k) => {
    const sizes = shape.map(Number);
    const length = sizes.reduce((product, dim) => product * dim, 1);
    return [[x, y, z, row, empty][k] ?? x, { shape: sizes, data: Array.from({ length }, (_, i) => Math.sin(i + k)) }];
  }),
);

/** As the compiler does: sizes first. */
function simplified(roots: readonly Tensor[]): Tensor[] {
  const known = specialize(roots, new Map(), false);
  return simplify(roots.map((root) => known.get(root) ?? root));
}

/** Expects two graphs to become one, of the same type and values as before. */
function expectSame(written: Tensor, simple: Tensor): void {
  const [result] = simplified([written]);
  const [wanted] = simplified([simple]);
  if (result === undefined || wanted === undefined) throw new Error('nothing came back');
  expect(structureKey([result])).toBe(structureKey([wanted]));
  expect([result.shape, result.dtype]).toEqual([written.shape, written.dtype]);
  const [before, after] = evaluate([written, result], feeds, { precision: 'float64' });
  before?.data.forEach((value, i) => expect(after?.data[i]).toBeCloseTo(value, 10));
}

// prettier-ignore
const rules: Readonly<Record<string, readonly [Tensor, Tensor]>> = {
  '-(-x) = x': [neg(neg(x)), x],
  '-Σx = Σ-x': [neg(reduceSum(x, { axis: 0 })), reduceSum(neg(x), { axis: 0 })],
  'Σ Σ x = Σ x': [reduceSum(reduceSum(x, { axis: -1 })), reduceSum(x)],
  'Σ Σ x = Σ x, kept': [reduceSum(reduceSum(x, { axis: 0, keepDims: true }), { axis: 1, keepDims: true }), reduceSum(x, { keepDims: true })],
  '1·x = x': [mul(1, x), x],
  'x·1 = x': [mul(x, 1), x],
  'x·-1 = -x': [mul(x, -1), neg(x)],
  'x + 0 = x': [add(x, 0), x],
  '0 + x = x': [add(0, x), x],
  'x¹ = x': [pow(x, 1), x],
  'x² is a square': [pow(x, 2), square(x)],
  'identity': [neg(identity(x, 'named')), neg(x)],
  'stopGradient': [neg(stopGradient(x)), neg(x)],
  'a reshape of a reshape': [reshape(reshape(x, [2, 6]), [6, 2]), reshape(x, [6, 2])],
  'a reshape there and back': [reshape(reshape(x, [2, 6]), [3, 4]), x],
  'a transpose of a transpose': [transpose(transpose(x)), x],
  'permutations put together': [transpose(transpose(expandDims(x, 0), [1, 0, 2]), [2, 0, 1]), transpose(expandDims(x, 0), [2, 1, 0])],
  'Aᵀ in a product': [matmul(transpose(transpose(x)), transpose(transpose(y))), matmul(x, y)],
  'a transposed left operand': [matmul(transpose(x), z), matmul(x, z, { transposeA: true })],
  'a transposed right operand': [matmul(x, transpose(z)), matmul(x, z, { transposeB: true })],
  'a transpose of a transposed operand': [matmul(transpose(x), y, { transposeA: true }), matmul(x, y)],
  'a transposed product': [transpose(matmul(x, y)), matmul(y, x, { transposeA: true, transposeB: true })],
  'operands swapped through transposes': [transpose(matmul(transpose(y), transpose(x))), matmul(x, y)],
  'ln softmax': [log(softmax(x)), logSoftmax(x)],
  'ln softmax, named': [log(identity(softmax(identity(x, 'logits')), 'y')), logSoftmax(x)],
  'an empty part': [concat([empty, x], 1), x],
};

describe('rules', () => {
  test.each(Object.entries(rules))('%s', (_, [written, simple]) => expectSame(written, simple));
});

describe('no rule where the shape would change', () => {
  test.each([mul(row, [...Array<number>(3)].length === 3 ? onesLike(x) : 1), add(row, mul(onesLike(x), 0))])(
    '%#',
    (tensor) => {
      const [result] = simplified([tensor]);
      expect(result?.shape).toEqual(tensor.shape);
    },
  );
});

/** Ones in the shape of a tensor, as the gradient of a sum makes them. */
function onesLike(tensor: Tensor): Tensor {
  const [ones] = gradients(reduceSum(tensor), [tensor]);
  return ones ?? tensor;
}

describe('cross-entropy', () => {
  const logits: Tensor = placeholder('logits', [3, 4]);
  const labels: Tensor = placeholder('labels', [3, 4]);
  const byHand = (p: Tensor): Tensor => neg(reduceSum(mul<Tensor, Tensor>(labels, log(p))));
  const byHands: Readonly<Record<string, Tensor>> = {
    'by hand': byHand(softmax(logits)),
    'by hand, named': byHand(identity(softmax(logits), 'y')),
    'by hand, from logSoftmax': neg(reduceSum(mul<Tensor, Tensor>(labels, logSoftmax(logits)))),
  };
  const library: Tensor = reduceSum(
    softmaxCrossEntropy<number[], number[]>(logits as Tensor<number[]>, labels as Tensor<number[]>),
  );
  const written: Readonly<Record<string, Tensor>> = {
    ...byHands,
    'softmaxCrossEntropy, summed': library,
    'operands swapped': neg(reduceSum(mul<Tensor, Tensor>(log(softmax(logits)), labels))),
  };
  const graphOf = (loss: Tensor): Tensor[] => simplified([loss, ...gradients(loss, [logits, labels])]);
  const reference = Object.values(byHands).slice(0, 1).flatMap(graphOf);

  test.each(Object.entries(byHands))('%s: one graph', (_, loss) => {
    expect(structureKey(graphOf(loss))).toBe(structureKey(reference));
  });

  test('softmaxCrossEntropy has the same gradient towards the logits', () => {
    expect(structureKey(graphOf(library).slice(1, 2))).toBe(structureKey(reference.slice(1, 2)));
  });

  test.each(Object.entries(written))('%s: nothing divides, and saturated logits stay finite', (_, loss) => {
    const at = new Map([
      [logits, { shape: [3, 4], data: [900, 0, 0, -900, 0, 0, 0, 0, 1, 2, 3, 4] }],
      [labels, { shape: [3, 4], data: [0, 0, 0, 1, 0, 0, 0, 0, 0.5, 0.25, 2, 0] }],
    ]);
    const [value, dLogits, dLabels] = evaluate(graphOf(loss), at);
    expect(value?.data[0]).toBeGreaterThan(1800);
    for (const result of [value, dLogits, dLabels]) {
      expect(Array.from(result?.data ?? [NaN]).every(Number.isFinite)).toBe(true);
    }
    // p·Σy − y
    expect(Array.from(dLogits?.data.slice(0, 8) ?? [], (x) => x + 0)).toEqual([1, 0, 0, -1, 0, 0, 0, 0]);
  });

  test('the gradient is u − p·Σu', () => {
    const [dz] = gradients(byHand(softmax(logits)), [logits]);
    const u = neg(labels);
    expect(dz && structureKey(simplified([dz]))).toBe(
      structureKey(
        simplified([
          sub<Tensor, Tensor>(u, mul<Tensor, Tensor>(softmax(logits), reduceSum(u, { axis: 1, keepDims: true }))),
        ]),
      ),
    );
  });

  test('a weight a row is summed over the classes too', () => {
    const weights: Tensor = placeholder('weights', [3, 1]);
    const loss = reduceSum(mul<Tensor, Tensor>(reduceSum(log(softmax(logits)), { axis: 1, keepDims: true }), weights));
    const [plain = loss] = gradients(loss, [logits]);
    const [simple = loss] = simplified([plain]);
    const at = new Map([
      [logits, { shape: [3, 4], data: Array.from({ length: 12 }, (_, i) => Math.sin(i)) }],
      [weights, { shape: [3, 1], data: [0.5, 2, 3] }],
    ]);
    const [before, after] = evaluate([plain, simple], at, { precision: 'float64' });
    before?.data.forEach((value, i) => expect(after?.data[i]).toBeCloseTo(value, 10));
  });
});
