/**
 * Cross-entropy where exp overflows and log is infinite, on both backends: loss and gradients are finite and right for any
 * labels, towards the labels too, in every formulation, and with classes masked by a logit of -Infinity.
 */
import { afterAll, describe, expect, it } from 'vitest';
import {
  add,
  constant,
  createSession,
  gradientDescent,
  gradients,
  log,
  logSoftmax,
  mul,
  neg,
  placeholder,
  reduceMean,
  reduceSum,
  softmax,
  softmaxCrossEntropy,
  square,
  variable,
  type Feeds,
  type NDArray,
  type Session,
  type Tensor,
  type Value,
} from '../../src/index.ts';
import '../../src/node.ts';
import { firstDifference } from './device/values.ts';

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

const _ = -Infinity;
/** Logits, labels that are 0 where a class is masked, and by hand: the loss and its gradients. */
const masked = [
  { z: [0, _, 0, _, 0], y: [1, 0, 0, 0, 0], p: [1 / 3, 0, 1 / 3, 0, 1 / 3] },
  { z: [_, Math.log(3), 0, _, _], y: [0, 0.5, 0.25, 0, 0], p: [0, 0.75, 0.25, 0, 0] },
  { z: [_, _, _, 7, _], y: [0, 0, 0, 2, 0], p: [0, 0, 0, 1, 0] },
  { z: [_, 1e4, 0, 1e4, _], y: [0, 1, 0, -1, 0], p: [0, 0.5, 0, 0.5, 0] },
  { z: [_, 0, 0, 0, 0], y: [0, 0, 0, 0, 0], p: [0, 0.25, 0.25, 0.25, 0.25] },
];

/** ln p, with the logits where p is too small a number; 0 where a class is masked. */
function logsOf({ z, p }: (typeof masked)[number]): number[] {
  const likeliest = p.indexOf(Math.max(...p));
  return z.map((value) => (value === _ ? 0 : Math.log(p[likeliest] ?? 0) + value - (z[likeliest] ?? 0)));
}

const ways = [
  { backend: 'cpu' },
  { backend: 'webgpu', schedule: 'plain' },
  { backend: 'webgpu', schedule: 'fused' },
] as const;

describe.each(ways)('masked classes, $backend $schedule', (options) => {
  let session: Session | undefined;
  const open = async (): Promise<Session> => (session ??= await createSession(options));
  afterAll(() => session?.dispose());
  const [z, y]: Tensor[] = [placeholder('z', [null, CLASSES]), placeholder('y', [null, CLASSES])];
  if (z === undefined || y === undefined) throw new Error('No placeholders.');
  const feeds = { z: masked.map((row) => row.z), y: masked.map((row) => row.y) };
  const valuesOf = async (fetches: readonly Tensor[], fed: Feeds = feeds): Promise<number[][]> =>
    (await (await open()).run(fetches, fed)).map((value: Value) =>
      typeof value === 'number' ? [value] : Array.from(value.data),
    );
  const expectClose = (actual: readonly number[] | undefined, expected: readonly number[]): void =>
    expect(firstDifference(actual ?? [], expected, 1e-6, 1e-5)).toBeUndefined();

  it('add nothing to the loss and to its gradients', async () => {
    const loss: Tensor = softmaxCrossEntropy(z, y);
    const [value, dz, dy] = await valuesOf([loss, ...gradients(reduceSum(loss), [z, y])]);
    expectClose(
      value,
      masked.map((row) => logsOf(row).reduce((sum, log, i) => sum - log * (row.y[i] ?? 0), 0)),
    );
    expectClose(
      dz,
      masked.flatMap(({ y: labels, p }) => p.map((one, i) => one * sum(labels) - (labels[i] ?? 0))),
    );
    expectClose(
      dy,
      masked.flatMap((row) => logsOf(row).map((log) => -log)),
    );
  });

  it('nor to second derivatives', async () => {
    const weights = constant([1, 2, 3, 4, 5]);
    const loss: Tensor = reduceSum(softmaxCrossEntropy(z, y));
    const [dz = loss, dy = loss] = gradients(loss, [z, y]);
    const fetches = [dz, dy].flatMap((slope) => gradients(reduceSum(mul<Tensor, Tensor>(slope, weights)), [z, y]));
    const [zz, zy, yz, yy] = await valuesOf(fetches);
    const mean = (p: readonly number[]): number => p.reduce((all, one, i) => all + one * (i + 1), 0);
    expectClose(
      zz,
      masked.flatMap(({ y: labels, p }) => p.map((one, i) => sum(labels) * one * (i + 1 - mean(p)))),
    );
    // Σ wᵢ·(pᵢ·Σy − yᵢ) by yⱼ, and Σ wᵢ·(ln Σeᶻ − zᵢ) by zⱼ.
    expectClose(
      zy,
      masked.flatMap(({ p }) => p.map((_one, i) => mean(p) - (i + 1))),
    );
    expectClose(
      yz,
      masked.flatMap(({ p }) => p.map((one, i) => 15 * one - (i + 1))),
    );
    expectClose(yy, new Array<number>(CLASSES * masked.length).fill(0));
  });

  it('an entropy has gradients: the labels are a softmax with the same mask', async () => {
    const entropy: Tensor = softmaxCrossEntropy(z, softmax(z));
    const [value, dz] = await valuesOf([entropy, ...gradients(reduceSum(entropy), [z])], { z: feeds.z });
    const entropyOf = (row: (typeof masked)[number]): number =>
      logsOf(row).reduce((all, log, i) => all - log * (row.p[i] ?? 0), 0);
    expectClose(value, masked.map(entropyOf));
    expectClose(
      dz,
      masked.flatMap((row) => logsOf(row).map((log, i) => -(row.p[i] ?? 0) * (log + entropyOf(row)))),
    );
  });

  it('have the probability 0, and no slope', async () => {
    const fetches = [softmax(z), logSoftmax(z), ...gradients(reduceSum(square(softmax(z))), [z])];
    const [p, log, dz] = await valuesOf(fetches, { z: feeds.z });
    expectClose(
      p,
      masked.flatMap((row) => row.p),
    );
    expectClose(
      log,
      masked.flatMap((row) => logsOf(row).map((one, i) => (row.z[i] === _ ? _ : one))),
    );
    expectClose(
      dz,
      masked.flatMap(({ p: all }) => {
        const squares = sum(all.map((one) => one * one));
        return all.map((one) => 2 * one * (one - squares));
      }),
    );
  });

  it('weigh: with a label the loss is infinite, and where none is left it is NaN', async () => {
    const [value] = await valuesOf([softmaxCrossEntropy(z, y)], {
      z: [
        [_, 0, 0, 0, 0],
        [_, _, _, _, _],
        [0, 0, 0, 0, NaN],
      ],
      y: [
        [1, 0, 0, 0, 0],
        [0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0],
      ],
    });
    expect(value).toEqual([Infinity, NaN, NaN]);
  });

  it('written by hand the loss is NaN, as 0 · ∞ is; its gradient is not', async () => {
    const loss = neg(reduceSum(mul<Tensor, Tensor>(y, log(softmax(z)))));
    const [value, dz] = await valuesOf([loss, ...gradients(loss, [z])]);
    expect(value).toEqual([NaN]);
    expectClose(
      dz,
      masked.flatMap(({ y: labels, p }) => p.map((one, i) => one * sum(labels) - (labels[i] ?? 0))),
    );
  });

  it('train: a step moves the weights of the classes that are left', async () => {
    const [W, mask] = [variable(`W ${JSON.stringify(options)}`, [[0, 1, 2]]), constant([[_, 0, 0]])];
    const loss: Tensor = reduceMean(softmaxCrossEntropy(add(W, mask), constant([[0, 1, 0]])));
    const step = gradientDescent(1).minimize(loss);
    const [value] = await (await open()).run([loss, step]);
    expect(value).toBeCloseTo(Math.log(1 + Math.E), 6);
    const after = await (await open()).get(W);
    const p = 1 / (1 + Math.E);
    expectClose(Array.from(after.data), [0, 1 + (1 - p), 2 - (1 - p)]);
  });
});

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}
