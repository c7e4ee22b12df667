/**
 * Cross-entropy where exp overflows and log is infinite, on both backends: loss and gradients are finite and right for any
 * labels, towards the labels too, however the loss is written.
 */
import { afterAll, describe, expect, it } from 'vitest';
import {
  createSession,
  gradients,
  log,
  logSoftmax,
  mul,
  neg,
  placeholder,
  reduceSum,
  softmax,
  softmaxCrossEntropy,
  type NDArray,
  type Session,
  type Tensor,
} from '../../src/index.ts';
import '../../src/node.ts';
import { firstDifference } from '../backend/webgpu/values.ts';

const CLASSES = 5;

const logits = {
  mild: [0.5, -1, 2, 0, 1],
  saturated: [1e4, -1e4, 0, 1e4, -1e4],
  'far beyond': [-1e30, 1e30, 0, -1e30, 1e30],
  'all alike': [1e30, 1e30, 1e30, 1e30, 1e30],
  'one apart': [-1e30, -1e30, -1e30, -1e30, 1e4],
};
const labels = {
  'one-hot': [0, 0, 1, 0, 0],
  'one-hot where it is least likely': [0, 1, 0, 0, 0],
  zero: [0, 0, 0, 0, 0],
  soft: [0.1, 0.2, 0.4, 0.2, 0.1],
  unnormalised: [2, 0, 0.5, 3, 1],
  'of either sign': [-1, 0, 2, 0, 0.5],
};
const rows = Object.values(logits).flatMap((z) => Object.values(labels).map((y) => ({ z, y })));

/** In float64, row by row: the loss, p·Σy − y, and −log p. */
const expected = rows.map(({ z, y }) => {
  const shifted = z.map((value) => value - Math.max(...z));
  const logSum = Math.log(shifted.reduce((sum, value) => sum + Math.exp(value), 0));
  const logP = shifted.map((value) => value - logSum);
  const total = y.reduce((a, b) => a + b, 0);
  return {
    loss: logP.reduce((sum, value, i) => sum - value * (y[i] ?? 0), 0),
    dz: logP.map((value, i) => Math.exp(value) * total - (y[i] ?? 0)),
    dy: logP.map((value) => 0 - value),
  };
});

const losses: Readonly<Record<string, (z: Tensor, y: Tensor) => Tensor>> = {
  softmaxCrossEntropy: (z, y) => softmaxCrossEntropy(z, y),
  'by hand': (z, y) => neg(reduceSum(mul<Tensor, Tensor>(y, log(softmax(z))), { axis: 1 })),
  'negated within': (z, y) => reduceSum(neg(mul<Tensor, Tensor>(log(softmax(z)), y)), { axis: -1 }),
  'by logSoftmax': (z, y) => reduceSum(mul<Tensor, Tensor>(neg(logSoftmax(z)), y), { axis: 1 }),
};

describe.each(['webgpu', 'cpu'] as const)('on %s', (backend) => {
  let session: Session | undefined;
  afterAll(() => session?.dispose());

  it.each(Object.entries(losses))('%s', async (_, lossOf) => {
    session ??= await createSession({ backend });
    const [z, y]: Tensor[] = [placeholder('z', [null, CLASSES]), placeholder('y', [null, CLASSES])];
    if (z === undefined || y === undefined) throw new Error('No placeholders.');
    const loss = lossOf(z, y);
    const slopes = gradients(reduceSum(loss), [z, y]);
    const feeds = { z: rows.map((row) => row.z), y: rows.map((row) => row.y) };
    const [value, dz, dy] = (await session.run([loss, ...slopes], feeds)) as NDArray[];
    expect(
      firstDifference(
        value?.data ?? [],
        expected.map((row) => row.loss),
        1e-5,
      ),
    ).toBeUndefined();
    expect(
      firstDifference(
        dz?.data ?? [],
        expected.flatMap((row) => row.dz),
        1e-6,
      ),
    ).toBeUndefined();
    expect(
      firstDifference(
        dy?.data ?? [],
        expected.flatMap((row) => row.dy),
        1e-5,
      ),
    ).toBeUndefined();
  });
});
